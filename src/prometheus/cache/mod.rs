//! What was asked of a server in earlier runs, as files in the user's cache directory.
//!
//! In come the name of a question and the bytes to keep under it; out come the bytes, whole or not at all.
//! What they mean, and when they may be used, is not known here but in [`super::increments`]. The cache is
//! never needed for a right answer and safe to delete at any time. What cannot be read is not there, and
//! what cannot be written is not kept: a run goes on without, and `-v` says so. Read `files.rs` first, then
//! `folder.rs`.

mod files;
mod folder;
mod key;

pub(super) use files::Cache;
pub use folder::{Holdings, holdings};
pub(super) use key::Asker;

//! What was asked of a server in earlier runs, as files in the user's cache directory.
//!
//! It is never needed for a right answer and safe to delete at any time. What cannot be read is not there,
//! and what cannot be written is not kept: a run goes on without, and `-v` says so. What the bytes mean,
//! and when they may be used, is the business of [`super::increments`].

mod files;
mod folder;
mod key;

pub(super) use files::Cache;
pub use folder::{Holdings, holdings};
pub(super) use key::Asker;

//! The user's git: one commit a transition, pushing without replaying old decisions, and reading
//! what a file was at a revision.
//!
//! In come what was written and who decided it; out come commits, and what became of them when somebody
//! else pushed. Rules and verdicts are not known here. Read `commit.rs` first, then `push.rs`.

mod anew;
mod carry;
mod clean;
mod commit;
mod error;
mod files;
mod identity;
mod message;
mod past;
mod push;
mod repository;
mod revision;
mod run;
mod saved_index;
mod scratch;
mod targets;
mod unpublished;
mod waiting;

pub use carry::{Carried, Moved};
pub use commit::{Committed, Finished, apply_and_commit};
pub use error::GitError;
pub use files::edit_and_commit;
pub use identity::user_name;
pub use message::CommitMessage;
pub use past::Past;
pub use push::{Publication, Push, backoff};
pub use repository::Repository;
pub use revision::{FileChange, LogEntry};
pub use unpublished::Unpublished;

//! The directory of plans: finding, reading, locking, atomic writing, evidence and git.

mod apply;
mod atomic;
mod chain;
mod directory;
mod edit;
mod error;
mod evidence;
pub mod git;
mod lock;
mod owed;
mod trouble;

pub use apply::{ALWAYS, Applied, Still, apply, apply_if};
pub use atomic::{Landed, create_file, write_file};
pub use chain::{Break, Chain, Link, evidence_of, orphans};
pub use directory::{CONFIG, Directory, Loaded, PlanFile, USUAL_NAME, Unreadable};
pub use edit::{Edit, edit};
pub use error::WorkspaceError;
pub use evidence::{Grounds, Pinned, Record, Standing};
pub use lock::Lock;
pub use owed::make_up;
pub use trouble::Trouble;

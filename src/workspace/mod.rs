//! The directory of plans: finding, reading, locking, atomic writing, evidence and git.
//!
//! In come a path, a plan as it was read, the state to write and the grounds for it; out come files that
//! are written as a whole or not at all, records that form a chain, and commits. Why a state is to be
//! written is not known here. Read `apply.rs` first.

mod along;
mod apply;
mod atomic;
mod chain;
mod directory;
mod edit;
mod error;
mod evidence;
pub mod git;
mod glance;
mod hold;
mod kept_history;
mod lock;
mod owed;
mod records;
mod same_stage;
mod sealed;
mod trouble;

pub use along::{Along, Look, Projection, project};
pub use apply::{Applied, apply, apply_if};
pub use atomic::{Landed, create_file, write_file};
pub use chain::{Break, Chain, Link, all_evidence_of, evidence_of, latest_in_evidence, orphans};
pub use directory::{CONFIG, Directory, Loaded, PlanFile, USUAL_NAME, Unreadable};
pub use edit::{Edit, edit};
pub use error::WorkspaceError;
pub use evidence::{DecisionContext, Pinned, Record, Standing};
pub use hold::{ALWAYS, Still, With};
pub use kept_history::{KeptHistory, history_of};
pub use lock::Lock;
pub use owed::make_up;
pub use trouble::Trouble;

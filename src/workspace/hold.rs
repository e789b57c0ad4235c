//! The right to write in a directory, and what belongs to a writing besides the plan.

use crate::plan::{State, Status};

use super::along::Projection;
use super::{Directory, Lock, PlanFile, Trouble, WorkspaceError};

/// What else must hold at the moment of writing, asked while nobody else can write.
pub type Still<'a> = &'a dyn Fn() -> Result<(), WorkspaceError>;

/// What belongs to the writing of a plan besides the plan.
#[derive(Clone, Copy)]
pub struct With<'a> {
    /// What else must hold.
    pub still: Still<'a>,
    /// The files that its exposure goes to.
    pub projection: Projection,
}

/// Nothing else has to hold, and nothing else is written.
pub const ALWAYS: With<'static> = With {
    still: &|| Ok(()),
    projection: Projection::NONE,
};

/// True for a state that spares users, and so is written whatever else fails.
pub(super) fn spares(state: &State) -> bool {
    match state.status {
        Status::RolledBack => true,
        Status::Pending | Status::Progressing | Status::Paused | Status::Complete => false,
    }
}

/// The right to write in a directory.
pub(super) enum Hold {
    /// Nobody else writes.
    Alone { _lock: Lock },
    /// Somebody does not let go, and a rollback does not wait for ever: what is written is still
    /// compared with what was read.
    Beside(Trouble),
}

impl Hold {
    pub(super) fn of(
        directory: &Directory,
        plan: &PlanFile,
        state: &State,
    ) -> Result<Self, WorkspaceError> {
        match directory.lock() {
            Ok(lock) => Ok(Self::Alone { _lock: lock }),
            Err(error) if spares(state) => Ok(Self::Beside(Trouble::Unlocked {
                plan: plan.name.clone(),
                why: error.to_string(),
            })),
            Err(error) => Err(error),
        }
    }
}

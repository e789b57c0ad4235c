//! What went wrong beside something that was written. It stands; what is missing is owed, and told.

use std::path::{Path, PathBuf};

use super::WorkspaceError;
use super::atomic::Landed;

/// Something beside what was written did not go well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The disk did not confirm what it was given.
    #[error("{} is written, but not known to outlive a power cut: {why}", path.display())]
    NotDurable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A rollback was written, and its record was not.
    #[error("{plan} is rolled back, but the record of it is missing: {why}")]
    NoRecord {
        /// The plan.
        plan: String,
        /// Why the record could not be written.
        why: String,
    },
    /// A rollback was written although another run did not let go of the directory.
    #[error("{plan} is rolled back without waiting any longer: {why}")]
    Unlocked {
        /// The plan.
        plan: String,
        /// Why the directory could not be locked.
        why: String,
    },
    /// A target still shows more than the rolled-back plan.
    #[error("a target of {plan} still exposes users: {why}")]
    NotLowered {
        /// The plan.
        plan: String,
        /// Why it could not be lowered.
        why: String,
    },
    /// A target's numbers are lowered, and something beside them exposes users.
    #[error("a target of {plan} still exposes users: {why}")]
    StillOpen {
        /// The plan.
        plan: String,
        /// Which file, and what in it does.
        why: String,
    },
    /// A target was written, and could not be read again for the commit of its plan.
    #[error("a target is written, but not committed: {why}")]
    TargetUnread {
        /// Why it could not be read.
        why: String,
    },
    /// A target is written, and no commit of this repository can hold it.
    #[error("a target is written, but in no commit: {why}")]
    TargetKeptOut {
        /// Why not.
        why: String,
    },
    /// A target is lowered, and somebody else's changes in it keep it out of the commit of its plan.
    #[error("a target is written, but not committed: {why}")]
    TargetDirty {
        /// What git knows of it.
        why: String,
    },
}

impl Trouble {
    /// What a write left behind that may not last.
    pub(super) fn of(landed: Landed, shown: &Path) -> Option<Self> {
        let Landed { not_durable } = landed;
        not_durable.map(|error| Self::NotDurable {
            path: shown.to_owned(),
            why: error.to_string(),
        })
    }

    pub(super) fn no_record(plan: &str, error: &WorkspaceError) -> Self {
        Self::NoRecord {
            plan: plan.to_owned(),
            why: error.to_string(),
        }
    }

    /// Whether what was asked for is done all the same.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        match self {
            Self::TargetKeptOut { .. } => true,
            Self::NotDurable { .. }
            | Self::NoRecord { .. }
            | Self::Unlocked { .. }
            | Self::NotLowered { .. }
            | Self::StillOpen { .. }
            | Self::TargetUnread { .. }
            | Self::TargetDirty { .. } => false,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        match self {
            Self::NotDurable { .. } => {
                "it need not be written again; look after the disk (`dmesg`), and at the file after the next start".into()
            }
            Self::NoRecord { .. } => {
                "make it possible to write there; the next command that writes makes up for the record".into()
            }
            Self::TargetUnread { .. } => "the next command with --commit does it".into(),
            Self::TargetKeptOut { .. } => {
                "nothing is to be done where users get the file from here; `rollout validate` says more".into()
            }
            Self::TargetDirty { .. } => {
                "commit it yourself, with the rest of what is in it: whoever gets it from git is exposed until then; rollout commits only what it wrote itself".into()
            }
            Self::NotLowered { plan, .. } => {
                format!("lower it by hand, or make it possible to write there: the next `rollout sync {plan}` or `rollout advance` does it")
            }
            Self::StillOpen { .. } => {
                "take it out of the file by hand: rollout changes only the numbers".into()
            }
            Self::Unlocked { .. } => {
                "look for a run of rollout that does not end (`pgrep -a rollout`), then run again".into()
            }
        }
    }
}

//! How a target stands to what the plan says, as facts: the files are looked at elsewhere.

use crate::plan::TargetKind;
use crate::units::Exposure;

/// One target of a plan, and what users get by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetStanding {
    /// Its file, as the plan names it.
    pub file: String,
    /// What reads it.
    pub kind: TargetKind,
    /// What the plan says.
    pub told: Exposure,
    /// How it stands to that.
    pub state: TargetState,
}

/// How a target stands to what the plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetState {
    /// It shows what the plan says, as finely as its kind can.
    AsTold,
    /// It shows what the plan said before its latest transition: the run that made it did not get so
    /// far, and the next one that writes finishes it.
    Lags {
        /// What it shows.
        shown: Exposure,
    },
    /// Somebody set it below what the plan says.
    Braked {
        /// What it shows.
        shown: Exposure,
    },
    /// The flag is switched off: nobody is exposed, whatever its numbers say.
    Off,
    /// It exposes more users than the plan says.
    Raised {
        /// What it shows.
        shown: Exposure,
    },
    /// Something beside the numbers gives the change to everybody, whatever they say.
    Overruled {
        /// What does.
        why: String,
    },
    /// It says nothing that could be compared, but can be written.
    Changed {
        /// What is wrong.
        why: String,
    },
    /// It can be neither read nor written.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl TargetState {
    /// The word in JSON; with `target-` before it, the code of the reason.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::AsTold => "as-told",
            Self::Lags { .. } => "lags",
            Self::Braked { .. } => "braked",
            Self::Off => "off",
            Self::Raised { .. } => "raised",
            Self::Overruled { .. } => "overruled",
            Self::Changed { .. } => "changed",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// What users get by it, where that is known.
    #[must_use]
    pub const fn shown(&self, told: Exposure) -> Option<Exposure> {
        match self {
            Self::AsTold => Some(told),
            Self::Lags { shown } | Self::Braked { shown } | Self::Raised { shown } => Some(*shown),
            Self::Off => Some(Exposure::NONE),
            Self::Overruled { .. } | Self::Changed { .. } | Self::Unreadable { .. } => None,
        }
    }

    /// True where a person has to look before more users are exposed.
    #[must_use]
    pub const fn holds(&self) -> bool {
        match self {
            Self::AsTold | Self::Lags { .. } => false,
            Self::Braked { .. }
            | Self::Off
            | Self::Raised { .. }
            | Self::Overruled { .. }
            | Self::Changed { .. }
            | Self::Unreadable { .. } => true,
        }
    }
}

//! When a snapshot speaks of.

use crate::plan::State;
use crate::units::Instant;

/// What a snapshot's blocks are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The time before anybody is exposed, for the traffic there is.
    Beforehand {
        /// Its first block begins here at the earliest.
        since: Instant,
    },
    /// A stage; a ramp is one as well.
    Stage {
        /// From 1 on.
        number: u32,
        /// When it was entered.
        entered_at: Instant,
    },
}

impl Moment {
    /// The stage that a plan is in.
    #[must_use]
    pub const fn of(state: &State) -> Self {
        Self::Stage {
            number: state.stage,
            entered_at: state.entered_at,
        }
    }

    /// When the blocks begin.
    #[must_use]
    pub const fn since(self) -> Instant {
        match self {
            Self::Beforehand { since } => since,
            Self::Stage { entered_at, .. } => entered_at,
        }
    }

    /// The stage's number in the format of snapshots, in which 0 is beforehand.
    #[must_use]
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::Beforehand { .. } => 0,
            Self::Stage { number, .. } => number,
        }
    }

    /// From the stage's number in that format.
    pub(super) const fn from_number(number: u32, since: Instant) -> Self {
        match number {
            0 => Self::Beforehand { since },
            number => Self::Stage {
                number,
                entered_at: since,
            },
        }
    }
}

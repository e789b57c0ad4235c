//! What can be decided, and why.

use crate::plan::{Calendar, State, Status};
use crate::units::{Exposure, Instant};

use super::Reason;
use super::gate::Gate;
use super::target::TargetStanding;

/// Exit codes, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Advanced, would advance, complete, or done as asked.
    Go,
    /// Prometheus unreachable, IO, git conflict, stale plan. Nothing was changed.
    Error,
    /// Bad flags, or a plan with mistakes.
    Invalid,
    /// Healthy so far, not yet.
    Hold,
    /// A guardrail with `on_breach = "pause"` is breached.
    NoGo,
    /// A guardrail with `on_breach = "rollback"` is breached.
    Rollback,
    /// Evidence missing, broken or contradictory, or `max_duration` is over.
    Inconclusive,
}

impl Exit {
    /// The process's exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Go => 0,
            Self::Error => 1,
            Self::Invalid => 2,
            Self::Hold => 3,
            Self::NoGo => 4,
            Self::Rollback => 5,
            Self::Inconclusive => 6,
        }
    }

    /// The worse of two: 5, 1, 4, 6, 2, 3, 0.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if self.severity() >= other.severity() {
            self
        } else {
            other
        }
    }

    /// The same outcome unless it is among those that count as well done. Errors, mistakes and
    /// rollbacks are never excused.
    #[must_use]
    pub fn excused(self, ok: &[Self]) -> Self {
        match self {
            Self::Hold | Self::NoGo | Self::Inconclusive if ok.contains(&self) => Self::Go,
            Self::Go
            | Self::Error
            | Self::Invalid
            | Self::Hold
            | Self::NoGo
            | Self::Rollback
            | Self::Inconclusive => self,
        }
    }

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::Error => "ERROR",
            Self::Invalid => "INVALID",
            Self::Hold => "HOLD",
            Self::NoGo => "NO-GO",
            Self::Rollback => "ROLLBACK",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }

    const fn severity(self) -> u8 {
        match self {
            Self::Go => 0,
            Self::Hold => 1,
            Self::Invalid => 2,
            Self::Inconclusive => 3,
            Self::NoGo => 4,
            Self::Error => 5,
            Self::Rollback => 6,
        }
    }
}

/// What is done to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Enter a stage with a larger exposure.
    Advance {
        /// 1-based; stays 1 for a ramp.
        stage: u32,
        /// Its exposure.
        exposure: Exposure,
    },
    /// Stay.
    Hold,
    /// Stop until a person resumes.
    Pause,
    /// Back to this exposure, latched.
    Rollback {
        /// Usually nobody.
        exposure: Exposure,
    },
    /// The last stage's gate has passed.
    Complete,
}

impl Action {
    /// The word in reports and evidence file names.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Advance { .. } => "advance",
            Self::Hold => "hold",
            Self::Pause => "pause",
            Self::Rollback { .. } => "rollback",
            Self::Complete => "complete",
        }
    }
}

/// The decision for one plan.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a decision that is not reported is not a decision"]
pub struct Decision {
    /// What is done.
    pub action: Action,
    /// The first reason decides; the others are what else is in the way.
    pub reasons: Vec<Reason>,
    /// Every rule's answer, in order.
    pub gates: Vec<Gate>,
    /// The exit code.
    pub exit: Exit,
    /// The state to write; `None` where nothing changes. The evidence path in it is that of the old
    /// state: whoever writes the record replaces it.
    pub next: Option<State>,
}

/// Another plan of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name.
    pub name: String,
    /// Its surface.
    pub surface: Option<String>,
    /// Its status; `None` is pending.
    pub status: Option<Status>,
    /// Its exposure.
    pub exposure: Exposure,
}

/// What a decision depends on besides the plan and its verdicts.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// The evaluation instant.
    pub now: Instant,
    /// Windows and freezes.
    pub calendar: Calendar,
    /// The plan's surface is exclusive.
    pub exclusive_surface: bool,
    /// Other valid plans of the directory: at least those that this one waits for, and those on its
    /// surface where that is exclusive.
    pub neighbours: Vec<Neighbour>,
    /// How the plan's targets stand. Records do not hold it: it stops nothing but advances, which then
    /// leave none.
    pub targets: Vec<TargetStanding>,
}

//! What can be decided, and why.

use crate::plan::{Calendar, Status};
use crate::units::{Exposure, Instant, Period};

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

/// Why; one variant for each way the rules can come out. `Display` is the sentence for people.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Rule 1: rolled back, and latched.
    Latched {
        /// What the record says.
        why: Option<String>,
    },
    /// Rule 3: these rollback guardrails are breached.
    Breached {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 4: users are not assigned as declared.
    AssignmentBroken {
        /// How.
        why: String,
    },
    /// Rule 4: these guardrails have no evidence.
    NoData {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 5: these pause guardrails are breached.
    PauseBreached {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 6: the stage is too young.
    MinDuration {
        /// The stage.
        stage: u32,
        /// Time left.
        left: Period,
    },
    /// Rule 7: harm is not ruled out yet.
    NotRuledOut {
        /// The stage.
        stage: u32,
        /// What is still open.
        guardrails: Vec<String>,
        /// Expected time left at the present rate, the longest of them.
        expected: Option<Period>,
    },
    /// Rule 7: a required success metric has not been shown to be better yet.
    NoSuccessYet {
        /// Their names.
        guardrails: Vec<String>,
    },
    /// Rule 7: `max_duration` is over without an answer.
    MaxDurationOver {
        /// The stage.
        stage: u32,
        /// What is still open.
        guardrails: Vec<String>,
    },
    /// Rule 8: paused.
    Paused {
        /// By whom.
        by: String,
        /// Why.
        why: Option<String>,
    },
    /// Rule 8: frozen.
    Frozen {
        /// End of the freeze.
        until: Instant,
        /// Why.
        reason: String,
    },
    /// Rule 8: outside the windows.
    OutsideWindow {
        /// Next opening; `None` when none opens within a year.
        opens: Option<Instant>,
        /// The same in the window's own zone.
        local: Option<String>,
    },
    /// Rule 8: another plan is not far enough.
    Waiting {
        /// The other plan.
        plan: String,
        /// Its least exposure.
        at_least: Exposure,
        /// Its exposure now; `None` when there is no such plan.
        now: Option<Exposure>,
    },
    /// Rule 8: another active plan is on the same exclusive surface.
    SurfaceBusy {
        /// The surface.
        surface: String,
        /// The other plan.
        plan: String,
    },
    /// Rule 9: a person must approve.
    ApprovalNeeded {
        /// The plan, for the command to type.
        plan: String,
        /// The stage.
        stage: u32,
    },
    /// Rule 10: entering a stage.
    Entering {
        /// The stage.
        stage: u32,
        /// Of so many.
        stages: u32,
        /// Its exposure.
        exposure: Exposure,
    },
    /// Rule 10: the last stage's gate has passed.
    LastGatePassed,
    /// Nothing is left to do.
    AlreadyComplete,
    /// The definition of these guardrails changed within the stage: their evidence starts again.
    EvidenceRestarts {
        /// Their names.
        guardrails: Vec<String>,
    },
}

/// One rule's answer; all of them are always evaluated and reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// A short name, such as `min_duration`.
    pub name: &'static str,
    /// Its answer.
    pub state: GateState,
}

/// A gate's answer.
#[derive(Debug, Clone, PartialEq)]
pub enum GateState {
    /// Nothing in the way.
    Open,
    /// In the way, and why.
    Closed(Reason),
    /// Does not apply to this plan now.
    NotApplicable,
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
pub struct Surroundings {
    /// The evaluation instant.
    pub now: Instant,
    /// Windows and freezes.
    pub calendar: Calendar,
    /// The plan's surface is exclusive.
    pub exclusive_surface: bool,
    /// The other valid plans of the directory.
    pub neighbours: Vec<Neighbour>,
}

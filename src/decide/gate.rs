//! A gate: one rule's question, and its answer.

use super::Reason;

/// What a gate asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GateName {
    /// A rolled-back plan stays so.
    Latch,
    /// There is something to judge by, before the first user.
    Preflight,
    /// No guardrail that rolls back is breached.
    Rollback,
    /// A ramp's risk budget is not spent.
    Budget,
    /// Evidence is there, and the assignment holds.
    Data,
    /// No guardrail that pauses is breached.
    Pause,
    /// A ramp's time between moves is over.
    Every,
    /// A ramp has evidence of the present exposure.
    Fresh,
    /// The stage is old enough.
    MinDuration,
    /// No guardrail's evidence starts again.
    Definitions,
    /// No evidence leans to harm.
    Leaning,
    /// The stage's harm is ruled out.
    RuleOut,
    /// No limit is broken in both arms.
    Ambient,
    /// Success metrics that must show a success do.
    Success,
    /// The plan still has the stage it is in.
    Course,
    /// Nobody paused the plan.
    Paused,
    /// The plan is no draft.
    Draft,
    /// No freeze is in force.
    Freeze,
    /// A window is open.
    Window,
    /// Other plans are as far as they must be.
    After,
    /// No other plan has the exclusive surface.
    Surface,
    /// Its targets show what the plan says.
    Target,
    /// A person has approved, where the stage asks for it.
    Approval,
    /// There is nothing left to do.
    Complete,
}

impl GateName {
    /// The word in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Latch => "latch",
            Self::Preflight => "preflight",
            Self::Rollback => "rollback",
            Self::Budget => "budget",
            Self::Data => "data",
            Self::Pause => "pause",
            Self::Every => "every",
            Self::Fresh => "fresh",
            Self::MinDuration => "min_duration",
            Self::Definitions => "definitions",
            Self::Leaning => "leaning",
            Self::RuleOut => "rule_out",
            Self::Ambient => "ambient",
            Self::Success => "success",
            Self::Course => "course",
            Self::Paused => "paused",
            Self::Draft => "draft",
            Self::Freeze => "freeze",
            Self::Window => "window",
            Self::After => "after",
            Self::Surface => "surface",
            Self::Target => "target",
            Self::Approval => "approval",
            Self::Complete => "complete",
        }
    }
}

/// One rule's answer; all of them are always evaluated and reported.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// What it asks for.
    pub name: GateName,
    /// Its answer.
    pub state: GateState,
}

impl Gate {
    /// Closed for this reason, else open.
    pub(super) fn new(name: GateName, closed: Option<Reason>) -> Self {
        Self {
            name,
            state: match closed {
                Some(reason) => GateState::Closed(reason),
                None => GateState::Open,
            },
        }
    }

    /// A gate that this plan, or this moment, does not have.
    pub(super) const fn not_applicable(name: GateName) -> Self {
        Self {
            name,
            state: GateState::NotApplicable,
        }
    }
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

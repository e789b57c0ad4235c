//! A ramp of a report as JSON.

use serde::Serialize;

use crate::decide::{Spending, spending};
use crate::judge::Judgement;
use crate::plan::{Pace, Plan, RampProgress, Schedule};
use crate::units::Period;

use super::number::{Keyword, finite, rfc3339};

/// How far a ramp has come, and what it has spent of its risk budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct RampPart {
    pace: Keyword,
    from: f64,
    to: f64,
    over_seconds: u32,
    #[serde(flatten)]
    moves: Option<Moves>,
    #[serde(flatten)]
    budget: Option<Budget>,
}

/// Only once it has begun.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Moves {
    moves: u32,
    progress_seconds: u32,
    moved_at: String,
}

/// Only where there is a risk budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Budget {
    risk_budget: Option<f64>,
    spent: Option<f64>,
    spent_at_most: Option<f64>,
    strictest: Option<String>,
}

impl RampPart {
    /// `None` for plans in stages.
    pub(super) fn of(plan: &Plan, judgement: Option<&Judgement>) -> Option<Self> {
        let Schedule::Ramp(ramp) = &plan.course else {
            return None;
        };
        let climb = plan.state.as_ref().and_then(|state| state.ramp);
        let moves = climb.map(|climb| {
            let RampProgress {
                moves,
                progress,
                moved_at,
                spent: _,
                settled: _,
            } = climb;
            Moves {
                moves,
                progress_seconds: progress.seconds(),
                moved_at: rfc3339(moved_at),
            }
        });
        let budget = spending(plan, judgement).map(|spending| {
            let Spending {
                budget,
                spent,
                at_most,
                guardrail,
            } = spending;
            Budget {
                risk_budget: finite(budget),
                spent: finite(spent),
                spent_at_most: at_most.and_then(finite),
                strictest: guardrail,
            }
        });
        Some(Self {
            pace: match ramp.pace {
                Pace::Fixed => "fixed",
                Pace::Adaptive { .. } => "adaptive",
            }
            .into(),
            from: ramp.from.percent(),
            to: ramp.to.percent(),
            over_seconds: Period::seconds(ramp.over),
            moves,
            budget,
        })
    }
}

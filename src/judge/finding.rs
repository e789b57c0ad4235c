//! What the judge says.

use crate::plan::{Category, OnBreach, OnNoData, Role};
use crate::units::{Bound, Instant, LogE};

use super::{Clear, Issue, Leaning, Measure, Misassigned, Obstacle, Strength, Undecided, Why};

/// What the evidence says of one guardrail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Harm of the size the stage must rule out is ruled out, and no breach is proven.
    Pass,
    /// Harm beyond the margin or the limit is proven.
    Breach,
    /// Neither is proven.
    Inconclusive,
    /// There is no usable evidence.
    NoData(NoData),
    /// There is nothing to compare: at 100 % nobody is unexposed.
    NotApplicable,
}

impl Verdict {
    /// The word for programs.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Breach => "breach",
            Self::Inconclusive => "inconclusive",
            Self::NoData(_) => "no_data",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// Missing evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoData {
    /// The last instant up to which evidence was good; the stage's entry if there never was any.
    pub since: Instant,
}

/// What the evidence says of an absolute limit.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitFinding {
    /// The limit.
    pub bound: Bound,
    /// Evidence that the exposed arm is beyond it.
    pub log_e_breach: LogE,
    /// The unexposed arm is beyond it too: an ambient incident, which holds and never rolls back.
    pub ambient: bool,
    /// True when the breach is proven and not ambient.
    pub breached: bool,
    /// Where the buckets cannot decide.
    pub undecided: Option<Undecided>,
}

/// Everything the judge says of one guardrail.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The guardrail's name.
    pub name: String,
    /// What it guards.
    pub category: Category,
    /// Guardrail or success metric.
    pub role: Role,
    /// What a breach does.
    pub on_breach: OnBreach,
    /// What missing evidence does.
    pub on_no_data: OnNoData,
    /// What the evidence says.
    pub verdict: Verdict,
    /// The numbers behind it; `None` when nothing was measured.
    pub measure: Option<Measure>,
    /// Evidence of harm over the whole rollout, now; a breach where it is, or was, as much as needed.
    pub harm: Strength,
    /// How far harm of the size to rule out is from being so; `None` where nothing is to be ruled out.
    pub clear: Option<Clear>,
    /// What the evidence leans to break, without proof; `None` for a breach.
    pub leaning: Option<Leaning>,
    /// The absolute limit, where there is one.
    pub limit: Option<LimitFinding>,
    /// Blocks judged.
    pub blocks: u32,
    /// Blocks that should have been there and were not.
    pub blocks_missing: u32,
    /// What is wrong with the evidence.
    pub issues: Vec<Issue>,
    /// The queries that were asked.
    pub queries: Vec<String>,
    /// Why it has its verdict.
    pub why: Why,
}

impl Finding {
    /// The evidence of harm as it counted: of a breach the most at any look, since that stays proven.
    #[must_use]
    pub fn decisive_harm(&self) -> Strength {
        let peak = self
            .measure
            .as_ref()
            .map(|measure| measure.log_e_breach_peak);
        match (self.verdict, peak) {
            (Verdict::Breach, Some(peak)) if peak.0 > self.harm.value.0 => Strength {
                value: peak,
                ..self.harm
            },
            _ => self.harm,
        }
    }
}

/// The evidence of a ramp, as its pace needs it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pacing {
    /// Judged blocks that began at or after the latest move, of the guardrail with the fewest.
    pub blocks_since_move: u32,
    /// One for each guardrail that counts events in two arms.
    pub excesses: Vec<Excess>,
}

/// Excess bad events by one guardrail: what the exposed arm suffered beyond what it would have
/// suffered if it were like the unexposed one.
#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    /// The guardrail's name.
    pub guardrail: String,
    /// Bad events of the exposed arm.
    pub bad: f64,
    /// Events that the exposed arm would have had if it were like the unexposed one.
    pub expected: f64,
    /// Estimated excess bad events; negative when the exposed arm did better.
    pub estimate: f64,
    /// Excess bad events for each expected event: the least that is not excluded, at all looks
    /// together.
    pub at_least: f64,
    /// The most that is not excluded; `None` is unbounded.
    pub at_most: Option<f64>,
    /// What the margin tolerates, on the same scale.
    pub margin: f64,
    /// Expected events an hour if everybody were exposed, at the recent traffic.
    pub expected_hourly: f64,
    /// The most excess bad events an hour if everybody were exposed: everything fails. `None` where
    /// a unit of exposure may hold any number of events.
    pub worst_hourly: Option<f64>,
}

/// Everything the judge says of one plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// One for each guardrail, in the plan's order.
    pub findings: Vec<Finding>,
    /// Rollback evidence of the whole rollout, all rollback guardrails together, now.
    pub log_e_rollback: LogE,
    /// What the next stage must remember, by guardrail name.
    pub carried: crate::plan::CarriedEvidence,
    /// The dispersion that was shown against the metrics' history, which it must remember too.
    pub dispersion: crate::plan::ObservedDispersion,
    /// What the pace of a ramp depends on; `None` for stages.
    pub pacing: Option<Pacing>,
    /// Before the first exposure: what is in the way of judging the plan. `None` in a stage.
    pub preflight: Option<Vec<Obstacle>>,
    /// The assignment of users to arms is not what was declared: all comparisons are void.
    pub assignment_broken: Option<Misassigned>,
}

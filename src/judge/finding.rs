//! What the judge says.

use crate::plan::{Category, OnBreach, OnNoData, Role};
use crate::units::{Bound, Instant, LogE, Period};

use super::{Boundaries, Issue, Leaning, Misassigned, Obstacle, Pacing, Strength, Undecided, Why};

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
    /// The word in reports.
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

/// On which scale estimate, interval, margin and rule-out are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// exposed / unexposed.
    Ratio,
    /// exposed - unexposed, in the metric's own unit.
    Difference,
    /// The exposed arm alone.
    Level,
}

impl Scale {
    /// The word in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Difference => "difference",
            Self::Level => "level",
        }
    }
}

/// One arm over the judged blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArmTotals {
    /// Events, or the sum of the quantity; `None` for levels.
    pub events: Option<f64>,
    /// Requests, users, user-hours or observations; `None` for levels.
    pub total: Option<f64>,
    /// events / total, the mean level, or the quantile in seconds; `None` when there is none.
    pub value: Option<f64>,
    /// For a quantile, whose value is interpolated within a bucket: what is certain of it.
    pub between: Option<Between>,
}

/// The bucket boundaries between which a quantile lies, with 95 % at all looks together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Between {
    /// In seconds; 0 where no boundary is proven to be below it.
    pub lower: f64,
    /// In seconds; `None` where none is proven to be above it.
    pub upper: Option<f64>,
}

/// What was believed of the dispersion besides what the blocks themselves say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief {
    /// Nothing was known: a cautious guess, which an hour of blocks outweighs.
    Guess,
    /// The past of the unexposed arm's instances, in two halves.
    History,
    /// The arms vary so much more than that past that it is not believed.
    HistoryContradicted,
    /// Nor is it any more, because they did so in an earlier stage.
    ShownEarlier,
}

/// The numbers behind a verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The scale of the next five.
    pub scale: Scale,
    /// Point estimate; `None` when there is none, such as a ratio over zero.
    pub estimate: Option<f64>,
    /// Lower end of the anytime-valid interval; `None` is unbounded.
    pub lower: Option<f64>,
    /// Upper end of the anytime-valid interval; `None` is unbounded.
    pub upper: Option<f64>,
    /// The margin on this scale.
    pub margin: Option<f64>,
    /// What must be ruled out, on this scale; `None` when no breach is enough.
    pub rule_out: Option<f64>,
    /// Evidence of harm beyond the margin, within this stage, now.
    pub log_e_breach: LogE,
    /// Evidence of harm beyond the margin over the whole rollout, the largest at any look.
    pub log_e_breach_peak: LogE,
    /// Evidence that harm of the size to rule out is absent, within this stage, now.
    pub log_e_pass: LogE,
    /// The factor by which evidence was tempered; 1 is independent events.
    pub dispersion: f64,
    /// What it was weighed with; `None` where the scatter of the blocks is all that counts.
    pub belief: Option<Belief>,
    /// Which bucket bounds are compared; `None` for what has none.
    pub boundaries: Option<Boundaries>,
    /// Expected time until the rule-out is proven, at the present rate; `None` when it cannot be said.
    pub expected_wait: Option<Period>,
    /// The exposed arm.
    pub exposed: ArmTotals,
    /// The unexposed arm, where there is one.
    pub unexposed: Option<ArmTotals>,
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
    /// Evidence that harm of the size to rule out is absent; `None` where nothing is to be ruled out.
    pub clear: Option<Strength>,
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

/// Everything the judge says of one plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// One for each guardrail, in the plan's order.
    pub findings: Vec<Finding>,
    /// Rollback evidence of the whole rollout, all rollback guardrails together, now.
    pub log_e_rollback: LogE,
    /// What the next stage must remember, by guardrail name.
    pub carried: crate::plan::Carried,
    /// The dispersion that was shown against the metrics' history, which it must remember too.
    pub dispersion: crate::plan::Shown,
    /// What the pace of a ramp depends on; `None` for stages.
    pub pacing: Option<Pacing>,
    /// Before the first exposure: what is in the way of judging the plan. `None` in a stage.
    pub preflight: Option<Vec<Obstacle>>,
    /// The assignment of users to arms is not what was declared: all comparisons are void.
    pub assignment_broken: Option<Misassigned>,
}

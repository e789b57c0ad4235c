//! What is measured: the numbers behind a verdict, and what they are of. Plain data.

use crate::snapshot::Housing;
use crate::units::{LogE, Period};

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

/// How noisy a comparison of counts is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenNoise {
    /// The part of the dispersion that is clumps of events; 1 where events come one by one.
    pub clumps: f64,
    /// What evidence of harm is divided by: the dispersion, with the drift that arms are always granted.
    pub tempering: f64,
    /// By which factor more than the margin the arms may differ because their instances do; 1 where
    /// these are alike or shared.
    pub widening: f64,
    /// Whether the arms share their instances; `None` where that is not known.
    pub housing: Option<Housing>,
}

/// What the numbers of a latency are of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Of {
    /// The quantile itself.
    Quantile(f64),
    /// The share of requests that are slower than so many seconds.
    SlowerThan(f64),
}

/// Between which bucket bounds a limit lies; from one to the other these buckets decide nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Undecided {
    /// In seconds; `None` where the limit is below the first bound.
    pub lower: Option<f64>,
    /// In seconds; `None` where it is beyond the last finite bound.
    pub upper: Option<f64>,
}

/// At which bucket bounds a latency is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundaries {
    /// For a breach.
    pub breach: Vec<BoundPair>,
    /// To rule harm out.
    pub pass: Vec<BoundPair>,
}

/// A bound of each arm whose counts are held against each other, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundPair {
    /// The exposed arm's.
    pub exposed: f64,
    /// The unexposed arm's.
    pub unexposed: f64,
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
    /// Evidence that harm of the size to rule out is absent, within this stage, now; `None` where a score
    /// tells that.
    pub log_e_pass: Option<LogE>,
    /// The factor by which evidence was tempered; 1 is independent events.
    pub dispersion: f64,
    /// What it was weighed with; `None` where the scatter of the blocks is all that counts.
    pub belief: Option<Belief>,
    /// How noisy the comparison is; `None` where that is not measured in events.
    pub noise: Option<SeenNoise>,
    /// Which bucket bounds are compared; `None` for what has none.
    pub boundaries: Option<Boundaries>,
    /// Expected time until the rule-out is proven, at the present rate; `None` when it cannot be said.
    pub expected_wait: Option<Period>,
    /// The exposed arm.
    pub exposed: ArmTotals,
    /// The unexposed arm, where there is one.
    pub unexposed: Option<ArmTotals>,
}

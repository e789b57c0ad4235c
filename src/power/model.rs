//! What is known of a plan's traffic, and what is foretold from it: plain data.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::judge::planning::LevelPast;
use crate::plan::{Kind, OnBreach, Pace};
use crate::snapshot::Unsplit;
use crate::stats::Belief;
use crate::units::{Bound, Effect, Exposure, Period};

/// Traffic of one guardrail's metric, both arms together.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// Requests, users, user-hours or observations a second; 0 for a level, which has none.
    pub per_second: f64,
    /// Events for each of them in the unexposed arm; of a mean or a level, its value.
    pub baseline: f64,
    /// How much more than independent ones the events vary; 1 is independent.
    pub dispersion: f64,
    /// What the judge will believe of that before a stage has data of its own.
    pub belief: Belief,
    /// How a mean varies; `None` for all else, and where it is not known.
    pub scatter: Option<BlockVariance>,
    /// How a level has wandered; `None` for all else, and where it is not known.
    pub levels: Option<Arc<LevelPast>>,
    /// Why the unexposed arm's past teaches nothing, or not all that it might; `None` where it is not known.
    pub unsplit: Option<Unsplit>,
    /// Whether earlier stages of this rollout have shown how its events vary.
    pub is_shown: bool,
}

impl Load {
    /// Counted events that vary so much more than independent ones, of which the judge knows nothing
    /// beforehand.
    #[must_use]
    pub const fn counted(per_second: f64, baseline: f64, dispersion: f64) -> Self {
        Self {
            per_second,
            baseline,
            dispersion,
            belief: Belief::guess(0.0),
            scatter: None,
            levels: None,
            unsplit: None,
            is_shown: false,
        }
    }

    /// True where there is something to plan with.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        let positive = |number: f64| number.is_finite() && number > 0.0;
        positive(self.baseline)
            && positive(self.dispersion)
            && (positive(self.per_second) || self.scatter.is_some() || self.levels.is_some())
    }

    /// True where a mean's or a level's variation is known.
    #[must_use]
    pub const fn is_variation_known(&self) -> bool {
        self.scatter.is_some() || self.levels.is_some()
    }

    /// True where that is known from the unexposed arm's past, which is there before anybody is exposed.
    #[must_use]
    pub fn is_variation_of_past(&self) -> bool {
        let of_mean = self.scatter.is_some_and(|scatter| scatter.is_of_past);
        of_mean
            || self
                .levels
                .as_ref()
                .is_some_and(|levels| levels.is_of_before())
    }
}

/// Where the traffic was taken from.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// A person gave it.
    Given,
    /// It was measured.
    Measured {
        /// The snapshot's source.
        source: String,
        /// Over so many hours, the longest of the guardrails.
        hours: f64,
    },
}

/// The traffic of a plan's guardrails.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// Where it was taken from.
    pub origin: Origin,
    /// By guardrail name; a guardrail that is not here cannot be planned.
    pub loads: BTreeMap<String, Load>,
    /// New users a second, both arms together, where the plan counts its users.
    pub users_per_second: Option<f64>,
}

/// How a mean varies, long-run, as the judge measures it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BlockVariance {
    /// Variance of one term.
    pub(super) per_term: f64,
    /// Variance of the unexposed arm's own mean from block to block, with everything that hits both arms
    /// alike.
    pub(super) of_level: f64,
    /// Length of these blocks in seconds.
    pub(super) block: f64,
    /// It is that of two halves of the unexposed arm, and not of both arms.
    pub(super) is_of_past: bool,
}

/// What a plan can be expected to do at some traffic.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The plan's name.
    pub plan: String,
    /// What it was made from.
    pub traffic: Traffic,
    /// Factors of harm that were asked about.
    pub factors: Vec<f64>,
    /// The pace, where the stages are pieces of a ramp.
    pub ramp: Option<Pace>,
    /// In order. A ramp is shown in pieces.
    pub stages: Vec<StageForecast>,
    /// Harm that is there from the start, until the rollout ends; guardrails that roll back only.
    pub journeys: Vec<HarmOutcome>,
}

impl Forecast {
    /// True when the traffic was measured.
    #[must_use]
    pub const fn is_measured(&self) -> bool {
        match self.traffic.origin {
            Origin::Measured { .. } => true,
            Origin::Given => false,
        }
    }
}

/// One stage.
#[derive(Debug, Clone, PartialEq)]
pub struct StageForecast {
    /// 1-based.
    pub stage: u32,
    /// The share of users who see the change.
    pub exposure: Exposure,
    /// Not left before this.
    pub min_duration: Period,
    /// Nothing can be judged in it before this.
    pub floor: Period,
    /// After this without an answer a person decides.
    pub max_duration: Option<Period>,
    /// In the plan's order.
    pub guardrails: Vec<GuardrailForecast>,
    /// Until a harmless change has passed all of them; `None` where not several have something to rule out.
    pub together: Option<Together>,
}

/// What all guardrails of a stage do together, as if they were independent of each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Together {
    /// So many have something to rule out.
    pub guardrails: u32,
    /// The one with the least to spare.
    pub last: String,
    /// Expected time; `None` is never.
    pub after: Option<Period>,
    /// Smallest factor of harm that so many guardrails like the last one rule out within `min_duration`.
    pub affordable: Option<f64>,
    /// Expected time with half of the users exposed, where more are.
    pub at_half: Option<Period>,
}

/// One guardrail in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardrailForecast {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// What a breach does.
    pub on_breach: OnBreach,
    /// A margin and a limit share its evidence of harm.
    pub is_shared: bool,
    /// The numbers, or why there are none.
    pub answer: Answer,
}

/// Numbers, or why there are none.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// What can be expected.
    Foreseen(Numbers),
    /// Nothing can be said.
    Unforeseen(Unforeseen),
}

/// Why nothing can be said of a guardrail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unforeseen {
    /// Everybody is exposed: there is nobody to compare with.
    NobodyUnexposed,
    /// Without a margin nothing is compared.
    NoMargin,
    /// A plain threshold has no error control, and so no power.
    Threshold,
    /// How a mean or a gauge varies is not known.
    NoSpread,
    /// How common requests are that take so much longer is not known from the traffic.
    NoTail,
    /// No traffic is known for it.
    NoTraffic,
}

impl Unforeseen {
    /// The word by which programs know it; it stays when the sentence is reworded.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NobodyUnexposed => "nobody-unexposed",
            Self::NoMargin => "no-margin",
            Self::Threshold => "plain-threshold",
            Self::NoSpread => "spread-unknown",
            Self::NoTail => "tail-unknown",
            Self::NoTraffic => "traffic-unknown",
        }
    }
}

/// What can be expected of one guardrail in one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// Smallest factor of harm that is found within `min_duration`, more likely than not.
    pub smallest: Option<f64>,
    /// What is found: harm beyond the margin, or beyond the limit where only that is asked.
    pub tolerated: Asked,
    /// What must be ruled out; `None` when no breach is enough.
    pub rule_out: Option<Asked>,
    /// Expected time until a harmless change has ruled it out; `None` is never.
    pub rule_out_after: Option<Period>,
    /// Smallest factor of harm that a harmless change rules out within `min_duration`.
    pub affordable: Option<f64>,
    /// Expected time until it has ruled out what it must with half of the users exposed, where more are.
    pub at_half: Option<Period>,
    /// For each factor of harm.
    pub harms: Vec<Harm>,
}

/// Harm that is there from the start of the stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harm {
    /// So many times the unexposed value; for a metric that gets worse downwards, divided by it.
    pub factor: f64,
    /// Until it is proven; `None` is never, such as when it is within the margin.
    pub cost: Option<Cost>,
}

/// What happens until harm is found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Expected time.
    pub time: Period,
    /// Exposed requests, users, user-hours or observations by then.
    pub exposed: f64,
    /// New users exposed by then, where the plan counts its users.
    pub users: Option<f64>,
    /// Bad events by then that would not have been.
    pub excess: f64,
}

/// What is to be proven or ruled out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Asked {
    /// Harm of this size, against the unexposed arm.
    Harm(Effect),
    /// That the exposed arm is beyond this limit.
    Limit(Bound),
}

/// Harm of one size in one guardrail, from the start of the rollout to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct HarmOutcome {
    /// The guardrail whose metric is harmed.
    pub guardrail: String,
    /// The size.
    pub factor: f64,
    /// How it ends.
    pub end: End,
    /// What it cost by then.
    pub cost: Cost,
}

/// How a harmful rollout ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Rolled back in this stage.
    RolledBack {
        /// 1-based.
        stage: u32,
    },
    /// It stays in this stage until a person decides: neither the breach nor its absence is proven
    /// within the stage's `max_duration`, or ever.
    Stuck {
        /// 1-based.
        stage: u32,
    },
    /// It passes every stage: the plan tolerates harm of this size or cannot see it.
    Released,
}

//! The snapshot as the judge sees it. Its JSON form is `snapshot::wire`.

use std::collections::BTreeMap;

use crate::plan::{Column, Plan};
use crate::units::{Instant, Period};

use super::{ArmSeries, EvidenceIssue, History, InstanceCounts, Moment, Series, Unsplit};

/// Everything Prometheus said for one evaluation of one plan.
///
/// Invariants, checked when it is made: every series is as long as its `ends`; `ends` increase
/// strictly; numbers are finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The plan's name.
    pub plan: String,
    /// The evaluation instant.
    pub taken_at: Instant,
    /// Where the server does not tell of the newest time yet: blocks that end later are not known. `None`
    /// where all up to `taken_at` are.
    pub known_until: Option<Instant>,
    /// Where it came from: the base URL without credentials, or what made it.
    pub source: String,
    /// What its blocks are of.
    pub moment: Moment,
    /// Length of a block.
    pub block: Period,
    /// By guardrail name.
    pub guardrails: BTreeMap<String, GuardrailSeries>,
    /// Unique users at first exposure.
    pub assignment: Option<AssignmentSeries>,
}

/// What was measured for one guardrail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GuardrailSeries {
    /// Block ends in Unix seconds, increasing; blocks may be missing between them.
    pub ends: Vec<i64>,
    /// The exposed arm.
    pub exposed: ArmSeries,
    /// The unexposed arm; empty columns where there is none.
    pub unexposed: ArmSeries,
    /// What is wrong with this evidence. Any entry voids it: the verdict is `no_data`.
    pub issues: Vec<EvidenceIssue>,
    /// The queries that were sent, for `explain`.
    pub queries: Vec<String>,
    /// The unexposed arm before the stage, in groups of its instances; `None` where it cannot be had,
    /// which is no problem of the evidence.
    pub history: Option<History>,
    /// The same groups within the stage, in the first of its blocks; of counts alone.
    pub during: Option<History>,
    /// Why there are no groups, where there are none.
    pub unsplit: Option<Unsplit>,
    /// Seconds between scrapes of the arm that is scraped more rarely; `None` where it is not known,
    /// and in snapshots of before it was asked.
    pub scrape_seconds: Option<u32>,
    /// Instances seen in the stage; `None` where they cannot be told apart, and in older snapshots.
    pub instances: Option<InstanceCounts>,
    /// Before the first exposure: what was seen of the arms' label, by column. Empty in a stage.
    pub preflight: BTreeMap<Column, LabelSeen>,
    /// Runs of blocks, by the ends of the first and the last in Unix seconds, in which the exposed arm has
    /// a total and no series of `events` at all: their zeros are assumed and not read. Empty in older
    /// snapshots.
    pub assumed: Vec<(i64, i64)>,
}

/// Which values the arms' label has on the series of a selector. Of a query for one arm, the
/// unexposed arm's value where it gives anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelSeen {
    /// In use within the last hour, in order; the empty value is a series without the label.
    pub values: Vec<String>,
    /// Those with a sample within the last five minutes.
    pub recent: Vec<String>,
    /// What the server said where it did not answer.
    pub refused: Option<String>,
    /// Where nothing is fresh: when there was a sample within the last week, in Unix seconds.
    pub last_seen: Option<i64>,
    /// What is wrong with the series that are there.
    pub flaw: Option<Flaw>,
    /// Where no series has the arms' label: the labels that one of them has.
    pub labels: Vec<String>,
    /// Where the same requests are counted several times: once for each of these values of a label.
    pub copies: Option<Copies>,
}

/// By what copies of the same series are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copies {
    /// The label.
    pub label: String,
    /// Its values.
    pub values: Vec<String>,
}

/// What makes series that are there useless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// No sample is a finite number.
    NoNumber,
    /// A classic histogram's series have no `le`.
    NoBounds,
    /// A classic histogram has no bucket but `+Inf`.
    OnlyInfinite,
    /// A classic histogram has no bucket `+Inf`.
    NoInfinite,
    /// A native histogram was named, and these are plain numbers.
    NotNative,
}

impl Flaw {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::NoNumber,
        Self::NoBounds,
        Self::OnlyInfinite,
        Self::NoInfinite,
        Self::NotNative,
    ];

    /// The word in snapshots.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoNumber => "no-number",
            Self::NoBounds => "no-bounds",
            Self::OnlyInfinite => "only-infinite",
            Self::NoInfinite => "no-infinite",
            Self::NotNative => "not-native",
        }
    }
}

impl Snapshot {
    /// Nothing measured yet, of a plan that has exposed nobody.
    #[must_use]
    pub fn before(plan: &Plan, source: &str, now: Instant) -> Self {
        Self {
            plan: plan.name.clone(),
            taken_at: now,
            known_until: None,
            source: source.to_owned(),
            moment: Moment::Beforehand { since: now },
            block: Period::from_minutes(5),
            guardrails: BTreeMap::new(),
            assignment: None,
        }
    }

    /// When its blocks begin: the stage was entered then, or so far back was asked beforehand.
    #[must_use]
    pub const fn since(&self) -> Instant {
        self.moment.since()
    }
}

/// Unique users at their first exposure, per block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignmentSeries {
    /// Block ends in Unix seconds, increasing.
    pub ends: Vec<i64>,
    /// Users of the exposed arm.
    pub exposed: Series,
    /// Users of the unexposed arm.
    pub unexposed: Series,
    /// What is wrong with this evidence.
    pub issues: Vec<EvidenceIssue>,
}

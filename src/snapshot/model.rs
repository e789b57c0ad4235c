//! The snapshot as the judge sees it. Its JSON form is `snapshot::wire`.

use std::collections::BTreeMap;

use crate::plan::{Column, Plan};
use crate::units::{Instant, Period};

use super::{EvidenceIssue, Moment};

/// One entry a block: the increment (or level) within the block, `None` where it is missing.
pub type Series = Vec<Option<f64>>;

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
    /// How much groups of the unexposed arm's instances differ by themselves; `None` where it cannot be
    /// split, which is no problem of the evidence.
    pub history: Option<History>,
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

/// The unexposed arm, before the stage and during it, in groups of instances that no change tells apart:
/// an A/A test for free, from which the dispersion of the metric can be learnt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// Block ends in Unix seconds, increasing; blocks have the snapshot's length.
    pub ends: Vec<i64>,
    /// An even number of groups of instances, of which some may be empty; two in older records.
    pub groups: Vec<ArmSeries>,
    /// What each instance adds up to over all blocks, by name; some of them, where there are many.
    pub instances: BTreeMap<String, BTreeMap<Column, f64>>,
}

impl History {
    /// A history of two halves.
    #[must_use]
    pub fn of_halves(ends: Vec<i64>, first: ArmSeries, second: ArmSeries) -> Self {
        Self {
            ends,
            groups: vec![first, second],
            instances: BTreeMap::new(),
        }
    }

    /// One half of the groups, and the other half. Where all instances happen to be in one of them, the
    /// groups that hold any are divided: two pods should not go without a history every other time.
    #[must_use]
    pub fn halves(&self) -> [ArmSeries; 2] {
        let (first, second) = self.groups.split_at(self.groups.len() / 2);
        let is_used = |group: &&ArmSeries| !group.is_empty();
        if first.iter().any(|group| is_used(&group)) && second.iter().any(|group| is_used(&group)) {
            return [first, second].map(|half| ArmSeries::sum(half.iter()));
        }
        let used = || self.groups.iter().filter(is_used);
        let middle = used().count() / 2;
        [
            ArmSeries::sum(used().take(middle)),
            ArmSeries::sum(used().skip(middle)),
        ]
    }
}

/// How many instances of each arm were seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InstanceCounts {
    /// Of the exposed arm.
    pub exposed: u32,
    /// Of the unexposed arm.
    pub unexposed: u32,
}

/// One arm's columns. Which are filled depends on the metric's kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArmSeries {
    /// Numbers by column.
    pub columns: BTreeMap<Column, Series>,
    /// Histogram counts by upper bound in seconds, increasing, cumulative; the last is `+Inf`.
    pub buckets: Vec<(f64, Series)>,
}

impl ArmSeries {
    /// The numbers of a column.
    #[must_use]
    pub fn column(&self, column: Column) -> Option<&Series> {
        self.columns.get(&column)
    }

    /// Several groups of one arm together. A block is there where it is in any of them.
    #[must_use]
    pub fn sum<'a>(groups: impl Iterator<Item = &'a Self>) -> Self {
        let add = |sum: &mut Series, more: &Series| {
            for (sum, value) in sum.iter_mut().zip(more) {
                *sum = match (*sum, *value) {
                    (Some(a), Some(b)) => Some(a + b),
                    (one, other) => one.or(other),
                };
            }
        };
        let mut total = Self::default();
        for group in groups {
            for (column, series) in &group.columns {
                match total.columns.get_mut(column) {
                    Some(sum) => add(sum, series),
                    None => {
                        total.columns.insert(*column, series.clone());
                    }
                }
            }
            for (bound, series) in &group.buckets {
                let place = total.buckets.iter().position(|(known, _)| known >= bound);
                match place.map(|place| (place, &mut total.buckets[place])) {
                    Some((_, (known, sum))) if known.total_cmp(bound).is_eq() => add(sum, series),
                    Some((place, _)) => total.buckets.insert(place, (*bound, series.clone())),
                    None => total.buckets.push((*bound, series.clone())),
                }
            }
        }
        total
    }

    /// True when nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.buckets.is_empty()
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

//! What is known of the unexposed arm in groups of instances that no change tells apart, before a stage
//! and within it, and of the instances themselves. How the groups are made is not known here.

use std::collections::BTreeMap;

use crate::plan::{Column, Kind, Word};
use crate::units::Period;

use super::{ArmSeries, Series};

/// The unexposed arm in groups of instances that no change tells apart: an A/A test for free, from which
/// the dispersion of the metric can be learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Block ends in Unix seconds, increasing.
    pub ends: Vec<i64>,
    /// Length of these blocks, which need not be that of the stage's.
    pub block: Period,
    /// An even number of groups of instances, of which some may be empty; or one, the level of the whole
    /// arm, where a level cannot be split.
    pub groups: Vec<ArmSeries>,
    /// What each instance adds up to over all blocks, by name; of a level, its mean. Some of them, where
    /// there are many.
    pub instances: BTreeMap<String, BTreeMap<Column, f64>>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            ends: Vec::new(),
            block: Period::from_minutes(5),
            groups: Vec::new(),
            instances: BTreeMap::new(),
        }
    }
}

impl History {
    /// Days of events against a total: clumps show within hours, and drift within days.
    const DAYS_OF_COUNTS: i64 = 3;

    /// Days of everything else: noise that lasts half a day needs a week to be told from harm.
    const DAYS_OF_OTHERS: i64 = 7;

    /// How many days before a stage the judge learns from, of this kind of metric.
    #[must_use]
    pub const fn days_of(kind: Kind) -> i64 {
        match kind {
            Kind::Ratio { .. } | Kind::Rate { .. } => Self::DAYS_OF_COUNTS,
            Kind::Latency { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => {
                Self::DAYS_OF_OTHERS
            }
        }
    }

    /// A history of two halves in blocks of this length.
    #[must_use]
    pub fn of_halves(ends: Vec<i64>, block: Period, first: ArmSeries, second: ArmSeries) -> Self {
        Self {
            ends,
            block,
            groups: vec![first, second],
            instances: BTreeMap::new(),
        }
    }

    /// Which of these groups, by whether they hold any instance, are the first half: the first so many, and
    /// where all instances happen to be in one half, the first of those that hold any. Two pods should not go
    /// without a history every other time. The used ones besides are the second half.
    #[must_use]
    pub fn first_half(used: &[bool]) -> Vec<usize> {
        let middle = used.len() / 2;
        let places: Vec<usize> = (0..used.len()).filter(|place| used[*place]).collect();
        let low = places.partition_point(|place| *place < middle);
        let is_split = (1..places.len()).contains(&low);
        let first = if is_split { low } else { places.len() / 2 };
        places[..first].to_vec()
    }

    /// One half of the groups, and the other half, as [`History::first_half`] divides them.
    #[must_use]
    pub fn halves(&self) -> [ArmSeries; 2] {
        let used: Vec<bool> = self.groups.iter().map(|group| !group.is_empty()).collect();
        let first = Self::first_half(&used);
        let half = |is_first: bool| {
            let groups = self.groups.iter().enumerate();
            let of = groups.filter(|(place, _)| first.contains(place) == is_first);
            ArmSeries::sum(of.map(|(_, group)| group))
        };
        [half(true), half(false)]
    }

    /// The level of the whole unexposed arm, where that is all there is: its instances could not be told
    /// apart.
    #[must_use]
    pub fn level(&self) -> Option<&Series> {
        match self.groups.as_slice() {
            [whole] => whole.column(Column::Query),
            _ => None,
        }
    }

    /// Days from the first block of which anything is known to the last, both included.
    #[must_use]
    pub fn days(&self) -> f64 {
        let is_known = |place: usize| {
            let known = |series: &Series| series.get(place).is_some_and(Option::is_some);
            let of = |group: &ArmSeries| {
                group.columns.values().any(known) || group.buckets.iter().any(|(_, one)| known(one))
            };
            self.groups.iter().any(of)
        };
        let mut places = 0..self.ends.len();
        let Some(first) = places.find(|place| is_known(*place)) else {
            return 0.0;
        };
        let last = places.rfind(|place| is_known(*place)).unwrap_or(first);
        let seconds = self.ends[last] - self.ends[first] + i64::from(self.block.seconds());
        seconds as f64 / 86_400.0
    }

    /// The blocks that end by then, and those after them. What instances add up to stays with the first.
    #[must_use]
    pub fn split_at(self, end: i64) -> [Self; 2] {
        let Self {
            mut ends,
            block,
            groups,
            instances,
        } = self;
        let place = ends.partition_point(|one| *one <= end);
        let late = ends.split_off(place);
        let (early_groups, late_groups) = groups
            .into_iter()
            .map(|group| group.split_at(place))
            .unzip();
        let part = |ends, groups, instances| Self {
            ends,
            block,
            groups,
            instances,
        };
        [
            part(ends, early_groups, instances),
            part(late, late_groups, BTreeMap::new()),
        ]
    }
}

/// How many instances of each arm were seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceCounts {
    /// Of the exposed arm.
    pub exposed: u32,
    /// Of the unexposed arm.
    pub unexposed: u32,
    /// Those that serve both arms; `None` in older snapshots.
    pub shared: Option<u32>,
    /// The label that names them, such as `pod`; `None` in older snapshots.
    pub label: Option<String>,
}

impl InstanceCounts {
    /// Where the arms live; `None` where it is not known.
    #[must_use]
    pub fn housing(&self) -> Option<Housing> {
        let shared = self.shared?;
        if self.exposed == 0 || self.unexposed == 0 {
            return None;
        }
        Some(if shared > self.exposed / 2 {
            Housing::Shared
        } else {
            Housing::Own
        })
    }
}

/// Where the two arms live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Housing {
    /// The same instances serve both arms, as with a feature flag: most of the exposed arm's instances
    /// serve the unexposed arm, too.
    Shared,
    /// The arms have instances of their own, as with a canary deployment.
    Own,
}

/// Why the unexposed arm is not there in groups of instances. It is no problem of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsplit {
    /// No label of the series names an instance.
    NoInstanceLabel,
    /// There is one instance.
    OneInstance,
    /// The plan asks with queries of its own, which give sums.
    OwnQueries,
    /// A native histogram is added up by the server.
    NativeHistogram,
    /// Instances can be told apart, and nothing was seen of them before the stage.
    NothingBefore,
    /// The server did not answer: it was asked for too much, or refused.
    NotAnswered,
}

impl Word for Unsplit {
    const ALL: &'static [Self] = &[
        Self::NoInstanceLabel,
        Self::OneInstance,
        Self::OwnQueries,
        Self::NativeHistogram,
        Self::NothingBefore,
        Self::NotAnswered,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::NoInstanceLabel => "no-instance-label",
            Self::OneInstance => "one-instance",
            Self::OwnQueries => "own-queries",
            Self::NativeHistogram => "native-histogram",
            Self::NothingBefore => "nothing-before",
            Self::NotAnswered => "not-answered",
        }
    }
}

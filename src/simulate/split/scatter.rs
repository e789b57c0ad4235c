//! How a metric scatters where nothing was changed, as the past shows it, for people.

use crate::plan::{Column, Guardrail, Kind};
use crate::snapshot::{ArmSeries, Series, SlotBlocks, SlotSeries};
use crate::stats::{GroupBlock, Instances, Learnt};
use crate::units::Worse;

use super::harm::MOSTLY;
use super::scene::{group_of, summed};
use super::trial::Split;

/// As many as the judge learns from.
const GROUPS: usize = 8;

/// Blocks of the time over which drift is given: four hours, the longest that the judge learns drift from.
const FOUR_HOURS: f64 = 48.0;

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Fewer pairs of numbers say nothing of how they scatter.
const LEAST: usize = 3;

/// How a metric scatters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scatter {
    /// Counted events.
    Counts {
        /// Variance over mean of what comes in clumps; 1 is chance alone.
        clumps: f64,
        /// By which share two halves drift apart within four hours, at most.
        drift: f64,
        /// By which share instances differ for good, beyond chance.
        spread: f64,
    },
    /// Values: by which share two halves of the instances differ, besides what they always differ by.
    Values {
        /// From hour to hour.
        hour: f64,
        /// From day to day; `None` where there are too few days.
        day: Option<f64>,
    },
    /// The past does not tell.
    Unknown,
}

impl Split<'_> {
    /// Whether harm of a size divides a guardrail's metric by it, in place of multiplying it or its failures.
    pub(super) fn divides(&self, guardrail: &Guardrail) -> bool {
        let kind = guardrail.metric.kind;
        if kind.worse() == Worse::Higher {
            return false;
        }
        let series = self.history().and_then(|part| {
            let series = part.guardrails.get(&guardrail.name)?;
            Some(summed(kind, series, 0..part.ends.len(), &|_, _| true))
        });
        let reads = series.and_then(|all| Reads::of(kind, &all));
        !matches!(reads, Some(Reads::Events { failing: true, .. }))
    }

    /// How a guardrail's metric scatters in all of this past.
    #[must_use]
    pub fn scatter(&self, guardrail: &Guardrail) -> Scatter {
        let part = self.history();
        let series = part.and_then(|part| Some((part, part.guardrails.get(&guardrail.name)?)));
        let Some((part, series)) = series else {
            return Scatter::Unknown;
        };
        let kind = guardrail.metric.kind;
        let found = match kind {
            Kind::Ratio { .. } | Kind::Rate { .. } | Kind::Latency { .. } => {
                counts(kind, part, series)
            }
            Kind::Mean { .. } | Kind::Gauge { .. } => values(kind, part, series),
            Kind::Point { .. } => None,
        };
        found.unwrap_or(Scatter::Unknown)
    }
}

fn counts(kind: Kind, part: &SlotBlocks, series: &SlotSeries) -> Option<Scatter> {
    let all = summed(kind, series, 0..part.ends.len(), &|_, _| true);
    let reads = Reads::of(kind, &all)?;
    let group = |group: usize| {
        let picks = |slot, _| group_of(slot, GROUPS) == group;
        reads.blocks(&summed(kind, series, 0..part.ends.len(), &picks))
    };
    let groups: Vec<Vec<GroupBlock>> = (0..GROUPS).map(group).collect();
    let seconds = f64::from(part.block.seconds());
    let learnt = Learnt::from_groups(&groups, seconds)?;
    let slots = series.slots.iter().map(|slot| {
        let blocks = reads.blocks(slot);
        blocks
            .iter()
            .fold((0.0, 0.0), |sum, block| (sum.0 + block.0, sum.1 + block.1))
    });
    let instances = Instances {
        sums: slots.collect(),
    };
    Some(Scatter::Counts {
        clumps: learnt.clumps,
        // The variance of the logarithm of a ratio is the dispersion over the information, and what drift
        // adds to the dispersion is in units of the information of five minutes.
        drift: (learnt.drift / FOUR_HOURS).sqrt(),
        spread: instances.spread(learnt.clumps).sqrt(),
    })
}

/// How events and total are read of an arm.
#[derive(Debug, Clone, Copy)]
enum Reads {
    Events { whole: Column, failing: bool },
    Slower { bound: usize },
}

impl Reads {
    fn of(kind: Kind, all: &ArmSeries) -> Option<Self> {
        let sum = |series: Option<&Series>| -> f64 { series.into_iter().flatten().flatten().sum() };
        let share = |whole| sum(all.column(Column::Events)) / sum(all.column(whole));
        match kind {
            Kind::Ratio { worse } => Some(Self::Events {
                whole: Column::Total,
                failing: worse == Worse::Lower && share(Column::Total) > MOSTLY,
            }),
            Kind::Rate { .. } => Some(Self::Events {
                whole: Column::Per,
                failing: false,
            }),
            Kind::Latency { quantile, .. } => {
                let last = all.buckets.len().checked_sub(1)?;
                let count = sum(Some(&all.buckets[last].1));
                let is_near = |place: &usize| sum(Some(&all.buckets[*place].1)) >= quantile * count;
                let near = (0..last).find(is_near).or(last.checked_sub(1))?;
                Some(Self::Slower { bound: near })
            }
            Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => None,
        }
    }

    fn blocks(self, arm: &ArmSeries) -> Vec<GroupBlock> {
        let pair = |one: Option<&Series>, other: Option<&Series>| -> Vec<(f64, f64)> {
            let (Some(one), Some(other)) = (one, other) else {
                return Vec::new();
            };
            let both = one.iter().zip(other);
            both.map(|(one, other)| one.zip(*other).unwrap_or((0.0, 0.0)))
                .collect()
        };
        match self {
            Self::Events { whole, failing } => {
                let blocks = pair(arm.column(Column::Events), arm.column(whole)).into_iter();
                blocks
                    .map(|(events, total)| {
                        let failed = (total - events).max(0.0);
                        (if failing { failed } else { events }, total)
                    })
                    .collect()
            }
            Self::Slower { bound } => {
                let bucket = |place: usize| arm.buckets.get(place).map(|(_, series)| series);
                let all = arm.buckets.len().checked_sub(1).and_then(bucket);
                let blocks = pair(bucket(bound), all).into_iter();
                blocks
                    .map(|(within, all)| ((all - within).max(0.0), all))
                    .collect()
            }
        }
    }
}

fn values(kind: Kind, part: &SlotBlocks, series: &SlotSeries) -> Option<Scatter> {
    let half = |half: usize| {
        let picks = |slot, _| group_of(slot, 2) == half;
        summed(kind, series, 0..part.ends.len(), &picks)
    };
    let halves = [half(0), half(1)];
    let means = |length: i64| -> Vec<f64> {
        let mut places = 0..part.ends.len();
        let mut differences = Vec::new();
        while let Some(first) = places.next() {
            let run = (part.ends[first] - 1).div_euclid(length);
            let ends = part.ends[first..].iter();
            let count = ends
                .take_while(|end| (**end - 1).div_euclid(length) == run)
                .count();
            places = first + count..part.ends.len();
            let mean = |arm: &ArmSeries| mean(kind, arm, first..first + count);
            if let (Some(one), Some(other)) = (mean(&halves[0]), mean(&halves[1]))
                && one > 0.0
                && other > 0.0
            {
                differences.push((one / other).ln());
            }
        }
        differences
    };
    Some(Scatter::Values {
        hour: deviation(&means(HOUR))?,
        day: deviation(&means(DAY)),
    })
}

/// The mean over these blocks.
fn mean(kind: Kind, arm: &ArmSeries, places: std::ops::Range<usize>) -> Option<f64> {
    let sum = |column| -> Option<(f64, f64)> {
        let series = arm.column(column)?.get(places.clone())?;
        let known = series.iter().flatten();
        Some((known.clone().sum(), known.count() as f64))
    };
    let (sum, count) = if let Kind::Gauge { .. } = kind {
        sum(Column::Query)?
    } else {
        (sum(Column::Sum)?.0, sum(Column::Count)?.0)
    };
    (count > 0.0).then(|| sum / count)
}

fn deviation(values: &[f64]) -> Option<f64> {
    if values.len() < LEAST {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (n - 1.0)).sqrt())
}

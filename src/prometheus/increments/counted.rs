//! What the series of one counter add up to: by arm, by bound, by group of instances. Pure.

use std::collections::BTreeMap;

use crate::plan::Arms;
use crate::snapshot::{Arm, Series, SeriesFault};

use super::marks::Restarts;
use crate::prometheus::Grid;
use crate::prometheus::answer::{Labels, Point, Returned};

/// Groups of instances of the unexposed arm.
pub(in crate::prometheus) const GROUPS: usize = 8;

/// What of the unexposed arm makes a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// Instances whose names have like digests: [`GROUPS`] groups.
    Alike,
    /// Each instance by itself.
    Each,
}

/// A mean's sums that were no number: the block ends, by the labels of the series without its name.
pub(in crate::prometheus) type Unknown = BTreeMap<String, Vec<i64>>;

/// An upper bound of a bucket; of other counters there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound(pub(super) Option<f64>);

/// Increments by bound, one a block; a block without any is NaN.
pub(super) type ByBound = Vec<(Bound, Vec<f64>)>;

/// The increments of one counter over equal blocks.
#[derive(Debug, Clone)]
pub(in crate::prometheus) struct Counted {
    pub(super) grid: Grid,
    /// Of each arm.
    pub(super) arms: [ByBound; 2],
    /// Of each group of instances of the unexposed arm, in the blocks of the past; empty where none were
    /// wanted.
    pub(super) groups: Vec<ByBound>,
    /// Where each instance is a group of its own: their names.
    pub(in crate::prometheus) names: Vec<String>,
    /// What each instance of the unexposed arm adds up to over all of these blocks, by name, but for what its series
    /// were born with: that may be the count of a life. With buckets, the infinite one.
    pub(super) instances: Vec<(Grid, BTreeMap<String, f64>)>,
    /// The label by which instances are told apart.
    pub(in crate::prometheus) naming: Option<&'static str>,
    /// Of each instance that served both arms the end of the last block in which it served either.
    pub(super) shared: Vec<i64>,
    /// Of each instance of each arm the end of the last block in which it was there.
    pub(super) last_seen: [Vec<i64>; 2],
    pub(super) unknown: Unknown,
    pub(super) restarts: Restarts,
    /// A series of each arm that is scraped as often as any, where one is still there.
    pub(in crate::prometheus) liveliest: [Option<Labels>; 2],
    /// A value of the arms' label that belongs to both arms, or to none, with these arms.
    pub(in crate::prometheus) misplaced: Option<(String, Vec<Arm>)>,
    /// Why the series cannot be used.
    pub(in crate::prometheus) fault: Option<SeriesFault>,
    /// The server's own doubts.
    pub(in crate::prometheus) warnings: Vec<String>,
    /// What was sent, in order.
    pub(in crate::prometheus) queries: Vec<String>,
}

impl Counted {
    /// Whether there is any increment of an arm within these blocks.
    pub(in crate::prometheus) fn has(&self, arm: Arm, grid: &Grid) -> bool {
        let within = self.within(grid);
        self.arms[arm as usize]
            .iter()
            .any(|(_, values)| values.get(within.clone()).is_some_and(any))
    }

    /// The increments of an arm within these blocks.
    pub(in crate::prometheus) fn number(&self, arm: Arm, grid: &Grid) -> Series {
        self.column(&self.arms[arm as usize], grid)
    }

    /// The increments of an arm within these blocks, by bound.
    pub(in crate::prometheus) fn buckets(&self, arm: Arm, grid: &Grid) -> Vec<(f64, Series)> {
        self.by_bound(&self.arms[arm as usize], grid)
    }

    /// The increments of a group within these blocks; `None` where there are none.
    pub(in crate::prometheus) fn group(&self, group: usize, grid: &Grid) -> Option<Series> {
        let series = self.column(self.groups.get(group)?, grid);
        series.iter().any(Option::is_some).then_some(series)
    }

    /// The increments of a group within these blocks, by bound.
    pub(in crate::prometheus) fn buckets_of_group(
        &self,
        group: usize,
        grid: &Grid,
    ) -> Vec<(f64, Series)> {
        let of = self.groups.get(group);
        of.map_or_else(Vec::new, |group| self.by_bound(group, grid))
    }

    /// The ends of the first and the last block in which a group has anything.
    pub(in crate::prometheus) fn life(&self, group: usize) -> Option<(i64, i64)> {
        let of = self.groups.get(group)?;
        let is_there = |place: usize| {
            let mut values = of.iter().filter_map(|(_, values)| values.get(place));
            values.any(|value| !value.is_nan())
        };
        let mut places = 0..self.grid.len();
        let first = places.find(|place| is_there(*place))?;
        let last = places.rfind(|place| is_there(*place)).unwrap_or(first);
        let end = |place: usize| self.grid.ends().nth(place);
        Some((end(first)?, end(last)?))
    }

    /// Whether groups of instances were wanted.
    pub(in crate::prometheus) const fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// What each instance of the unexposed arm adds up to from the first of these blocks on, up to the end
    /// that was wanted; nothing where none was.
    pub(in crate::prometheus) fn instances(
        &self,
        part: &Grid,
    ) -> impl Iterator<Item = (&String, &f64)> {
        let begins = |(grid, _): &&(Grid, _)| grid.first() == part.first();
        let off = |(grid, _): &&(Grid, _)| grid.len().abs_diff(part.len());
        let wanted = self.instances.iter().filter(begins).min_by_key(off);
        wanted.into_iter().flat_map(|(_, sums)| sums)
    }

    /// How many instances an arm has had since the first of these blocks.
    pub(in crate::prometheus) fn instances_of(&self, arm: Arm, grid: &Grid) -> usize {
        let since = |last: &&i64| **last >= grid.first();
        self.last_seen[arm as usize].iter().filter(since).count()
    }

    /// How many instances have served both arms since the first of these blocks.
    pub(in crate::prometheus) fn shared(&self, grid: &Grid) -> usize {
        let since = |last: &&i64| **last >= grid.first();
        self.shared.iter().filter(since).count()
    }

    /// Where its processes began anew.
    pub(in crate::prometheus) const fn restarts(&self) -> &Restarts {
        &self.restarts
    }

    /// Where the series were no numbers.
    pub(in crate::prometheus) const fn unknown(&self) -> &Unknown {
        &self.unknown
    }

    /// The increments as series for people: of each arm, and bound.
    pub(in crate::prometheus) fn series(&self, arms: &Arms) -> Vec<Returned> {
        let values = [
            (Arm::Exposed, &arms.exposed),
            (Arm::Unexposed, &arms.unexposed),
        ];
        let mut all = Vec::new();
        for (arm, value) in values {
            for (Bound(bound), increments) in &self.arms[arm as usize] {
                let mut labels = Labels::from([(arms.label.clone(), value.to_string())]);
                if let Some(bound) = bound {
                    let text = if bound.is_finite() {
                        bound.to_string()
                    } else {
                        "+Inf".into()
                    };
                    labels.insert("le".into(), text);
                }
                let points = self.grid.ends().zip(increments.iter().copied());
                all.push(Returned {
                    labels,
                    points: points
                        .filter(|(_, value)| !value.is_nan())
                        .map(|(end, value)| Point {
                            at_ms: end * 1_000,
                            value,
                        })
                        .collect(),
                    histograms: Vec::new(),
                });
            }
        }
        all
    }

    /// All bounds added up: without `by_bound` there is one, or none.
    fn column(&self, values: &ByBound, grid: &Grid) -> Series {
        let within = self.within(grid);
        let mut series = vec![None; grid.len()];
        for (_, values) in values {
            for (sum, value) in series
                .iter_mut()
                .zip(values.get(within.clone()).unwrap_or_default())
            {
                if !value.is_nan() {
                    *sum = Some(sum.unwrap_or(0.0) + value);
                }
            }
        }
        series
    }

    fn by_bound(&self, values: &ByBound, grid: &Grid) -> Vec<(f64, Series)> {
        let within = self.within(grid);
        values
            .iter()
            .filter_map(|(bound, values)| {
                let series = values.get(within.clone()).unwrap_or_default();
                let known = |value: &f64| (!value.is_nan()).then_some(*value);
                Some((bound.0?, series.iter().map(known).collect()))
            })
            .collect()
    }

    /// The places of these blocks, which are all among those that were asked for.
    fn within(&self, grid: &Grid) -> std::ops::Range<usize> {
        let first = self.grid.index(grid.first() * 1_000).unwrap_or(0);
        first..first + grid.len()
    }
}

fn any(values: &[f64]) -> bool {
    values.iter().any(|value| !value.is_nan())
}

#[cfg(test)]
impl Counted {
    /// Of a histogram: so much in each block under each bound, by group.
    pub(in crate::prometheus) fn of_groups(
        grid: &Grid,
        groups: [Vec<(f64, Vec<f64>)>; GROUPS],
    ) -> Self {
        let by_bound = |buckets: Vec<(f64, Vec<f64>)>| -> ByBound {
            let buckets = buckets.into_iter();
            buckets
                .map(|(bound, values)| (Bound(Some(bound)), values))
                .collect()
        };
        let groups: Vec<ByBound> = groups.into_iter().map(by_bound).collect();
        Self {
            grid: *grid,
            arms: [ByBound::new(), groups.concat()],
            groups,
            names: Vec::new(),
            instances: Vec::new(),
            naming: Some("pod"),
            shared: Vec::new(),
            last_seen: [Vec::new(), Vec::new()],
            unknown: Unknown::new(),
            restarts: Restarts::default(),
            liveliest: [None, None],
            misplaced: None,
            fault: None,
            warnings: Vec::new(),
            queries: Vec::new(),
        }
    }
}

//! The buckets of a histogram as latencies are compared by them: counts at boundaries, block by
//! block. What is made of them is in `quantile` and `latency`.

use crate::plan::{Compared, TimeUnit};
use crate::snapshot::{ArmSeries, History, Series};
use crate::stats::{OneArmBlock, TwoArmBlock};

/// What is asked of a latency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    pub(super) quantile: f64,
    /// What a relative margin speaks of.
    pub(super) compared: Compared,
    /// The unit of the histogram's bounds.
    pub(super) unit: TimeUnit,
    /// The share of users to which a ramp leads; `None` in a stage, whose share stays.
    pub(super) leads_to: Option<f64>,
}

/// One block: counts at each boundary, cumulative; the last is all requests.
pub(super) struct Buckets<'a> {
    /// Block ends in Unix seconds, one for each row.
    pub(super) ends: &'a [i64],
    /// Finite boundaries, increasing; one fewer than the counts.
    pub(super) bounds: &'a [f64],
    /// Exposed counts, then unexposed counts (none where there is no unexposed arm), by block.
    pub(super) rows: &'a [Vec<f64>],
    /// The unexposed arm's past.
    pub(super) past: &'a Past,
}

/// The unexposed arm's past in two halves, at the boundaries of a stage.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    /// Block ends in Unix seconds, increasing.
    pub(super) ends: Vec<i64>,
    /// Length of its blocks in seconds.
    pub(super) block: i64,
    /// By boundary, and block by block: the halves' requests slower than it. Empty for a boundary that
    /// the past does not have.
    slower: Vec<Vec<TwoArmBlock>>,
}

impl Past {
    /// Blocks of the history that ended before this second and hold requests of both halves. `bounds` are
    /// the stage's finite ones in seconds, as the history's are in units of so many seconds.
    pub(super) fn of(history: Option<&History>, before: i64, bounds: &[f64], unit: f64) -> Self {
        let Some(history) = history else {
            return Self::default();
        };
        let halves = history.halves();
        let column = |half: &ArmSeries, bound: f64| -> Option<Series> {
            let near = |(other, _): &&(f64, Series)| {
                let apart = (other * unit - bound).abs();
                // To an infinite bound every finite one is infinitely far, which is no more than a part of it.
                if bound.is_infinite() {
                    other.is_infinite()
                } else {
                    apart <= 1e-9 * bound.abs()
                }
            };
            half.buckets
                .iter()
                .find(near)
                .map(|(_, series)| series.clone())
        };
        let both = |bound: f64| Some([column(&halves[0], bound)?, column(&halves[1], bound)?]);
        let Some(all) = both(f64::INFINITY) else {
            return Self::default();
        };
        let at = |series: &Series, i: usize| series.get(i).copied().flatten();
        let usable: Vec<usize> = (0..history.ends.len())
            .filter(|&i| history.ends[i] <= before)
            .filter(|&i| all.iter().all(|half| at(half, i).is_some_and(|n| n > 0.0)))
            .collect();
        let slower = |bound: &f64| -> Vec<TwoArmBlock> {
            let Some(within) = both(*bound) else {
                return Vec::new();
            };
            let block = |&i: &usize| {
                let half = |h: usize| {
                    let total = at(&all[h], i).unwrap_or(0.0);
                    let slower = total - at(&within[h], i).unwrap_or(total);
                    (slower.max(0.0), total)
                };
                let ((exposed_events, exposed_total), (unexposed_events, unexposed_total)) =
                    (half(0), half(1));
                TwoArmBlock {
                    exposed_events,
                    exposed_total,
                    unexposed_events,
                    unexposed_total,
                }
            };
            usable.iter().map(block).collect()
        };
        Self {
            ends: usable.iter().map(|&i| history.ends[i]).collect(),
            block: i64::from(history.block.seconds()),
            slower: bounds.iter().map(slower).collect(),
        }
    }

    /// The halves' requests slower than a boundary, by block ends.
    pub(super) fn slower(&self, bound: usize) -> Vec<(i64, TwoArmBlock)> {
        let blocks = self.slower.get(bound).into_iter().flatten();
        self.ends.iter().copied().zip(blocks.copied()).collect()
    }

    /// The share of requests slower than a boundary, from this block on; 0 where it is not known.
    pub(super) fn share(&self, bound: usize, from: usize) -> f64 {
        let blocks = self.slower.get(bound).and_then(|blocks| blocks.get(from..));
        let (events, all) = blocks.into_iter().flatten().fold((0.0, 0.0), |sum, b| {
            let events = b.exposed_events + b.unexposed_events;
            (sum.0 + events, sum.1 + b.exposed_total + b.unexposed_total)
        });
        if all > 0.0 { events / all } else { 0.0 }
    }

    /// How busy it was between these seconds, as a factor of the last day's average; 1 where that is not
    /// known.
    pub(super) fn busy(&self, from: i64, until: i64) -> f64 {
        let Some(blocks) = self.slower.iter().find(|blocks| !blocks.is_empty()) else {
            return 1.0;
        };
        let last = self.ends.last().copied().unwrap_or(0);
        let mean = |from: i64, until: i64| {
            let there = self.ends.iter().zip(blocks);
            let there = there.filter(|(end, _)| **end > from && **end <= until);
            let (sum, count) = there.fold((0.0, 0.0), |sum, (_, b)| {
                (sum.0 + b.exposed_total + b.unexposed_total, sum.1 + 1.0)
            });
            sum / count
        };
        let factor = mean(from, until) / mean(last - 86_400, last);
        if factor.is_finite() && factor > 0.0 {
            factor
        } else {
            1.0
        }
    }
}

/// Requests of the halves of a history that are slower than its boundary nearest the quantile, with the
/// length of its blocks in seconds.
pub(super) fn slower_than_quantile(
    history: &History,
    quantile: f64,
    unit: TimeUnit,
) -> (Vec<(i64, TwoArmBlock)>, i64) {
    let [half, _] = history.halves();
    let bounds: Vec<f64> = half
        .buckets
        .iter()
        .map(|(bound, _)| bound * unit.seconds())
        .filter(|bound| bound.is_finite())
        .collect();
    let past = Past::of(Some(history), i64::MAX, &bounds, unit.seconds());
    let distance = |bound: &usize| (past.share(*bound, 0) / (1.0 - quantile)).ln().abs();
    let nearest = (0..bounds.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let slower = nearest.map_or_else(Vec::new, |bound| past.slower(bound));
    (slower, past.block)
}

impl Buckets<'_> {
    pub(super) fn exposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let all = row[self.bounds.len()];
        ((all - row[bound]).max(0.0), all)
    }

    pub(super) fn unexposed_above(&self, row: &[f64], bound: usize) -> (f64, f64) {
        let width = self.bounds.len() + 1;
        let all = row[width + self.bounds.len()];
        ((all - row[width + bound]).max(0.0), all)
    }
}

/// One arm's own buckets, all of them: its bounds in seconds, and for each of them (or none, which is
/// infinity) the requests slower than it, block by block.
pub(super) struct OwnBuckets<'a> {
    pub(super) bounds: &'a [f64],
    pub(super) beyond: &'a dyn Fn(Option<usize>) -> Vec<OneArmBlock>,
}

impl OwnBuckets<'_> {
    /// The first boundary not below the limit.
    pub(super) fn first_from(&self, limit: f64) -> Option<usize> {
        let near = |b: f64| (b - limit).abs() <= 1e-9 * limit.abs();
        self.bounds.iter().position(|b| *b > limit || near(*b))
    }

    /// The last boundary not above the limit.
    pub(super) fn last_up_to(&self, limit: f64) -> Option<usize> {
        let near = |b: f64| (b - limit).abs() <= 1e-9 * limit.abs();
        self.bounds.iter().rposition(|b| *b < limit || near(*b))
    }
}

#[cfg(test)]
mod tests {
    use crate::units::Period;

    use super::*;

    #[test]
    fn the_past_counts_what_is_slower_than_a_boundary() {
        let half = |within: f64, all: f64| ArmSeries {
            buckets: vec![(0.25, vec![Some(within)]), (f64::INFINITY, vec![Some(all)])],
            ..ArmSeries::default()
        };
        let history = History {
            ends: vec![300],
            block: Period::from_minutes(5),
            groups: vec![half(90.0, 100.0), half(180.0, 220.0)],
            ..History::default()
        };
        let past = Past::of(Some(&history), 600, &[0.25], 1.0);
        let slower = TwoArmBlock {
            exposed_events: 10.0,
            exposed_total: 100.0,
            unexposed_events: 40.0,
            unexposed_total: 220.0,
        };
        assert_eq!(past.slower(0), [(300, slower)]);
        assert!((past.share(0, 0) - 50.0 / 320.0).abs() < 1e-12);
    }
}

//! Native histograms to cumulative buckets that both arms share. Pure.
//!
//! Every sample has bounds of its own: only those that hold something are sent, and the resolution
//! may change. A bound is usable when it cuts no bucket of any sample in two; counts at such
//! bounds are exact, nothing is interpolated, and a coarser sample makes all of them coarser.

use crate::snapshot::Series;

use super::answer::NativePoint;

/// Bounds of one resolution are computed by different servers to the last bit, or nearly so. The
/// finest resolution grows by 0.27 % a bucket.
const SAME: f64 = 1e-9;

/// Bounds are kept where the share beyond them is within this factor of the quantile's own: the
/// others take room and say nothing about it.
const NEAR: f64 = 30.0;

/// What an arm's native histograms were at the blocks' ends, and one block before for the series
/// that go on.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) end: Vec<Option<NativePoint>>,
    pub(super) start: Vec<Option<NativePoint>>,
}

impl Samples {
    fn all(&self) -> impl Iterator<Item = &NativePoint> {
        self.end.iter().chain(&self.start).flatten()
    }
}

/// Which bounds matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Focus {
    /// Between 0 and 1.
    pub(super) quantile: f64,
    /// The absolute limit, if any, in the histogram's own unit.
    pub(super) limit: Option<f64>,
}

/// An arm's buckets: cumulative counts by upper bound; the last is `+Inf`.
pub(super) type Buckets = Vec<(f64, Series)>;

/// The increments of each arm at the bounds that all of its samples share. The arms may have
/// different ones; the judge compares at those that both have.
pub(super) fn increments(arms: &[Samples; 2], focus: Focus) -> [Buckets; 2] {
    let mut folded =
        [&arms[0], &arms[1]].map(|samples| differences(samples, &shared_bounds(samples)));
    let range = folded
        .iter()
        .filter_map(|arm| near(arm, focus))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    for arm in &mut folded {
        let keep = kept(arm, range, focus);
        let mut keep = keep.iter();
        arm.retain(|_| keep.next().is_some_and(|keep| *keep));
    }
    folded
}

/// Bounds that cut no bucket in two, increasing.
fn shared_bounds(arm: &Samples) -> Vec<f64> {
    let samples = || arm.all();
    let mut bounds: Vec<f64> = samples()
        .flat_map(|point| &point.buckets)
        .flat_map(|bucket| [bucket.lower, bucket.upper])
        .filter(|bound| bound.is_finite() && *bound > 0.0)
        .collect();
    bounds.sort_by(f64::total_cmp);
    bounds.dedup_by(|a, b| (*a - *b).abs() <= SAME * b.abs());
    let mut whole = vec![true; bounds.len()];
    for bucket in samples().flat_map(|point| &point.buckets) {
        // Histograms with bounds of their own have buckets that reach to infinity on either side.
        let apart = |bound: f64| {
            if bound.is_finite() {
                SAME * bound.abs()
            } else {
                0.0
            }
        };
        let from = bounds.partition_point(|bound| *bound <= bucket.lower + apart(bucket.lower));
        let to = bounds.partition_point(|bound| *bound < bucket.upper - apart(bucket.upper));
        if let Some(inside) = whole.get_mut(from..to) {
            inside.fill(false);
        }
    }
    let mut whole = whole.into_iter();
    bounds.retain(|_| whole.next().is_some_and(|whole| whole));
    bounds
}

/// Increments at each bound and at infinity.
fn differences(samples: &Samples, bounds: &[f64]) -> Buckets {
    if samples.end.iter().all(Option::is_none) {
        return Vec::new();
    }
    let blocks = samples.end.len();
    let mut buckets: Buckets = bounds
        .iter()
        .copied()
        .chain([f64::INFINITY])
        .map(|bound| (bound, vec![None; blocks]))
        .collect();
    for block in 0..blocks {
        let Some(end) = &samples.end[block] else {
            continue;
        };
        let ends = cumulative(end, bounds);
        // Without a start every series was born within the block.
        let starts = match samples.start.get(block).and_then(Option::as_ref) {
            Some(start) => cumulative(start, bounds),
            None => vec![0.0; ends.len()],
        };
        // A counter that fell although its count grew was reset unseen: the block is unknown.
        if ends.iter().zip(&starts).any(|(end, start)| end < start) {
            continue;
        }
        for (index, (_, series)) in buckets.iter_mut().enumerate() {
            series[block] = Some(ends[index] - starts[index]);
        }
    }
    buckets
}

/// Observations up to each bound, and all of them at the end.
fn cumulative(point: &NativePoint, bounds: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut buckets = point.buckets.iter().peekable();
    let mut counts: Vec<f64> = bounds
        .iter()
        .map(|bound| {
            while let Some(bucket) = buckets.next_if(|b| b.upper <= bound + SAME * bound.abs()) {
                sum += bucket.count;
            }
            sum
        })
        .collect();
    counts.push(point.count);
    counts
}

/// The lowest and the highest bound of an arm that is near its quantile.
fn near(arm: &Buckets, focus: Focus) -> Option<(f64, f64)> {
    let total = |(_, series): &(f64, Series)| series.iter().flatten().sum::<f64>();
    let all = arm.last().map(total).filter(|all| *all > 0.0)?;
    let tail = 1.0 - focus.quantile;
    let is_near = |bucket: &&(f64, Series)| {
        let beyond = (all - total(bucket)) / all;
        beyond >= tail / NEAR && beyond <= tail * NEAR && 1.0 - beyond >= focus.quantile / NEAR
    };
    let mut near = arm.iter().filter(is_near).map(|(bound, _)| *bound);
    let first = near.next()?;
    Some((first, near.next_back().unwrap_or(first)))
}

/// Which bounds are within the range or next to the limit; infinity always.
fn kept(arm: &Buckets, range: Option<(f64, f64)>, focus: Focus) -> Vec<bool> {
    let within = |bound: f64| {
        range.is_some_and(|(low, high)| bound >= low * (1.0 - SAME) && bound <= high * (1.0 + SAME))
    };
    let mut keep: Vec<bool> = arm.iter().map(|(bound, _)| within(*bound)).collect();
    // One more on each side: the tests need a bound on both sides of the quantile.
    if let (Some(first), Some(last)) = (
        keep.iter().position(|keep| *keep),
        keep.iter().rposition(|keep| *keep),
    ) {
        keep[first.saturating_sub(1)] = true;
        if let Some(next) = keep.get_mut(last + 1) {
            *next = true;
        }
    }
    if let Some(limit) = focus.limit {
        let above = arm.partition_point(|(bound, _)| *bound < limit);
        for index in [above.saturating_sub(1), above] {
            if let Some(keep) = keep.get_mut(index) {
                *keep = true;
            }
        }
    }
    // At least the last finite bound, or an arm without any would be no histogram.
    let finite = keep.len().checked_sub(2);
    if let Some(last) = finite.filter(|_| !keep[..keep.len() - 1].contains(&true)) {
        keep[last] = true;
    }
    if let Some(infinity) = keep.last_mut() {
        *infinity = true;
    }
    keep
}

#[cfg(test)]
mod tests {
    use super::super::answer::NativeBucket;
    use super::*;

    /// A sample with buckets of this growth factor: (index of the upper bound, count).
    fn sample(growth: f64, counts: &[(i32, f64)]) -> Option<NativePoint> {
        Some(NativePoint {
            at_ms: 0,
            count: counts.iter().map(|(_, count)| count).sum(),
            sum: 0.0,
            buckets: counts
                .iter()
                .map(|&(index, count)| NativeBucket {
                    lower: growth.powi(index - 1),
                    upper: growth.powi(index),
                    count,
                })
                .collect(),
        })
    }

    const MEDIAN: Focus = Focus {
        quantile: 0.5,
        limit: None,
    };

    fn at(buckets: &Buckets, bound: f64) -> Option<Option<f64>> {
        let (_, series) = buckets.iter().find(|(b, _)| (b - bound).abs() < 1e-9)?;
        series.first().copied()
    }

    #[test]
    fn increments_are_differences_at_exact_bounds() {
        let arms = [
            Samples {
                end: vec![sample(2.0, &[(1, 5.0), (2, 7.0)])],
                start: vec![sample(2.0, &[(1, 1.0), (2, 3.0)])],
            },
            Samples {
                end: vec![sample(2.0, &[(2, 4.0)])],
                start: vec![None],
            },
        ];
        let [exposed, unexposed] = increments(&arms, MEDIAN);
        assert_eq!(at(&exposed, 2.0), Some(Some(4.0)));
        assert_eq!(exposed.last().unwrap().1, [Some(8.0)]);
        // It has nothing below 2, which is a count of zero and not a missing bound.
        assert_eq!(at(&unexposed, 2.0), Some(Some(0.0)));
        assert_eq!(unexposed.last().unwrap().1, [Some(4.0)]);
    }

    #[test]
    fn a_coarser_sample_makes_the_bounds_of_its_arm_coarser() {
        let fine = 2.0_f64.powf(0.5);
        let finely = sample(fine, &[(1, 2.0), (2, 2.0), (3, 2.0), (4, 2.0)]);
        let arms = [
            Samples {
                end: vec![finely.clone(), sample(2.0, &[(1, 3.0), (2, 3.0)])],
                start: vec![None, None],
            },
            Samples {
                end: vec![finely.clone(), finely],
                start: vec![None, None],
            },
        ];
        let [exposed, unexposed] = increments(&arms, MEDIAN);
        assert_eq!(at(&exposed, 2.0), Some(Some(4.0)));
        assert_eq!(at(&exposed, fine), None);
        assert_eq!(at(&unexposed, 2.0), Some(Some(4.0)));
        assert_eq!(at(&unexposed, fine), Some(Some(2.0)));
    }

    #[test]
    fn a_bucket_up_to_infinity_tells_nothing_of_bounds_within_it() {
        // Bounds of their own: the exposed arm got one more within the stage.
        let of = |buckets: &[(f64, f64, f64)]| {
            Some(NativePoint {
                at_ms: 0,
                count: buckets.iter().map(|(_, _, count)| count).sum(),
                sum: 0.0,
                buckets: buckets
                    .iter()
                    .map(|&(lower, upper, count)| NativeBucket {
                        lower,
                        upper,
                        count,
                    })
                    .collect(),
            })
        };
        let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        let arms = [
            Samples {
                end: vec![
                    of(&[(least, 1.0, 5.0), (1.0, 5.0, 3.0), (5.0, most, 2.0)]),
                    of(&[
                        (least, 1.0, 5.0),
                        (1.0, 5.0, 3.0),
                        (5.0, 10.0, 1.0),
                        (10.0, most, 1.0),
                    ]),
                ],
                start: vec![None, None],
            },
            Samples::default(),
        ];
        let [exposed, _] = increments(&arms, MEDIAN);
        assert_eq!(at(&exposed, 5.0), Some(Some(8.0)));
        assert_eq!(at(&exposed, 10.0), None);
    }

    #[test]
    fn an_unseen_reset_leaves_the_block_unknown() {
        let arms = [
            Samples {
                end: vec![sample(2.0, &[(1, 1.0), (2, 9.0)])],
                start: vec![sample(2.0, &[(1, 4.0)])],
            },
            Samples::default(),
        ];
        let [exposed, _] = increments(&arms, MEDIAN);
        assert!(exposed.iter().all(|(_, series)| series[0].is_none()));
    }

    #[test]
    fn bounds_far_from_the_quantile_are_dropped_and_those_at_the_limit_are_not() {
        let counts: Vec<(i32, f64)> = (-40..40).map(|index| (index, 1_000.0)).collect();
        let arms = [
            Samples {
                end: vec![sample(1.1, &counts)],
                start: vec![None],
            },
            Samples::default(),
        ];
        let far = Focus {
            quantile: 0.99,
            limit: Some(1.1_f64.powi(-30) * 1.01),
        };
        let [exposed, _] = increments(&arms, far);
        assert!(exposed.len() < 40, "{}", exposed.len());
        assert!(at(&exposed, 1.1_f64.powi(-30)).is_some());
        assert!(at(&exposed, 1.1_f64.powi(-29)).is_some());
        assert!(at(&exposed, 1.1_f64.powi(-20)).is_none());
    }
}

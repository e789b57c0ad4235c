//! Harm that is added to an arm: what it would have measured if the change were bad. The same seed gives the
//! same harm in each block, however many blocks follow.

use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Binomial, Distribution as _};
use rand_pcg::Pcg64Mcg;

use crate::plan::{Column, Kind};
use crate::simulate::poisson;
use crate::snapshot::{ArmSeries, Series};
use crate::units::Worse;

/// Harm of one size, to one guardrail of the plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Harm {
    /// Which guardrail.
    pub(super) guardrail: usize,
    /// Above 1.
    pub(super) factor: f64,
    pub(super) seed: u64,
}

/// Of a share that should be high, such as answers without an error, the rest is what harm multiplies.
pub(super) const MOSTLY: f64 = 0.5;

/// The exposed arm as it would be with this harm. `unexposed` is the other arm: with the exposed one it tells
/// the rate at which events come without harm.
pub(super) fn harmed(
    harm: Harm,
    kind: Kind,
    exposed: &ArmSeries,
    unexposed: &ArmSeries,
) -> ArmSeries {
    let mut rng = Pcg64Mcg::seed_from_u64(harm.seed);
    let factor = harm.factor;
    let toward = match kind.worse() {
        Worse::Higher => factor,
        Worse::Lower => 1.0 / factor,
    };
    match kind {
        Kind::Ratio { worse } => {
            counted(exposed, unexposed, Column::Total, (factor, worse), &mut rng)
        }
        Kind::Rate { worse } => counted(exposed, unexposed, Column::Per, (factor, worse), &mut rng),
        Kind::Latency { .. } => slower(exposed, factor, &mut rng),
        Kind::Mean { .. } => scaled(exposed, Column::Sum, toward),
        Kind::Gauge { .. } | Kind::Point { .. } => scaled(exposed, Column::Query, toward),
    }
}

/// Values, and with them their squares, are so many times as large.
fn scaled(arm: &ArmSeries, column: Column, factor: f64) -> ArmSeries {
    let mut arm = arm.clone();
    if let Some(series) = arm.columns.get_mut(&column) {
        for value in series.iter_mut().flatten() {
            *value *= factor;
        }
    }
    arm
}

/// More bad events, or fewer good ones. Bad ones come on top, a Poisson number of `(f - 1)` times what the
/// exposed arm's total gets at the rate of both arms, so that harm brings its own chance; good ones are lost
/// one by one.
fn counted(
    exposed: &ArmSeries,
    unexposed: &ArmSeries,
    whole: Column,
    (factor, worse): (f64, Worse),
    rng: &mut Pcg64Mcg,
) -> ArmSeries {
    let mut arm = exposed.clone();
    let of = |arm: &ArmSeries, column, place: usize| -> f64 {
        let series: Option<&Series> = arm.column(column);
        let value = series.and_then(|series| series.get(place).copied().flatten());
        value.unwrap_or(0.0)
    };
    let both = |column, place| of(exposed, column, place) + of(unexposed, column, place);
    let sum = |column: Column| -> f64 {
        let sum =
            |arm: &ArmSeries| -> f64 { arm.column(column).into_iter().flatten().flatten().sum() };
        sum(exposed) + sum(unexposed)
    };
    // A rate has no rest: a unit of exposure may hold any number of events.
    let failing = match worse {
        Worse::Higher => false,
        Worse::Lower => whole == Column::Total && sum(Column::Events) > MOSTLY * sum(Column::Total),
    };
    let Some(events) = arm.columns.get_mut(&Column::Events) else {
        return arm;
    };
    for (place, value) in events.iter_mut().enumerate() {
        let total = of(exposed, whole, place);
        let all = both(whole, place);
        let Some(value) = value.as_mut().filter(|_| total > 0.0 && all > 0.0) else {
            continue;
        };
        let rate = both(Column::Events, place) / all;
        let more = |rate: f64, rng: &mut Pcg64Mcg| poisson((factor - 1.0) * rate * total, rng);
        *value = match (worse, failing) {
            (Worse::Higher, _) if whole == Column::Total => {
                (*value + more(rate, rng)).min(total.max(*value))
            }
            (Worse::Higher, _) => *value + more(rate, rng),
            (Worse::Lower, true) => (*value - more(1.0 - rate, rng)).max(0.0),
            (Worse::Lower, false) => kept(*value, 1.0 / factor, rng),
        };
    }
    arm
}

/// Every request takes so many times as long: `N(b)` becomes `N(b / f)`. Between two bounds the share of
/// requests that are slower still falls as a power of time, as between these bounds over all blocks; where
/// nothing is slower than the upper one, or everything than the lower one, requests are spread evenly over the
/// logarithm of time, and below the first bound over time itself, as `histogram_quantile` has it. Fractions of
/// a request are rounded by chance, one number for all bounds of a block, so that counts stay cumulative.
fn slower(arm: &ArmSeries, factor: f64, rng: &mut Pcg64Mcg) -> ArmSeries {
    let blocks = arm.buckets.first().map_or(0, |(_, series)| series.len());
    let times = arm.buckets.iter().map(|(bound, _)| bound / factor);
    let within: Vec<Option<Within>> = times.map(|time| Within::of(arm, time)).collect();
    let mut slower = arm.clone();
    for place in 0..blocks {
        let chance: f64 = rng.random();
        let count = |bucket: usize| arm.buckets.get(bucket)?.1.get(place).copied().flatten();
        for (bucket, (bound, series)) in slower.buckets.iter_mut().enumerate() {
            if bound.is_infinite() {
                continue;
            }
            let known = within[bucket].and_then(|within| within.count(&count));
            series[place] = known
                .or(count(bucket))
                .map(|known| (known + chance).floor());
        }
    }
    slower
}

/// Where among the buckets a time lies.
#[derive(Debug, Clone, Copy)]
struct Within {
    /// The first bucket whose bound is not below it.
    bucket: usize,
    /// The part of that bucket's requests that are not slower.
    part: f64,
}

impl Within {
    fn of(arm: &ArmSeries, time: f64) -> Option<Self> {
        let bucket = arm.buckets.partition_point(|(bound, _)| *bound < time);
        let (upper, _) = arm.buckets.get(bucket)?;
        let Some(before) = bucket.checked_sub(1) else {
            let part = (time / upper).clamp(0.0, 1.0);
            return Some(Self { bucket, part });
        };
        let (lower, _) = arm.buckets[before];
        if upper.is_infinite() || lower <= 0.0 {
            return Some(Self { bucket, part: 0.0 });
        }
        let sum = |bucket: usize| -> f64 { arm.buckets[bucket].1.iter().flatten().sum() };
        let all = sum(arm.buckets.len() - 1);
        let slower = [before, bucket].map(|bucket| all - sum(bucket));
        let along = ((time / lower).ln() / (upper / lower).ln()).clamp(0.0, 1.0);
        let part = match slower {
            [from, to] if 0.0 < to && to < from && from < all => {
                let fall = to / from;
                (1.0 - fall.powf(along)) / (1.0 - fall)
            }
            [_, _] => along,
        };
        Some(Self { bucket, part })
    }

    /// How many are at or below this time in a block of these counts.
    fn count(self, count: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
        let high = count(self.bucket)?;
        let low = match self.bucket.checked_sub(1) {
            Some(before) => count(before)?,
            None => 0.0,
        };
        Some(low + (high - low) * self.part)
    }
}

/// How many of these are left where each stays with this probability.
fn kept(events: f64, share: f64, rng: &mut Pcg64Mcg) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of events in a block, not negative; the cast saturates"
    )]
    let whole = events.round() as u64;
    #[expect(
        clippy::cast_precision_loss,
        reason = "far below 2^53 events in a block"
    )]
    Binomial::new(whole, share).map_or(events * share, |left| left.sample(rng) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(column: Column, values: Vec<f64>) -> (Column, Series) {
        (column, values.into_iter().map(Some).collect())
    }

    fn sum(arm: &ArmSeries, column: Column) -> f64 {
        arm.column(column).unwrap().iter().flatten().sum()
    }

    fn with(factor: f64, kind: Kind, arm: &ArmSeries, other: &ArmSeries) -> ArmSeries {
        let harm = Harm {
            guardrail: 0,
            factor,
            seed: 5,
        };
        harmed(harm, kind, arm, other)
    }

    fn counts(events: f64, total: f64) -> ArmSeries {
        ArmSeries {
            columns: [
                column(Column::Events, vec![events; 2_000]),
                column(Column::Total, vec![total; 2_000]),
            ]
            .into(),
            buckets: Vec::new(),
        }
    }

    #[test]
    fn bad_events_multiply_and_totals_stay() {
        let (arm, other) = (counts(2.0, 100.0), counts(18.0, 900.0));
        let kind = Kind::Ratio {
            worse: Worse::Higher,
        };
        let bad = with(1.5, kind, &arm, &other);
        assert_eq!(bad.column(Column::Total), arm.column(Column::Total));
        let factor = sum(&bad, Column::Events) / sum(&arm, Column::Events);
        // Of 2,000 expected events more or less: three standard errors.
        assert!(
            (factor - 1.5).abs() < 3.0 * 2_000_f64.sqrt() / 4_000.0,
            "{factor}"
        );
        assert_eq!(bad, with(1.5, kind, &arm, &other));
    }

    #[test]
    fn failures_multiply_where_successes_are_counted() {
        let (arm, other) = (counts(98.0, 100.0), counts(882.0, 900.0));
        let bad = with(
            2.0,
            Kind::Ratio {
                worse: Worse::Lower,
            },
            &arm,
            &other,
        );
        let failures = sum(&bad, Column::Total) - sum(&bad, Column::Events);
        assert!((failures / 4_000.0 - 2.0).abs() < 0.1, "{failures}");
    }

    #[test]
    fn rare_successes_become_rarer() {
        let (arm, other) = (counts(4.0, 100.0), counts(36.0, 900.0));
        let bad = with(
            2.0,
            Kind::Ratio {
                worse: Worse::Lower,
            },
            &arm,
            &other,
        );
        let share = sum(&bad, Column::Events) / sum(&arm, Column::Events);
        assert!((share - 0.5).abs() < 0.03, "{share}");
    }

    #[test]
    fn no_more_events_than_the_total_fail() {
        let (arm, other) = (counts(60.0, 100.0), counts(540.0, 900.0));
        let kind = Kind::Ratio {
            worse: Worse::Higher,
        };
        let bad = with(10.0, kind, &arm, &other);
        assert_eq!(bad.column(Column::Events), bad.column(Column::Total));
    }

    #[test]
    fn means_are_scaled_into_the_bad_direction() {
        let arm = ArmSeries {
            columns: [
                column(Column::Sum, vec![30.0, 60.0]),
                column(Column::Count, vec![3.0, 4.0]),
            ]
            .into(),
            buckets: Vec::new(),
        };
        let less = with(
            1.5,
            Kind::Mean {
                worse: Worse::Lower,
            },
            &arm,
            &arm,
        );
        assert_eq!(less.columns[&Column::Sum], [Some(20.0), Some(40.0)]);
        assert_eq!(less.columns[&Column::Count], arm.columns[&Column::Count]);
    }

    #[test]
    fn slower_requests_move_to_higher_buckets_and_stay_as_many() {
        let bounds = [0.1, 0.2, 0.4, 0.8, f64::INFINITY];
        let within = [500.0, 800.0, 950.0, 990.0, 1_000.0];
        let buckets = bounds.iter().zip(within);
        let arm = ArmSeries {
            columns: [].into(),
            buckets: buckets
                .map(|(bound, count)| (*bound, vec![Some(count); 400]))
                .collect(),
        };
        let kind = Kind::Latency {
            quantile: 0.99,
            compare: crate::plan::Compared::Share,
            unit: crate::plan::TimeUnit::Seconds,
        };
        let bad = with(2.0, kind, &arm, &arm);
        let mean = |place: usize| -> f64 {
            let (_, series) = &bad.buckets[place];
            series.iter().flatten().sum::<f64>() / 400.0
        };
        // Twice as long, in buckets that double: each holds what the one before it held.
        for (place, expected) in [(0, 250.0), (1, 500.0), (2, 800.0), (3, 950.0), (4, 1_000.0)] {
            assert!(
                (mean(place) - expected).abs() < 1e-9,
                "{place}: {}",
                mean(place)
            );
        }
        // 200 are slower than its lower bound and 50 than the upper: 100 than their geometric mean. Spread
        // evenly over the logarithm it would be 125, and harm in a tail easier to find than it is.
        let between = with(2_f64.sqrt(), kind, &arm, &arm);
        let (_, series) = &between.buckets[2];
        assert!(
            series
                .iter()
                .flatten()
                .all(|count| (*count - 900.0).abs() <= 1.0)
        );
    }
}

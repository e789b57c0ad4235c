//! What is measured of a population in a block: counts, sums, a level or buckets.

use rand::Rng;
use rand_distr::{Distribution as _, LogNormal};
use rollout::plan::{Column, Compared, Guardrail, Kind, TimeUnit};
use rollout::simulate::{binomial, poisson};
use rollout::snapshot::ArmSeries;
use rollout::units::{Effect, Worse};

use super::clumps::{Clumps, Stream};
use super::draw::{normal, tail};
use crate::fixture::guardrail;

/// The metric under a world's guardrail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Metric {
    /// Failing requests, of which this share fails without harm.
    Errors { base: f64, clumps: Clumps },
    /// A level of 0.4 with white noise of 2 %.
    Level,
    /// Revenue of a visit: this share of visits buys for a log-normal value.
    Revenue { sigma: f64, conversion: f64 },
    /// Latencies, log-normal with a 99th percentile of 0.4 s, in the usual buckets.
    Latency {
        slowed: Slowed,
        /// Standard deviation of the logarithm of a request's time.
        spread: f64,
    },
}

/// What a factor multiplies where the metric is a latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slowed {
    /// Every request's time.
    Times,
    /// The share beyond every boundary.
    Shares,
}

/// What harm does to the exposed arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Harmed {
    /// It multiplies the metric, or the rate of events.
    Metric,
    /// It multiplies the share of requests that take longer than a second.
    BeyondOneSecond,
}

const BOUNDS: [f64; 12] = [
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    f64::INFINITY,
];

/// Beyond this boundary a request counts as slow, for whoever needs one number.
const SLOW: usize = 6;
const ONE_SECOND: usize = 7;

/// One block of one population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Numbers {
    Counts { events: f64, total: f64 },
    Sums { sum: f64, squares: f64, count: f64 },
    Level(f64),
    Buckets([f64; BOUNDS.len()]),
}

/// Number, sum and sum of squares of a block's terms.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Moments {
    pub(crate) count: f64,
    pub(crate) sum: f64,
    pub(crate) squares: f64,
}

impl Metric {
    pub(crate) fn guardrail(self, name: &str) -> Guardrail {
        let mut guardrail = guardrail(name, Effect::Relative(0.10));
        guardrail.metric.kind = match self {
            Self::Errors { .. } => guardrail.metric.kind,
            Self::Level => Kind::Gauge {
                worse: Worse::Higher,
            },
            Self::Revenue { .. } => Kind::Mean {
                worse: Worse::Lower,
            },
            Self::Latency { .. } => Kind::Latency {
                quantile: 0.99,
                compare: Compared::Share,
                unit: TimeUnit::Seconds,
            },
        };
        guardrail
    }

    pub(crate) fn without_clumps(self) -> Self {
        match self {
            Self::Errors { base, .. } => Self::Errors {
                base,
                clumps: Clumps::None,
            },
            Self::Level | Self::Revenue { .. } | Self::Latency { .. } => self,
        }
    }

    pub(crate) fn worse(self) -> Worse {
        match self {
            Self::Revenue { .. } => Worse::Lower,
            Self::Errors { .. } | Self::Level | Self::Latency { .. } => Worse::Higher,
        }
    }

    /// What the metric is without harm, for a threshold.
    pub(crate) fn base(self) -> f64 {
        match self {
            Self::Errors { base, .. } => base,
            Self::Level => 0.4,
            Self::Revenue { sigma, conversion } => conversion * (sigma * sigma / 2.0).exp(),
            Self::Latency { spread, .. } => beyond(BOUNDS[SLOW], 0.0, spread),
        }
    }

    /// Groups of instances in which the past is known, and days of it.
    pub(crate) fn groups(self) -> usize {
        match self {
            Self::Errors { .. } => 8,
            Self::Level | Self::Revenue { .. } | Self::Latency { .. } => 2,
        }
    }

    pub(crate) fn stream(self) -> Stream {
        Stream::new(match self {
            Self::Errors { clumps, .. } => clumps,
            Self::Level | Self::Revenue { .. } | Self::Latency { .. } => Clumps::None,
        })
    }

    /// The next block of a population of which so many requests are expected. `level` is the logarithm of
    /// what the world does to it, `harm` the factor of what the change does.
    pub(crate) fn draw(
        self,
        stream: &mut Stream,
        expected: f64,
        level: f64,
        (harmed, harm): (Harmed, f64),
        rng: &mut impl Rng,
    ) -> Numbers {
        match self {
            Self::Errors { base, .. } => {
                let (events, total) = stream.block(expected, base * level.exp() * harm, rng);
                Numbers::Counts { events, total }
            }
            Self::Level => Numbers::Level(0.4 * level.exp() * harm * (1.0 + 0.02 * normal(rng))),
            Self::Revenue { sigma, conversion } => {
                let count = poisson(expected, rng);
                let orders = binomial(count, conversion, rng);
                let values = LogNormal::new(level, sigma);
                let (mut sum, mut squares, mut left) = (0.0, 0.0, orders);
                while left > 0.0 {
                    let value = harm * values.map_or(1.0, |values| values.sample(rng));
                    sum += value;
                    squares += value * value;
                    left -= 1.0;
                }
                Numbers::Sums {
                    sum,
                    squares,
                    count,
                }
            }
            Self::Latency { slowed, spread } => {
                let total = poisson(expected, rng);
                let mut buckets = [0.0; BOUNDS.len()];
                let (mut left, mut above) = (total, 1.0_f64);
                for (k, (bound, bucket)) in BOUNDS.iter().zip(&mut buckets).enumerate() {
                    let mut slower = match slowed {
                        Slowed::Times => beyond(*bound, level, spread),
                        Slowed::Shares => (beyond(*bound, 0.0, spread) * level.exp()).min(1.0),
                    };
                    match harmed {
                        Harmed::Metric if (harm - 1.0).abs() < 1e-12 => {}
                        Harmed::Metric => slower = beyond(*bound, level + harm.ln(), spread),
                        Harmed::BeyondOneSecond if k >= ONE_SECOND => slower *= harm,
                        Harmed::BeyondOneSecond => {}
                    }
                    // Of the requests slower than the last boundary, those slower than this one.
                    left = binomial(left, (slower / above).clamp(0.0, 1.0), rng);
                    above = slower.max(1e-300);
                    *bucket = total - left;
                }
                Numbers::Buckets(buckets)
            }
        }
    }
}

/// The share of requests slower than this where all times are multiplied by `exp(level)`: log-normal, one
/// in a hundred above 400 ms.
fn beyond(bound: f64, level: f64, spread: f64) -> f64 {
    if bound.is_finite() {
        let typical = 0.4_f64.ln() - 2.326 * spread;
        tail((bound.ln() - typical - level) / spread)
    } else {
        0.0
    }
}

impl Numbers {
    /// Appends the block to what a server would say.
    pub(crate) fn push(self, arm: &mut ArmSeries) {
        let mut column = |column: Column, value: f64| {
            let series = arm.columns.entry(column).or_default();
            series.push(Some(value));
        };
        match self {
            Self::Counts { events, total } => {
                column(Column::Events, events);
                column(Column::Total, total);
            }
            Self::Sums { sum, count, .. } => {
                column(Column::Sum, sum);
                column(Column::Count, count);
            }
            Self::Level(level) => column(Column::Query, level),
            Self::Buckets(counts) => {
                if arm.buckets.is_empty() {
                    arm.buckets = BOUNDS.iter().map(|bound| (*bound, Vec::new())).collect();
                }
                for ((_, series), count) in arm.buckets.iter_mut().zip(counts) {
                    series.push(Some(count));
                }
            }
        }
    }

    /// What an instance adds up to.
    pub(crate) fn sums(self) -> [(Column, f64); 2] {
        match self {
            Self::Counts { events, total } => [(Column::Events, events), (Column::Total, total)],
            Self::Sums { sum, count, .. } => [(Column::Sum, sum), (Column::Count, count)],
            Self::Level(level) => [(Column::Query, level), (Column::Count, 1.0)],
            Self::Buckets(counts) => [
                (Column::Histogram, counts[BOUNDS.len() - 1]),
                (Column::Events, counts[BOUNDS.len() - 1] - counts[SLOW]),
            ],
        }
    }

    pub(crate) fn moments(self) -> Moments {
        match self {
            Self::Counts { events, total } => Moments {
                count: total,
                sum: events,
                squares: events,
            },
            Self::Sums {
                sum,
                squares,
                count,
            } => Moments {
                count,
                sum,
                squares,
            },
            Self::Level(level) => Moments {
                count: 1.0,
                sum: level,
                squares: level * level,
            },
            Self::Buckets(counts) => {
                let slow = counts[BOUNDS.len() - 1] - counts[SLOW];
                Moments {
                    count: counts[BOUNDS.len() - 1],
                    sum: slow,
                    squares: slow,
                }
            }
        }
    }
}

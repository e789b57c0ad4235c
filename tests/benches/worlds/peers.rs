//! The methods that others use, each as it is commonly run, on the same traffic. A block is the number, sum
//! and sum of squares of each arm's terms: requests that fail or not, visits and what they bring, levels.

use std::sync::LazyLock;

use rollout::units::Worse;
use statrs::distribution::{Continuous as _, ContinuousCDF as _, Normal};

use super::metric::{Metric, Moments};

pub(crate) const PEERS: usize = 5;

/// Their names and what they do.
pub(crate) const NAMES: [(&str, &str); PEERS] = [
    (
        "threshold",
        "twice the usual value in a block is a failed check, the fifth rolls back",
    ),
    (
        "z-test",
        "one-sided at 5 % on the stage so far, terms independent, at every block",
    ),
    (
        "Mann-Whitney",
        "on the blocks of the stage at 98 % confidence, from 50 blocks on, hourly",
    ),
    (
        "group sequential",
        "O'Brien-Fleming spending of 5 % in all, margin 10 %, hourly, Newey-West on blocks",
    ),
    (
        "GrowthBook",
        "its one-sided sequential test at 5 %: asymptotic confidence sequence, tuning 5000, at every block",
    ),
];

/// All of them, watching one guardrail.
pub(crate) struct Peers {
    /// +1 where more is worse.
    sign: f64,
    base: f64,
    failed: u32,
    blocks: Vec<[Moments; 2]>,
    sums: [Moments; 2],
}

impl Peers {
    pub(crate) fn new(metric: Metric) -> Self {
        Self {
            sign: match metric.worse() {
                Worse::Higher => 1.0,
                Worse::Lower => -1.0,
            },
            base: metric.base(),
            failed: 0,
            blocks: Vec::new(),
            sums: [Moments::default(); 2],
        }
    }

    /// Comparisons start again, failed checks do not.
    pub(crate) fn next_stage(&mut self) {
        self.blocks.clear();
        self.sums = [Moments::default(); 2];
    }

    /// Takes in a block that ended so many hours after the first judged one began; notes who rolls back.
    pub(crate) fn push(
        &mut self,
        block: &[Moments; 2],
        hours: f64,
        found: &mut [Option<f64>; PEERS],
    ) {
        self.blocks.push(*block);
        for (sum, block) in self.sums.iter_mut().zip(block) {
            sum.count += block.count;
            sum.sum += block.sum;
            sum.squares += block.squares;
        }
        let hourly = self.blocks.len().is_multiple_of(LOOK);
        let now = [
            self.threshold(block),
            self.z_test(),
            hourly && self.mann_whitney(),
            hourly && self.group_sequential(),
            self.growthbook(),
        ];
        for (found, now) in found.iter_mut().zip(now) {
            if now && found.is_none() {
                *found = Some(hours);
            }
        }
    }

    fn threshold(&mut self, block: &[Moments; 2]) -> bool {
        let [exposed, _] = block;
        if exposed.count > 0.0 {
            let value = exposed.sum / exposed.count;
            let fails = if self.sign > 0.0 {
                value > 2.0 * self.base
            } else {
                value < 0.5 * self.base
            };
            self.failed += u32::from(fails);
        }
        self.failed >= 5
    }

    /// How much worse the exposed arm is, and the variance of that if terms are independent.
    fn difference(&self) -> Option<(f64, f64)> {
        let [exposed, unexposed] = &self.sums;
        if exposed.count < 2.0 || unexposed.count < 2.0 {
            return None;
        }
        let mean = |arm: &Moments| arm.sum / arm.count;
        let variance = |arm: &Moments| {
            (arm.squares - arm.sum * arm.sum / arm.count).max(0.0) / (arm.count - 1.0) / arm.count
        };
        let difference = self.sign * (mean(exposed) - mean(unexposed));
        Some((difference, variance(exposed) + variance(unexposed)))
    }

    fn z_test(&self) -> bool {
        self.difference().is_some_and(|(difference, variance)| {
            variance > 0.0 && difference / variance.sqrt() > 1.644_853_6
        })
    }

    fn mann_whitney(&self) -> bool {
        if self.blocks.len() < 50 {
            return false;
        }
        let values = |arm: usize| -> Vec<f64> {
            let of = |block: &[Moments; 2]| {
                let arm = block[arm];
                (arm.count > 0.0).then(|| arm.sum / arm.count)
            };
            self.blocks.iter().filter_map(of).collect()
        };
        rollout::stats::rank_sum(&values(0), &values(1)).abs() > 2.326_347_9
    }

    fn group_sequential(&self) -> bool {
        let look = self.blocks.len() / LOOK;
        let Some(bound) = BOUNDS.get(look - 1) else {
            return false;
        };
        let ratio = if self.sign > 0.0 { 1.1 } else { 1.0 / 1.1 };
        let [exposed, unexposed] = &self.sums;
        if exposed.count <= 0.0 || unexposed.count <= 0.0 || unexposed.sum <= 0.0 {
            return false;
        }
        let (of_exposed, of_unexposed) =
            (exposed.sum / exposed.count, unexposed.sum / unexposed.count);
        let terms: Vec<f64> = self
            .blocks
            .iter()
            .map(|[one, other]| {
                (one.sum - of_exposed * one.count) / exposed.count
                    - ratio * (other.sum - of_unexposed * other.count) / unexposed.count
            })
            .collect();
        let variance = newey_west(&terms);
        let difference = self.sign * (of_exposed - ratio * of_unexposed);
        variance > 0.0 && difference / variance.sqrt() > *bound
    }

    fn growthbook(&self) -> bool {
        const ALPHA: f64 = 0.05;
        const TUNING: f64 = 5_000.0;
        let Some((difference, variance)) = self.difference() else {
            return false;
        };
        let n = self.sums[0].count + self.sums[1].count;
        let log = -2.0 * ALPHA.ln();
        let rho = ((log + (log + 1.0).ln()) / TUNING).sqrt();
        let inner = n * rho * rho + 1.0;
        let width = (variance * n).sqrt()
            * (2.0 * inner / (n * rho).powi(2) * (1.0 + inner.sqrt() / (2.0 * ALPHA)).ln()).sqrt();
        variance > 0.0 && difference > width
    }
}

/// Blocks between looks of those who look hourly.
const LOOK: usize = 12;
/// Looks in a stage of a day after its warm-up.
const LOOKS: usize = 24;

/// The variance of the terms' sum, Bartlett weights, bandwidth the square root of their number.
fn newey_west(terms: &[f64]) -> f64 {
    let blocks = terms.len();
    let lags = (1..).take_while(|lag| lag * lag <= blocks).count();
    let product = |lag: usize| -> f64 { terms.iter().zip(&terms[lag..]).map(|(a, b)| a * b).sum() };
    let weight = |lag: usize| 1.0 - lag as f64 / (lags + 1) as f64;
    (1..=lags.min(blocks.saturating_sub(1))).fold(product(0), |sum, lag| {
        sum + 2.0 * weight(lag) * product(lag)
    })
}

/// One-sided O'Brien-Fleming bounds by Lan and DeMets' spending function, at equal steps of information,
/// for a fourth of 5 %: one of four stages.
static BOUNDS: LazyLock<Vec<f64>> = LazyLock::new(|| {
    const ALPHA: f64 = 0.05 / 4.0;
    const POINTS: usize = 400;
    let normal = Normal::standard();
    let spent = |t: f64| 2.0 * normal.sf(normal.inverse_cdf(1.0 - ALPHA / 2.0) / t.sqrt());
    let step = 1.0 / LOOKS as f64;
    // The density of the sum of increments where it has not crossed, on points from -6 up to the bound.
    let mut density: Vec<(f64, f64)> = vec![(0.0, 1.0)];
    let mut bounds = Vec::new();
    for look in 1..=LOOKS {
        let t = look as f64 * step;
        let before = if look == 1 { 0.0 } else { spent(t - step) };
        let now = spent(t) - before;
        let beyond = |bound: f64| -> f64 {
            let far = |(at, mass): &(f64, f64)| mass * normal.sf((bound - at) / step.sqrt());
            density.iter().map(far).sum()
        };
        let (mut low, mut high) = (0.0, 12.0);
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if beyond(middle * t.sqrt()) > now {
                low = middle;
            } else {
                high = middle;
            }
        }
        bounds.push(high);
        let (from, to) = (-6.0 * t.sqrt(), high * t.sqrt());
        let width = (to - from) / POINTS as f64;
        density = (0..POINTS)
            .map(|k| {
                let at = from + (k as f64 + 0.5) * width;
                let here = |(was, mass): &(f64, f64)| {
                    mass * normal.pdf((at - was) / step.sqrt()) / step.sqrt()
                };
                (at, width * density.iter().map(here).sum::<f64>())
            })
            .collect();
    }
    bounds
});

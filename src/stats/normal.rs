//! Means, levels and common shares: a sequential test on the long-run variance of paired blocks
//! of both arms.
//!
//! The contrast `D = R_T - ratio * R_C - offset` is linear, so a small unexposed mean is never
//! divided by; the blocks are paired, so what hits both arms cancels; and the evidence is the
//! one-sided normal mixture of Howard, Ramdas, McAuliffe and Sekhon (2021) of `D` over its standard
//! error, valid at every look in the limit of many blocks (Waudby-Smith and others 2024). With `z` that
//! quotient and `x` the blocks over those at which the mixture is tightest, times a constant of its
//! level: `log E = ln 2 - ln(1 + x) / 2 + z^2 x / (2 (1 + x)) + ln Phi(z sqrt(x / (1 + x)))`.

use super::mixture::{MOST, TIGHTEST_ALPHA, normal_mixture, t_to_z};
use super::moments::{Moments, MomentsStart, bandwidth};
use super::onset::{FROM_THE_START, restart_weight};
use super::unit_variance::{PerUnit, Successive};
use super::{Scored, Sort};

/// One block of both arms: a quantity's sum and its terms; a level is a sum over one term.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PairedBlock {
    /// Sum in the exposed arm.
    pub exposed_sum: f64,
    /// Terms in the exposed arm.
    pub exposed_count: f64,
    /// Sum in the unexposed arm.
    pub unexposed_sum: f64,
    /// Terms in the unexposed arm.
    pub unexposed_count: f64,
}

impl PairedBlock {
    /// Puts another block's sums and terms to this one's.
    pub fn add(&mut self, other: &Self) {
        self.exposed_sum += other.exposed_sum;
        self.exposed_count += other.exposed_count;
        self.unexposed_sum += other.unexposed_sum;
        self.unexposed_count += other.unexposed_count;
    }
}

/// Paired blocks since the start of a stage, and since restarts within it.
#[derive(Debug, Clone)]
pub struct PairedTest {
    moments: Moments<4>,
    sums: [f64; 4],
    blocks: f64,
    whole: Since,
    restarts: Vec<Since>,
    every: usize,
    shares: bool,
    units: Option<Units>,
}

/// How much the unexposed arm's units vary, in the stage and in a history.
#[derive(Debug, Clone, Copy)]
struct Units {
    own: Successive,
    past: Option<PerUnit>,
}

/// The sums at the moment some evidence started: what must be left out of it.
#[derive(Debug, Clone)]
struct Since {
    moments: MomentsStart<4>,
    sums: [f64; 4],
    blocks: f64,
}

/// The mixture is tightest after so many blocks: six hours of five minutes, between the day a
/// stage lasts and the hour in which a large harm should be found.
const TIGHTEST: f64 = 72.0;

/// Fewer blocks do not make a variance: the approximation is wrong before.
pub const LEAST_BLOCKS: f64 = 24.0;

impl PairedTest {
    /// No evidence yet. `shares` says that each term is 0 or 1, which bounds the variance from
    /// below by that of independent terms. Restarts every `every` blocks (never, if 0).
    #[must_use]
    pub fn new(shares: bool, every: usize) -> Self {
        let moments = Moments::default();
        let whole = Since {
            moments: moments.start(),
            sums: [0.0; 4],
            blocks: 0.0,
        };
        Self {
            moments,
            sums: [0.0; 4],
            blocks: 0.0,
            whole,
            restarts: Vec::new(),
            every,
            shares,
            units: None,
        }
    }

    /// No error may be smaller than that of arms whose units vary as the unexposed arm's do, in the
    /// stage and in its history: for quantities with heavy tails ([`PerUnit`]).
    #[must_use]
    pub fn no_surer_than(self, past: Option<PerUnit>) -> Self {
        let own = Successive::default();
        Self {
            units: Some(Units { own, past }),
            ..self
        }
    }

    /// Takes in one block.
    pub fn push(&mut self, block: &PairedBlock) {
        let due = (self.restarts.len() + 1) * self.every;
        if self.every > 0 && self.blocks >= due as f64 {
            self.restarts.push(Since {
                moments: self.moments.start(),
                sums: self.sums,
                blocks: self.blocks,
            });
        }
        let row = [
            block.exposed_sum,
            block.exposed_count,
            block.unexposed_sum,
            block.unexposed_count,
        ];
        for (sum, x) in self.sums.iter_mut().zip(row) {
            *sum += x;
        }
        if let Some(units) = &mut self.units {
            units.own.push(block.unexposed_sum, block.unexposed_count);
        }
        self.blocks += 1.0;
        self.moments.push(row);
        self.moments.note(&mut self.whole.moments);
        for restart in &mut self.restarts {
            self.moments.note(&mut restart.moments);
        }
    }

    /// Mean of the exposed and of the unexposed arm.
    #[must_use]
    pub fn means(&self) -> Option<(f64, f64)> {
        means(&self.sums)
    }

    /// Blocks taken in.
    #[must_use]
    pub const fn blocks(&self) -> f64 {
        self.blocks
    }

    /// Whether there are blocks enough to say anything.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.blocks >= LEAST_BLOCKS
    }

    /// Log evidence against `exposed <= ratio * unexposed + offset` over the whole stage; against
    /// `>=` for a negative `sign`. No evidence before there are blocks enough.
    #[must_use]
    pub fn log_e(&self, ratio: f64, offset: f64, sign: f64) -> f64 {
        self.since(&self.whole, ratio, offset, sign)
            .map_or(0.0, |(t, blocks)| mixture(t, blocks))
    }

    /// The same, mixed over the start of the stage and restarts within it, for harm that sets in late.
    #[must_use]
    pub fn log_e_of_onset(&self, ratio: f64, offset: f64, sign: f64) -> f64 {
        let mut begun = 0.0;
        let mut e = 0.0;
        for (restart, i) in self.restarts.iter().zip(0_u32..) {
            let weight = restart_weight(f64::from(i));
            let found = self.since(restart, ratio, offset, sign);
            begun += weight;
            // What points away from harm is counted as nothing rather than as the little it is.
            e += match found {
                None => weight,
                Some((t, _)) if t <= 0.0 => 0.0,
                Some((t, blocks)) => weight * mixture(t, blocks).exp(),
            };
        }
        let unbegun = (1.0 - FROM_THE_START - begun).max(0.0);
        let whole = self.log_e(ratio, offset, sign).min(MOST).exp();
        (FROM_THE_START * whole + unbegun + e).ln()
    }

    /// The contrast in standard errors, and over how many blocks.
    fn since(&self, start: &Since, ratio: f64, offset: f64, sign: f64) -> Option<(f64, f64)> {
        let k = self.blocks - start.blocks;
        let mut sums = self.sums;
        for (sum, before) in sums.iter_mut().zip(start.sums) {
            *sum -= before;
        }
        let (mean_t, mean_c) = means(&sums).filter(|_| k >= LEAST_BLOCKS)?;
        let least = self.least_variance(&sums, ratio, offset);
        let variance = self.variance(start, &sums, k, ratio).max(least);
        let difference = sign * (mean_t - ratio * mean_c - offset);
        // Blocks that do not vary at all leave nothing to doubt but their own rounding.
        let floor = (1e-9 * (mean_t.abs() + (ratio * mean_c).abs() + offset.abs())).powi(2);
        let t = difference / variance.max(floor).max(f64::MIN_POSITIVE).sqrt();
        Some((t, k))
    }

    /// The variance of `exposed - ratio * unexposed` over these blocks.
    fn variance(&self, start: &Since, sums: &[f64; 4], k: f64, ratio: f64) -> f64 {
        let [y_t, n_t, y_c, n_c] = *sums;
        let (mean_t, mean_c) = (y_t / n_t, y_c / n_c);
        let (a, b) = (k / n_t, ratio * k / n_c);
        let coefficients = [a, -a * mean_t, -b, b * mean_c];
        let (long_run, _) = self.moments.long_run(&start.moments, &coefficients);
        let variance = long_run / (k * (k - 1.0));
        if !self.shares {
            return variance;
        }
        let own = |mean: f64, n: f64| (mean * (1.0 - mean)).max(0.0) / n;
        variance.max(own(mean_t, n_t) + ratio * ratio * own(mean_c, n_c))
    }

    /// The least that the variance of `exposed - ratio * unexposed` may be: that of arms whose units
    /// vary, relative to their mean, as the unexposed arm's do.
    fn least_variance(&self, sums: &[f64; 4], ratio: f64, offset: f64) -> f64 {
        let [_, n_t, y_c, n_c] = *sums;
        let per_unit = self
            .units
            .and_then(|units| PerUnit::together(units.own.per_unit(), units.past));
        let (mean, base) = (ratio * y_c / n_c + offset, ratio * y_c / n_c);
        // An offset below the mean leaves nothing that a variance could be relative to.
        let mean = if mean > 0.0 { mean } else { base };
        per_unit.map_or(0.0, |per_unit| {
            per_unit.relative * mean * mean * (1.0 / n_t + 1.0 / n_c)
        })
    }

    /// By how much `exposed - ratio * unexposed` varies from block to block, as a variance; `None`
    /// before there are blocks enough.
    #[must_use]
    pub fn scatter(&self, ratio: f64) -> Option<f64> {
        self.means().filter(|_| self.enough())?;
        let least = self.least_variance(&self.sums, ratio, 0.0);
        let variance = self.variance(&self.whole, &self.sums, self.blocks, ratio);
        Some(self.blocks * variance.max(least))
    }

    /// The evidence to be expected of a contrast of this size after so many blocks, where it varies
    /// by this much from block to block.
    #[must_use]
    pub fn foreseen(contrast: f64, scatter: f64, blocks: f64) -> f64 {
        if blocks < LEAST_BLOCKS {
            return 0.0;
        }
        let error = (scatter / blocks).max(f64::MIN_POSITIVE).sqrt();
        mixture(contrast / error, blocks)
    }

    /// The score to be expected of it.
    #[must_use]
    pub fn scored_foreseen(contrast: f64, scatter: f64, blocks: f64) -> Option<Scored> {
        if blocks < LEAST_BLOCKS {
            return None;
        }
        let variance = (scatter / blocks).max(f64::MIN_POSITIVE);
        Some(Scored {
            z: t_to_z(contrast / variance.sqrt(), freedom(blocks)),
            information: 1.0 / variance,
            sort: Sort::Means,
        })
    }

    /// How far the whole stage lies beyond `exposed = ratio * unexposed + offset`, in standard errors;
    /// below it for a negative `sign`. `None` before there are blocks enough.
    #[must_use]
    pub fn z(&self, ratio: f64, offset: f64, sign: f64) -> Option<f64> {
        self.scored(ratio, offset, sign).map(|scored| scored.z)
    }

    /// The same, with its information, for a score that may pass.
    #[must_use]
    pub fn scored(&self, ratio: f64, offset: f64, sign: f64) -> Option<Scored> {
        let (t, blocks) = self.since(&self.whole, ratio, offset, sign)?;
        let least = self.least_variance(&self.sums, ratio, offset);
        let variance = self
            .variance(&self.whole, &self.sums, blocks, ratio)
            .max(least)
            // Blocks that never vary are known to the last bit.
            .max(f64::MIN_POSITIVE);
        Some(Scored {
            z: t_to_z(t, freedom(blocks)),
            information: 1.0 / variance,
            sort: Sort::Means,
        })
    }

    /// All ratios (with offset 0) or all differences (with ratio 1) that neither of two one-sided
    /// tests excludes: the lower end at level `alphas.0`, the upper at `alphas.1`.
    #[must_use]
    pub fn interval(&self, relative: bool, alphas: (f64, f64)) -> super::Ends {
        let Some((mean_t, mean_c)) = self.means().filter(|_| self.enough()) else {
            return (None, None);
        };
        let scale = mean_t.abs().max(mean_c.abs());
        if scale <= 0.0 || (relative && mean_c <= 0.0) {
            return (None, None);
        }
        let excluded = |x: f64, sign: f64, alpha: f64| {
            let (ratio, offset) = if relative { (x, 0.0) } else { (1.0, x) };
            self.log_e(ratio, offset, sign) >= -alpha.ln()
        };
        let (centre, step) = if relative {
            (mean_t / mean_c, 0.1)
        } else {
            (mean_t - mean_c, 0.1 * scale)
        };
        let lower = super::interval::edge(centre, -step, 1_000.0 * step, |x| {
            excluded(x, 1.0, alphas.0)
        });
        let upper = super::interval::edge(centre, step, 1_000.0 * step, |x| {
            excluded(x, -1.0, alphas.1)
        });
        (lower, upper)
    }
}

fn means(sums: &[f64; 4]) -> Option<(f64, f64)> {
    let [y_t, n_t, y_c, n_c] = *sums;
    (n_t > 0.0 && n_c > 0.0).then(|| (y_t / n_t, y_c / n_c))
}

/// The log e-value of `t` standard errors, themselves measured on so many blocks.
fn mixture(t: f64, blocks: f64) -> f64 {
    normal_mixture(t_to_z(t, freedom(blocks)), blocks, TIGHTEST, TIGHTEST_ALPHA).min(MOST)
}

/// Degrees of freedom of a long-run variance from so many blocks.
fn freedom(blocks: f64) -> f64 {
    (1.5 * blocks / (bandwidth(blocks) as f64 + 1.0) - 1.0).max(2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mean of 50 in both arms that becomes `factor` times as much in the exposed one.
    fn first_found(every: usize, onset: u32, factor: f64) -> Option<u32> {
        let mut test = PairedTest::new(false, every);
        (0..288_u32).find(|k| {
            let wave = |shift: u32| 1.0 + 0.1 * (f64::from((k * 7 + shift) % 11) / 5.0 - 1.0);
            let harm = if *k >= onset { factor } else { 1.0 };
            test.push(&PairedBlock {
                exposed_sum: 50.0 * harm * wave(0),
                exposed_count: 1.0,
                unexposed_sum: 50.0 * wave(3),
                unexposed_count: 1.0,
            });
            test.log_e_of_onset(1.1, 0.0, 1.0) >= 20.0_f64.ln()
        })
    }

    #[test]
    fn restarts_find_late_harm_hours_sooner() {
        let late = 144;
        let without = first_found(0, late, 1.3).map_or(288, |k| k - late);
        let with = first_found(24, late, 1.3).unwrap() - late;
        assert!(with <= 30 && with + 24 <= without, "{with} {without}");
    }

    #[test]
    fn restarts_cost_harm_from_the_start_no_more_than_a_block_or_two() {
        let (with, without) = (first_found(24, 0, 1.3), first_found(0, 0, 1.3));
        assert!(with.unwrap() <= without.unwrap() + 2);
    }

    #[test]
    fn a_restart_begins_from_nothing() {
        let mut test = PairedTest::new(false, 24);
        let mut own = PairedTest::new(false, 0);
        for k in 0..60_u32 {
            let block = PairedBlock {
                exposed_sum: 50.0 + f64::from((k * 13) % 7),
                exposed_count: 2.0,
                unexposed_sum: 60.0 + f64::from((k * 5) % 11),
                unexposed_count: 2.0,
            };
            test.push(&block);
            if k >= 24 {
                own.push(&block);
            }
        }
        let of = |test: &PairedTest, start: &Since| test.since(start, 1.0, 0.0, 1.0);
        let (t, blocks) = of(&test, &test.restarts[0]).unwrap();
        let (expected, same) = of(&own, &own.whole).unwrap();
        assert!((t - expected).abs() < 1e-9 && blocks.to_bits() == same.to_bits());
    }
}

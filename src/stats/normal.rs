//! Means, levels and common shares: a sequential test on the long-run variance of paired blocks
//! (judge.md section 5).
//!
//! The contrast `D = R_T - ratio * R_C - offset` is linear, so a small unexposed mean is never
//! divided by; the blocks are paired, so what hits both arms cancels; and the evidence is Howard
//! and Ramdas' one-sided normal mixture of `D` over its standard error, asymptotically valid at
//! every look.

use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

use super::moments::{Moments, MomentsStart};

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

/// Paired blocks since the start of a stage.
#[derive(Debug, Clone)]
pub struct PairedTest {
    moments: Moments<4>,
    start: MomentsStart<4>,
    sums: [f64; 4],
    blocks: f64,
    shares: bool,
}

/// The mixture is tightest after so many blocks: six hours of five minutes, between the day a
/// stage lasts and the hour in which a large harm should be found.
const TIGHTEST: f64 = 72.0;

/// The level at which it is tightest there.
const TIGHTEST_ALPHA: f64 = 0.05;

/// Fewer blocks do not make a variance: the approximation is wrong before (judge.md section 5).
const LEAST_BLOCKS: f64 = 24.0;

impl PairedTest {
    /// No evidence yet. `shares` says that each term is 0 or 1, which bounds the variance from
    /// below by that of independent terms.
    #[must_use]
    pub fn new(shares: bool) -> Self {
        let moments = Moments::default();
        let start = moments.start();
        Self {
            moments,
            start,
            sums: [0.0; 4],
            blocks: 0.0,
            shares,
        }
    }

    /// Takes in one block.
    pub fn push(&mut self, block: &PairedBlock) {
        let row = [
            block.exposed_sum,
            block.exposed_count,
            block.unexposed_sum,
            block.unexposed_count,
        ];
        for (sum, x) in self.sums.iter_mut().zip(row) {
            *sum += x;
        }
        self.blocks += 1.0;
        self.moments.push(row);
        self.moments.note(&mut self.start);
    }

    /// Mean of the exposed and of the unexposed arm.
    #[must_use]
    pub fn means(&self) -> Option<(f64, f64)> {
        let [y_t, n_t, y_c, n_c] = self.sums;
        (n_t > 0.0 && n_c > 0.0).then(|| (y_t / n_t, y_c / n_c))
    }

    /// Whether there are blocks enough to say anything.
    #[must_use]
    pub fn enough(&self) -> bool {
        self.blocks >= LEAST_BLOCKS
    }

    /// Log evidence against `exposed <= ratio * unexposed + offset`; against `>=` for a negative
    /// `sign`. No evidence before there are blocks enough.
    #[must_use]
    pub fn log_e(&self, ratio: f64, offset: f64, sign: f64) -> f64 {
        let (Some((mean_t, mean_c)), true) = (self.means(), self.enough()) else {
            return 0.0;
        };
        let k = self.blocks;
        let [_, n_t, _, n_c] = self.sums;
        let (a, b) = (k / n_t, ratio * k / n_c);
        let (long_run, lags) = self
            .moments
            .long_run(&self.start, &[a, -a * mean_t, -b, b * mean_c]);
        let mut variance = long_run / (k * (k - 1.0));
        if self.shares {
            let own = |mean: f64, n: f64| (mean * (1.0 - mean)).max(0.0) / n;
            variance = variance.max(own(mean_t, n_t) + ratio * ratio * own(mean_c, n_c));
        }
        let difference = sign * (mean_t - ratio * mean_c - offset);
        // Blocks that do not vary at all leave nothing to doubt but their own rounding.
        let floor = (1e-9 * (mean_t.abs() + (ratio * mean_c).abs() + offset.abs())).powi(2);
        let t = difference / variance.max(floor).max(f64::MIN_POSITIVE).sqrt();
        let freedom = (1.5 * k / (lags as f64 + 1.0) - 1.0).max(2.0);
        normal_mixture(t_to_z(t, freedom), k, TIGHTEST, TIGHTEST_ALPHA)
    }

    /// All ratios (with offset 0) or all differences (with ratio 1) not excluded at `alpha`,
    /// two-sided.
    #[must_use]
    pub fn interval(&self, relative: bool, alpha: f64) -> super::Ends {
        let Some((mean_t, mean_c)) = self.means().filter(|_| self.enough()) else {
            return (None, None);
        };
        let scale = mean_t.abs().max(mean_c.abs());
        if scale <= 0.0 || (relative && mean_c <= 0.0) {
            return (None, None);
        }
        let need = (2.0 / alpha).ln();
        let excluded = |x: f64, sign: f64| {
            let (ratio, offset) = if relative { (x, 0.0) } else { (1.0, x) };
            self.log_e(ratio, offset, sign) >= need
        };
        let (centre, step) = if relative {
            (mean_t / mean_c, 0.1)
        } else {
            (mean_t - mean_c, 0.1 * scale)
        };
        let lower = super::interval::edge(centre, -step, 1_000.0 * step, |x| excluded(x, 1.0));
        let upper = super::interval::edge(centre, step, 1_000.0 * step, |x| excluded(x, -1.0));
        (lower, upper)
    }
}

/// Howard and Ramdas' one-sided normal mixture: the log e-value of `z` standard errors after
/// `blocks`, tightest for level `alpha` after `tightest` blocks.
#[must_use]
pub(crate) fn normal_mixture(z: f64, blocks: f64, tightest: f64, alpha: f64) -> f64 {
    let twice = -2.0 * (2.0 * alpha).ln();
    let x = (twice + twice.ln_1p()) * blocks / tightest;
    let shrunk = x / (1.0 + x);
    std::f64::consts::LN_2 - 0.5 * x.ln_1p() + 0.5 * z * z * shrunk + log_phi(z * shrunk.sqrt())
}

/// The normal quantile that is as improbable as `t` under Student's distribution: a standard error
/// from few blocks is itself uncertain.
#[must_use]
pub(crate) fn t_to_z(t: f64, freedom: f64) -> f64 {
    if t.is_nan() {
        return 0.0;
    }
    // The smallest tail that the inverse can still be taken of.
    const LEAST_TAIL: f64 = 1e-300;
    let Ok(student) = StudentsT::new(0.0, 1.0, freedom) else {
        return 0.0;
    };
    let tail = student.sf(t.abs()).clamp(LEAST_TAIL, 0.5);
    let z = -Normal::standard().inverse_cdf(tail);
    if t < 0.0 { -z } else { z }
}

/// Logarithm of the standard normal distribution function.
fn log_phi(z: f64) -> f64 {
    // Below this the function underflows; its asymptotic series is exact to 1e-6 relative there.
    if z < -35.0 {
        let half_log_tau = 0.5 * std::f64::consts::TAU.ln();
        return -0.5 * z * z - half_log_tau - (-z).ln() + (-1.0 / (z * z)).ln_1p();
    }
    Normal::standard().cdf(z).ln()
}

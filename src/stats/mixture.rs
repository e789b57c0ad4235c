//! The one-sided normal mixture, and what few degrees of freedom take from a standard error.

use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

/// Beyond this a log e-value says no more than "certain", and sums of e-values stay finite.
pub(super) const MOST: f64 = 600.0;

/// The level at which the mixtures of means and levels are tightest.
pub(super) const TIGHTEST_ALPHA: f64 = 0.05;

/// Howard and Ramdas' one-sided normal mixture: the log e-value of `z` standard errors after
/// `blocks`, tightest for level `alpha` after `tightest` blocks.
#[must_use]
pub(crate) fn normal_mixture(z: f64, blocks: f64, tightest: f64, alpha: f64) -> f64 {
    let twice = -2.0 * (2.0 * alpha).ln();
    mixture_of(z, (twice + twice.ln_1p()) * blocks / tightest)
}

/// [`normal_mixture`] at [`TIGHTEST_ALPHA`], after so large a part of the information at which it
/// is tightest.
#[must_use]
pub(crate) fn normal_mixture_at(z: f64, progress: f64) -> f64 {
    normal_mixture(z, progress, 1.0, TIGHTEST_ALPHA)
}

fn mixture_of(z: f64, x: f64) -> f64 {
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

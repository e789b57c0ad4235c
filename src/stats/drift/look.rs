//! What is known of a difference of levels at one look: its mean under every plausible parameter.

use super::super::interval::edge;
use super::super::mixture::{MOST, normal_mixture_at, t_to_z};
use super::super::{Scored, Sort};

/// One plausible parameter's view of the difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The mean of the difference.
    pub(super) mean: f64,
    /// Its precision for the variance that is used.
    pub(super) precision: f64,
    /// Degrees of freedom of that variance.
    pub(super) freedom: f64,
    /// The information over that at which the mixture is tightest.
    pub(super) progress: f64,
}

/// The difference at one look since one start, under all plausible parameters; empty before there are
/// blocks enough.
#[derive(Debug, Clone, Default)]
pub struct Look {
    pub(super) candidates: Vec<Candidate>,
}

/// The approximation by which the least is found is right to this; what is within it is computed.
const NEARLY: f64 = 0.02;

impl Candidate {
    /// Standard errors beyond `offset`, in the direction of `sign`.
    fn t(&self, offset: f64, sign: f64) -> f64 {
        // Levels that do not vary at all leave nothing to doubt but their own rounding.
        let floor = 1e-9 * (self.mean.abs() + offset.abs());
        let error = (1.0 / self.precision).max(floor * floor);
        sign * (self.mean - offset) / error.max(f64::MIN_POSITIVE).sqrt()
    }

    fn log_e(&self, z: f64) -> f64 {
        normal_mixture_at(z, self.progress).min(MOST)
    }
}

impl Look {
    /// Whether there are blocks enough to say anything.
    #[must_use]
    pub fn is_known(&self) -> bool {
        !self.candidates.is_empty()
    }

    /// Log evidence against `difference <= offset`; against `>=` for a negative `sign`. The least over
    /// the plausible parameters; none before there are blocks enough.
    #[must_use]
    pub fn log_e(&self, offset: f64, sign: f64) -> f64 {
        let nearly: Vec<f64> = self
            .candidates
            .iter()
            .map(|c| c.log_e(nearly_z(c.t(offset, sign), c.freedom)))
            .collect();
        let least = nearly.iter().copied().fold(f64::INFINITY, f64::min);
        let most = least + NEARLY * (1.0 + least.abs());
        let near = self.candidates.iter().zip(nearly);
        near.filter(|(_, nearly)| *nearly <= most)
            .map(|(c, _)| c.log_e(t_to_z(c.t(offset, sign), c.freedom)))
            .reduce(f64::min)
            .unwrap_or(0.0)
    }

    /// Whether the difference lies beyond `offset` under every plausible parameter.
    #[must_use]
    pub fn is_beyond(&self, offset: f64, sign: f64) -> bool {
        self.is_known()
            && self
                .candidates
                .iter()
                .all(|c| sign * (c.mean - offset) > 0.0)
    }

    /// How far the difference lies beyond `offset`, in the direction of `sign`, by the plausible
    /// parameter under which that is least.
    #[must_use]
    pub fn scored(&self, offset: f64, sign: f64) -> Option<Scored> {
        self.candidates
            .iter()
            .map(|candidate| Scored {
                z: t_to_z(candidate.t(offset, sign), candidate.freedom),
                information: candidate.precision,
                sort: Sort::Means,
            })
            .reduce(|least, other| if other.z < least.z { other } else { least })
    }

    /// The mean of the difference and its standard error where that is largest: what an interval is
    /// sought around.
    #[must_use]
    pub fn centre(&self) -> Option<(f64, f64)> {
        let widest = |a: &&Candidate, b: &&Candidate| b.precision.total_cmp(&a.precision);
        let candidate = self.candidates.iter().max_by(widest)?;
        Some((candidate.mean, (1.0 / candidate.precision).sqrt()))
    }

    /// All differences that neither of two one-sided tests excludes: the lower end at level
    /// `alphas.0`, the upper at `alphas.1`.
    #[must_use]
    pub fn interval(&self, alphas: (f64, f64)) -> crate::stats::Ends {
        let Some((mean, error)) = self.centre() else {
            return (None, None);
        };
        let step = 0.5 * error.max(1e-9 * mean.abs()).max(f64::MIN_POSITIVE);
        let excluded = |offset: f64, sign: f64, alpha: f64| self.log_e(offset, sign) >= -alpha.ln();
        let end = |sign: f64, alpha: f64| {
            edge(mean, -sign * step, 1e6 * step, |x| excluded(x, sign, alpha))
        };
        (end(1.0, alphas.0), end(-1.0, alphas.1))
    }
}

/// [`t_to_z`] in a few operations, after Wallace (1959): good to a percent for more than ten degrees of
/// freedom, and monotonic.
fn nearly_z(t: f64, freedom: f64) -> f64 {
    let shrunk = (8.0 * freedom + 1.0) / (8.0 * freedom + 3.0);
    let z = shrunk * (freedom * (t * t / freedom).ln_1p()).sqrt();
    if t < 0.0 { -z } else { z }
}

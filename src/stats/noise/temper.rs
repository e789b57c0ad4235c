//! Evidence divided by dispersion: more for far alternatives, where events come in clumps.
//!
//! The sizes of clumps are skewed, and a variance does not say so: dividing every log likelihood ratio by
//! the same dispersion makes far alternatives anti-conservative. A sum of single events and of clumps of
//! exponential sizes, half of the events in each, has per unit of its dispersion the log moment function
//! `u / 2 + u / (2 (1 - u))`. With it `S / (phi kappa)` keeps its expectation below that of independent
//! events for an alternative at log distance `d` exactly when `kappa = d + d / (2 (g - 1))`,
//! `g = (e^d - 1) / d`: 1.03 at 5 %, 1.7 at e-fold, 3.3 at twentyfold. Where there are no clumps it fades.

use std::sync::LazyLock;

use super::super::grid::{Alternatives, average_of, distances};

/// By what more the alternative at this log distance is tempered where half of the events are clumps.
pub(super) fn kappa(d: f64) -> f64 {
    let growth = d.exp_m1() / d;
    d + d / (2.0 * (growth - 1.0))
}

/// `kappa - 1` of each alternative.
fn excesses() -> &'static Alternatives {
    static EXCESSES: LazyLock<Alternatives> = LazyLock::new(|| distances().map(|d| kappa(d) - 1.0));
    &EXCESSES
}

/// How much of that applies at this dispersion of clumps: none without any, nine tenths at 30.
pub(super) fn skewness(clumps: f64) -> f64 {
    ((clumps - 1.0) / (clumps + 3.0)).max(0.0)
}

/// What each alternative is tempered by besides the dispersion, at one skewness.
#[derive(Debug, Clone)]
pub(super) struct Tempering {
    omega: f64,
    shares: Alternatives,
}

impl Tempering {
    /// At this skewness.
    pub(super) fn of(omega: f64) -> Self {
        Self {
            omega,
            shares: excesses().map(|excess| 1.0 / (1.0 + omega * excess)),
        }
    }

    /// The same at another skewness, which is mostly that of the last time.
    pub(super) fn at(&mut self, omega: f64) -> &Self {
        if self.omega.to_bits() != omega.to_bits() {
            *self = Self::of(omega);
        }
        self
    }

    /// The weighted average over the alternatives of `exp((sum - base) / (phi (1 + omega (kappa - 1))))`.
    pub(super) fn average(&self, sums: &Alternatives, base: &Alternatives, phi: f64) -> f64 {
        average_of(sums, base, 1.0 / phi, &self.shares)
    }
}

/// Expected exposed events after which a rate of `ratio` times what the null tolerates has given so much
/// log evidence on average, at this dispersion, of which so much is clumps.
#[must_use]
pub fn needed_for(ratio: f64, log_e: f64, dispersion: f64, clumps: f64) -> f64 {
    let d = ratio.ln();
    let gain = ratio * d - (ratio - 1.0);
    if gain <= 0.0 {
        return f64::INFINITY;
    }
    let tempering = dispersion * (1.0 + skewness(clumps) * (kappa(d) - 1.0));
    log_e * tempering / gain
}

#[cfg(test)]
mod tests {
    use super::super::reference::close;
    use super::*;

    #[test]
    fn far_alternatives_are_tempered_more_as_in_the_reference() {
        for (d, expected) in [
            (0.05, 1.033_403),
            (0.5, 1.340_498),
            (1.0, 1.696_106),
            (3.0, 3.279_754),
        ] {
            assert!((kappa(d) - expected).abs() < 5e-7, "{d}: {}", kappa(d));
        }
    }

    #[test]
    fn without_clumps_all_alternatives_are_tempered_alike() {
        let sums = distances();
        let plain = super::super::super::average(&sums, &[0.0; 24], 2.0);
        let mut tempering = Tempering::of(0.0);
        let mut at = |clumps| {
            tempering
                .at(skewness(clumps))
                .average(&sums, &[0.0; 24], 2.0)
        };
        close(at(1.0), plain);
        assert!(at(9.0) < plain);
        close(at(1.0), plain);
    }

    #[test]
    fn clumps_make_a_doubling_need_more_events() {
        let calm = needed_for(2.0, 20.0_f64.ln(), 1.0, 1.0);
        assert!((calm - 2.995_732 / 0.386_294).abs() < 1e-4, "{calm}");
        assert!(needed_for(2.0, 20.0_f64.ln(), 10.0, 10.0) > 10.0 * calm);
        assert!(needed_for(1.0, 3.0, 1.0, 1.0).is_infinite());
    }
}

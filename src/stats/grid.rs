//! The grid of alternatives an e-process is averaged over, and a fast exponential to do it with.
//! What an alternative means is decided in `counts`.

use std::sync::LazyLock;

/// Number of alternatives. More would cost time and gain nothing: neighbours overlap within the
/// resolution of the evidence at which a decision falls.
pub const GRID: usize = 24;

/// One number for each alternative.
pub type Alternatives = [f64; GRID];

/// Nearest and farthest alternative as logarithms of the ratio to the null: 1.05x to 20x of it.
/// Nearer ones need more traffic than a rollout has; farther ones are found at once anyway.
const NEAREST: f64 = 0.05;
const FARTHEST: f64 = 3.0;

/// The alternatives' distances from the null on the log scale, log-spaced, ascending.
#[must_use]
pub fn distances() -> Alternatives {
    let step = (FARTHEST / NEAREST).ln() / (GRID - 1) as f64;
    std::array::from_fn(|j| NEAREST * (step * j as f64).exp())
}

/// Beyond this a log e-value says no more than "certain", and sums of e-values stay finite.
const CEILING: f64 = 600.0;
/// Below this an e-value is nothing; also the smallest argument [`exp`] is made for.
const FLOOR: f64 = -700.0;

/// The alternatives' weights. They fall exponentially with the distance from the null: an effect of
/// e-fold is as typical as rollouts have it, small ones are common, and a twentyfold one needs no
/// weight to be found. Against equal weights on the log scale this saves about a nat between 1.5x
/// and 5x.
#[must_use]
pub fn weights() -> &'static Alternatives {
    static WEIGHTS: LazyLock<Alternatives> = LazyLock::new(|| {
        // The grid is log-spaced, so a density of e^-d has weights d e^-d.
        let raw = distances().map(|d| d * (-d).exp());
        let total: f64 = raw.iter().sum();
        raw.map(|w| w / total)
    });
    &WEIGHTS
}

/// The weighted average over the grid of `exp(sum / dispersion)`: an e-value.
#[must_use]
pub fn average(sums: &Alternatives, base: &Alternatives, dispersion: f64) -> f64 {
    average_of(sums, base, 1.0 / dispersion, &[1.0; GRID])
}

/// The weighted average over the grid of `exp((sum - base) scale share)`.
pub(super) fn average_of(
    sums: &Alternatives,
    base: &Alternatives,
    scale: f64,
    shares: &Alternatives,
) -> f64 {
    let terms = ARCH.dispatch(Terms {
        sums,
        base,
        scale,
        shares,
    });
    terms
        .iter()
        .zip(weights())
        .map(|(term, weight)| term * weight)
        .sum()
}

/// What this processor can do: the judge spends most of its time in [`Terms`].
static ARCH: LazyLock<pulp::Arch> = LazyLock::new(pulp::Arch::new);

/// `exp((sum - base) scale share)` of each alternative, all at once: a sum has an order, and would keep
/// the exponentials from being vectorised. Equal to the last bit on every processor.
struct Terms<'a> {
    sums: &'a Alternatives,
    base: &'a Alternatives,
    scale: f64,
    shares: &'a Alternatives,
}

impl pulp::NullaryFnOnce for Terms<'_> {
    type Output = Alternatives;

    #[inline(always)]
    fn call(self) -> Alternatives {
        let mut terms = [0.0; GRID];
        let each = self.sums.iter().zip(self.base).zip(self.shares);
        for (term, ((sum, base), share)) in terms.iter_mut().zip(each) {
            *term = exp((sum - base) * (self.scale * share));
        }
        terms
    }
}

/// `e^x`, with `x` clamped to -700..600, to a relative 1e-11. NaN becomes `e^-700`.
///
/// The standard function is exact to the last bit but cannot be vectorised, and the judge spends
/// most of its time here. Splits off the power of two and sums the Taylor series of what is left
/// (|r| <= ln 2 / 2, where ten terms suffice).
#[must_use]
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // ln 2 in two parts, so that `n * LN2_HIGH` is exact.
    const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    // Adding it leaves the rounded integer plus the exponent's bias in the lowest bits.
    const MAGIC: f64 = 6_755_399_441_055_744.0 + 1_023.0;
    #[expect(
        clippy::manual_clamp,
        reason = "unlike `clamp`, this order of comparisons also swallows NaN"
    )]
    let x = x.max(FLOOR).min(CEILING);
    let shifted = x * std::f64::consts::LOG2_E + MAGIC;
    let n = shifted - MAGIC;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let mut series = 1.0 / 362_880.0;
    for factor in [
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ] {
        series = series * r + factor;
    }
    series * f64::from_bits(shifted.to_bits() << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_exponential_agrees_with_the_exact_one() {
        for i in 0..=130_000 {
            let x = f64::from(i) / 100.0 - 700.0;
            let exact = x.exp();
            assert!((exp(x) - exact).abs() <= 1e-11 * exact, "{x}");
        }
        assert!(exp(f64::NAN) < 1e-300);
        assert!(exp(f64::NEG_INFINITY) < 1e-300);
        assert!(exp(1e9).is_finite());
    }

    #[test]
    fn alternatives_reach_from_five_percent_to_twenty_times() {
        let d = distances();
        assert!((d[0] - 0.05).abs() < 1e-12);
        assert!((d[GRID - 1] - 3.0).abs() < 1e-12);
        assert!(d.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn no_evidence_is_an_e_value_of_one() {
        assert!((average(&[0.0; GRID], &[0.0; GRID], 3.0) - 1.0).abs() < 1e-12);
    }
}

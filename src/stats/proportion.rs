//! A share of trials with its uncertainty.

use statrs::distribution::{Beta, ContinuousCDF as _};

/// Beyond either end.
const TAIL: f64 = 0.025;

/// The 95 % interval of the share behind so many successes of so many independent trials: that of Clopper
/// and Pearson (1934), whose ends are quantiles of beta distributions, and which holds whatever the share.
#[must_use]
pub fn proportion(successes: u32, trials: u32) -> (f64, f64) {
    let (x, n) = (f64::from(successes.min(trials)), f64::from(trials));
    let quantile = |a: f64, b: f64, p: f64| Beta::new(a, b).map(|beta| beta.inverse_cdf(p)).ok();
    let lower = quantile(x, n - x + 1.0, TAIL).unwrap_or(0.0);
    let upper = quantile(x + 1.0, n - x, 1.0 - TAIL).unwrap_or(1.0);
    (lower, upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_those_of_the_exact_interval() {
        // By R's binom.test.
        for (x, n, lower, upper) in [
            (2, 200, 0.001_213, 0.035_654),
            (0, 200, 0.0, 0.018_275),
            (200, 200, 0.981_725, 1.0),
            (7, 20, 0.153_909, 0.592_189),
        ] {
            let (low, high) = proportion(x, n);
            assert!((low - lower).abs() < 1e-5, "{x}/{n}: {low}");
            assert!((high - upper).abs() < 1e-5, "{x}/{n}: {high}");
        }
        assert_eq!(proportion(0, 0), (0.0, 1.0));
    }
}

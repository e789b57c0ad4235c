//! The interval of a share of which the failures are counted. `p_T = x p_C` is `q_T = x q_C + 1 - x` for
//! `q = 1 - p`: each ratio `x` is a null hypothesis of the test of `counts`, with an offset.

use super::grid::{Alternatives, GRID, average, distances};
use super::interval::{Condensed, Ends, STEP, edge};

impl Condensed {
    /// For counts of what fails of shares `values` (exposed, unexposed): all ratios of those shares that
    /// neither of two one-sided tests excludes; the lower end at level `alphas.0`, the upper at
    /// `alphas.1`.
    #[must_use]
    pub fn complement_interval(
        &self,
        values: Option<(f64, f64)>,
        dispersion: f64,
        alphas: (f64, f64),
    ) -> Ends {
        let Some((exposed, unexposed)) = values.filter(|(_, unexposed)| *unexposed > 0.0) else {
            return (None, None);
        };
        // A share `x` times as large has fewer failures: what is above is below.
        let excluded = |x: f64, sign: f64, alpha: f64| {
            let sums = self.complement_ratios(x, -sign);
            average(&sums, &[0.0; GRID], dispersion) >= 1.0 / alpha
        };
        let failing = (1.0 - exposed.min(unexposed)).max(1e-9);
        let centre = exposed / unexposed;
        let (step, far) = (STEP * failing, 1_000.0 * failing);
        let lower = edge(centre, -step, far, |x| excluded(x, 1.0, alphas.0));
        let upper = edge(centre, step, far, |x| excluded(x, -1.0, alphas.1));
        (lower, upper)
    }

    /// Log likelihood ratios around the null "failures are `x` times the unexposed ones, and `1 - x`".
    fn complement_ratios(&self, x: f64, sign: f64) -> Alternatives {
        distances().map(|d| {
            let d = sign * d;
            let of = |(p, n, n_t): &(f64, f64, f64)| {
                let growth = (x * d.exp() * p + 1.0 - p) / (x * p + 1.0 - p);
                n * growth.ln() + (1.0 - x) * n_t * (d.exp() / growth - 1.0)
            };
            d * self.exposed_events - self.bins.iter().map(of).sum::<f64>()
        })
    }
}

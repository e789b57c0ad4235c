//! Whether users are split over two arms as declared: Lindon and Malek's
//! sequential multinomial test (2022), with a tolerance. With `n_T` and `n_C` users, the declared
//! shares `p`, and `k` users' worth of belief in them: `log E = ln B(k p + n) - ln B(k p) - max over
//! shares within the tolerance of (n_T ln share + n_C ln(1 - share))`.

use statrs::function::beta::ln_beta;

/// How firmly the declared share is believed before counts are seen: 100 users' worth.
const BELIEF: f64 = 100.0;

/// Log evidence that the exposed share of users is not within `tolerance` (relative) of `share`.
///
/// Against the best of the tolerated shares, so the evidence is a lower bound for each of them.
#[must_use]
pub fn misassignment(exposed: f64, unexposed: f64, share: f64, tolerance: f64) -> f64 {
    let inside = |x: f64| x > 0.0 && x < 1.0;
    let total = exposed + unexposed;
    if !(inside(share) && exposed >= 0.0 && unexposed >= 0.0 && total > 0.0 && total.is_finite()) {
        return 0.0;
    }
    let low = share * (1.0 - tolerance);
    // The tolerance is a share of the smaller arm, whichever that is.
    let high = share * (1.0 + tolerance);
    let best = (exposed / total).clamp(low, high.min(1.0 - f64::EPSILON));
    let (a, b) = (BELIEF * share, BELIEF * (1.0 - share));
    let log = |n: f64, p: f64| if n > 0.0 { n * p.ln() } else { 0.0 };
    ln_beta(a + exposed, b + unexposed)
        - ln_beta(a, b)
        - log(exposed, best)
        - log(unexposed, 1.0 - best)
}

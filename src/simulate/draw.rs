//! Random counts.

use rand::Rng;
use rand_distr::{Binomial, Distribution as _, Gamma, Poisson};

/// A Poisson variable; 0 for a mean that is not above 0.
pub fn poisson(mean: f64, rng: &mut impl Rng) -> f64 {
    Poisson::new(mean).map_or(0.0, |p| p.sample(rng))
}

/// How many of so many whole things are of a kind that has this share.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a Poisson variable: whole, not negative, far below 2^52"
)]
pub fn binomial(total: f64, rate: f64, rng: &mut impl Rng) -> f64 {
    Binomial::new(total as u64, rate.clamp(0.0, 1.0)).map_or(0.0, |b| b.sample(rng) as f64)
}

/// The sum of so many geometric sizes of this mean, each 1 at least: one each, plus a negative binomial
/// excess, which is a Poisson variable with a gamma mean.
pub fn geometric_sum(count: f64, mean: f64, rng: &mut impl Rng) -> f64 {
    if count <= 0.0 || mean <= 1.0 {
        return count.max(0.0);
    }
    let excess = Gamma::new(count, mean - 1.0).map_or(0.0, |g| g.sample(rng));
    count + poisson(excess, rng)
}

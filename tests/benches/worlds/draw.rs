//! Random counts.

use rand::Rng;
use rand_distr::{Binomial, Distribution as _, Gamma, Poisson, StandardNormal};

/// A Poisson variable; 0 for a mean that is not above 0.
pub(crate) fn poisson(mean: f64, rng: &mut impl Rng) -> f64 {
    Poisson::new(mean).map_or(0.0, |p| p.sample(rng))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of requests in a block: whole, not negative, far below 2^52"
)]
pub(crate) fn binomial(total: f64, share: f64, rng: &mut impl Rng) -> f64 {
    Binomial::new(total as u64, share.clamp(0.0, 1.0)).map_or(0.0, |b| b.sample(rng) as f64)
}

/// The sum of so many geometric variables, each 1 at least and of this mean.
pub(crate) fn geometric_sum(count: f64, mean: f64, rng: &mut impl Rng) -> f64 {
    if count <= 0.0 || mean <= 1.0 {
        return count.max(0.0);
    }
    // One each, plus a negative binomial excess, which is a Poisson variable with a gamma mean.
    let excess = Gamma::new(count, mean - 1.0).map_or(0.0, |g| g.sample(rng));
    count + poisson(excess, rng)
}

pub(crate) fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// The upper tail of a standard normal variable.
pub(crate) fn tail(z: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF as _, Normal};
    Normal::standard().sf(z)
}

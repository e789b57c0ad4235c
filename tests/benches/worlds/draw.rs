//! Normal variables.

use rand::Rng;
use rand_distr::{Distribution as _, StandardNormal};

pub(crate) fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// The upper tail of a standard normal variable.
pub(crate) fn tail(z: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF as _, Normal};
    Normal::standard().sf(z)
}

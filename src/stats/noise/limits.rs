//! Limits of a variance, and how correlated terms add up.

pub(super) use super::super::prior::{LOWER_DECILE_Z, limit};

/// Degrees of freedom of what has two independent sources of error.
pub(super) fn parallel(a: f64, b: f64) -> f64 {
    1.0 / (1.0 / a + 1.0 / b)
}

/// How much of a rate's drift stays from one block to the next.
const MEMORY: f64 = 0.9;

/// The variance of a sum of `terms` of an autoregression, in that of one term and per term: 1 for one
/// term, 15.3 for 48, and 19 at last. A drift is seen in full by a long stage only.
#[must_use]
pub(super) fn growth(terms: f64) -> f64 {
    if terms <= 1.0 {
        return 1.0;
    }
    let limit = (1.0 + MEMORY) / (1.0 - MEMORY);
    let shortfall = 2.0 * MEMORY / (1.0 - MEMORY).powi(2);
    limit - shortfall * (1.0 - MEMORY.powf(terms)) / terms
}

#[cfg(test)]
mod tests {
    use super::super::reference::close;
    use super::*;

    #[test]
    fn a_drift_adds_up_as_in_the_reference() {
        for (terms, expected) in [
            (1.0, 1.0),
            (7.0, 5.584_777),
            (48.0, 15.273_860),
            (288.0, 18.375),
        ] {
            assert!(
                (growth(terms) - expected).abs() < 6e-7,
                "{terms}: {}",
                growth(terms)
            );
        }
        close(growth(0.1), 1.0);
    }

    #[test]
    fn limits_and_what_clusters_leave_of_freedom_are_those_of_the_reference() {
        for (z, expected) in [
            (LOWER_DECILE_Z, 3.006_262),
            (0.0, 2.052_171),
            (-LOWER_DECILE_Z, 1.462_650),
        ] {
            assert!((limit(2.0, 26.0, z) - expected).abs() < 6e-7);
        }
        close(parallel(3.0, 6.0), 2.0);
    }
}

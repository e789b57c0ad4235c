//! What evidence of a stage is granted: drift that arms always have, and a weak confirmation at first.

use super::extent::Extent;

/// Confirmation may be weak for so many blocks after the first part: two hours.
const WEAKLY: f64 = 24.0;

/// And then what came since needs only this part of the log evidence.
const WEAK: f64 = 8.0;

/// Drift is granted for a working day at most.
const MOST_DRIFT: f64 = 96.0;

/// By how much what came after the first part counts, so long after it.
pub(super) fn confirmed(since: f64) -> f64 {
    if since <= WEAKLY { WEAK } else { 1.0 }
}

/// A dispersion with the drift that arms are always granted.
pub(super) fn granting(dispersion: f64, extent: &Extent, drift: f64, shows: f64) -> f64 {
    let time = extent.time();
    let grown = time.min(MOST_DRIFT) * time / (time + shows);
    (dispersion + drift.powi(2) * extent.pace() * grown).max(1.0)
}

//! How long is waited before a query is asked again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// The pause before the second attempt; it doubles, and jitter of half its length keeps the
/// queries of one run from coming back together.
const BACKOFF: Duration = Duration::from_millis(250);

/// The pause after this attempt.
pub(super) fn pause(attempt: u32) -> Duration {
    let base = BACKOFF * 2_u32.pow(attempt - 1);
    // The hasher's keys differ in every process, which is all that jitter needs.
    let random = RandomState::new().build_hasher().finish();
    let share = f64::from(u32::try_from(random % 1_000).unwrap_or(0)) / 1_000.0;
    base.mul_f64(0.75 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_short() {
        assert!(pause(1) >= Duration::from_millis(187));
        assert!(pause(2) <= Duration::from_millis(625));
    }
}

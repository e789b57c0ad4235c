//! What harm costs until it is found: time, and people exposed to it.

use crate::units::Period;

use super::path::Path;
use super::{Cost, Traffic};

/// The cost of harm of this factor, over so many seconds of a stage.
pub(super) fn cost(path: &Path, traffic: &Traffic, factor: f64, seconds: f64) -> Cost {
    let exposed = path.load.per_second * path.share() * seconds;
    Cost {
        time: period(seconds),
        exposed,
        users: traffic
            .users_per_second
            .map(|users| users * path.share() * seconds),
        excess: exposed * path.excess(factor),
    }
}

/// To the whole second.
pub(super) fn period(seconds: f64) -> Period {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never longer than a year for each stage, and the cast saturates"
    )]
    let whole = seconds.round() as u32;
    Period::from_seconds(whole)
}

impl Cost {
    /// Both, one after the other.
    pub(super) fn and(self, other: Self) -> Self {
        let sum = f64::from(self.time.seconds()) + f64::from(other.time.seconds());
        Self {
            time: period(sum),
            exposed: self.exposed + other.exposed,
            users: self.users.zip(other.users).map(|(a, b)| a + b),
            excess: self.excess + other.excess,
        }
    }
}

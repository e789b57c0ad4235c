//! The share of users who see the change.

use std::fmt;

use super::UnitError;

/// Percent of users who see the change: 0 to 100 with at most two decimals, held exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Exposure {
    /// Hundredths of a percent, 0 to 10,000.
    hundredths: u16,
}

impl Exposure {
    /// Nobody.
    pub const NONE: Self = Self { hundredths: 0 };
    /// A hundredth of a percent: the fewest users an exposure can speak of.
    pub const HUNDREDTH: Self = Self { hundredths: 1 };
    /// Everybody.
    pub const FULL: Self = Self { hundredths: 10_000 };

    /// Reads a percentage.
    ///
    /// # Errors
    /// When it is not a number from 0 to 100 with at most two decimals.
    pub fn from_percent(percent: f64) -> Result<Self, UnitError> {
        let hundredths = percent * 100.0;
        let rounded = hundredths.round();
        if !(0.0..=10_000.0).contains(&rounded) {
            return Err(UnitError::new(
                format!("exposure {percent} is not between 0 and 100 percent"),
                "write a percentage such as `exposure = 5`",
            ));
        }
        if (hundredths - rounded).abs() > 1e-6 {
            return Err(UnitError::new(
                format!("exposure {percent} has more than two decimals"),
                format!("write `{:.2}`", rounded / 100.0),
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an integer from 0 to 10,000, checked above"
        )]
        let hundredths = rounded as u16;
        Ok(Self { hundredths })
    }

    /// The largest exposure, in steps of 0.01 percent, that does not exceed `percent`.
    #[must_use]
    pub fn floor_percent(percent: f64) -> Self {
        let clamped = if percent.is_nan() {
            0.0
        } else {
            percent.clamp(0.0, 100.0)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=100 above"
        )]
        // The nudge keeps 0.07 percent from becoming 0.06 for its binary fraction.
        let hundredths = (clamped * 100.0 + 1e-7).floor() as u16;
        Self { hundredths }
    }

    /// So many hundredths of a percent; `None` above 10,000.
    #[must_use]
    pub const fn from_hundredths(hundredths: u16) -> Option<Self> {
        if hundredths > Self::FULL.hundredths {
            return None;
        }
        Some(Self { hundredths })
    }

    /// In hundredths of a percent, 0 to 10,000.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.hundredths
    }

    /// In percent, 0 to 100.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.hundredths) / 100.0
    }

    /// As a share, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.hundredths) / 10_000.0
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.percent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_decimals_are_held_exactly() {
        for hundredths in 0..=10_000_u16 {
            let percent = f64::from(hundredths) / 100.0;
            assert_eq!(
                Exposure::from_percent(percent).unwrap().hundredths,
                hundredths
            );
            assert_eq!(Exposure::floor_percent(percent).hundredths, hundredths);
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_cure() {
        for bad in [-1.0, 100.01, 0.001, f64::NAN, f64::INFINITY] {
            assert!(
                !Exposure::from_percent(bad).unwrap_err().cure.is_empty(),
                "{bad}"
            );
        }
    }
}

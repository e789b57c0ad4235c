//! Probabilities and the evidence measured against them.

use std::fmt;

use super::UnitError;

/// A probability strictly between 0 and 1, such as an error budget.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Probability(f64);

impl Probability {
    /// Five percent, the default budget.
    pub const FIVE_PERCENT: Self = Self(0.05);

    /// Reads a probability.
    ///
    /// # Errors
    /// When it is not strictly between 0 and 1.
    pub fn new(value: f64) -> Result<Self, UnitError> {
        if value > 0.0 && value < 1.0 {
            Ok(Self(value))
        } else {
            Err(UnitError::new(
                format!("{value} is not a probability between 0 and 1"),
                "write a share such as 0.05",
            ))
        }
    }

    /// As a number between 0 and 1.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// The log e-value at which this budget is spent: `ln(1 / alpha)`. Ville's inequality: under
    /// the null an e-process ever reaches it with at most this probability.
    #[must_use]
    pub fn threshold(self) -> LogE {
        LogE(-self.0.ln())
    }
}

/// Natural logarithm of an e-value. 0 is no evidence; `ln 20 = 3.0` is proof at 5 %.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct LogE(pub f64);

impl LogE {
    /// No evidence either way.
    pub const NONE: Self = Self(0.0);

    /// True when the evidence spends the whole budget `alpha`.
    #[must_use]
    pub fn proves(self, alpha: Probability) -> bool {
        self >= alpha.threshold()
    }
}

impl fmt::Display for LogE {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:+.2}", self.0)
    }
}

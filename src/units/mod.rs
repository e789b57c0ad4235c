//! Quantities with their units in their types. Parsing happens here once; a value that exists is
//! valid, and nothing below re-checks it.

mod digest;
mod effect;
mod exposure;
mod period;
mod probability;

pub use digest::Digest;
pub use effect::{Bound, BoundUnit, Effect, Worse};
pub use exposure::Exposure;
pub use period::Period;
pub use probability::{LogE, Probability};

/// An instant of the evaluation, always in UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;

/// A unit that could not be read. `Display` says what was expected, with an example to type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct UnitError {
    /// What is wrong, as a lower-case fragment.
    pub problem: String,
    /// What to write instead.
    pub cure: String,
}

impl UnitError {
    pub(crate) fn new(problem: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            cure: cure.into(),
        }
    }
}

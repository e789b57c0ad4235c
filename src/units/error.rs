//! What is said of a quantity that cannot be read.

/// A unit that could not be read. `Display` says what is wrong; `cure` is an example to type.
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

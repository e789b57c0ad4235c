//! How much is told.

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What a person cares about.
    Brief,
    /// Every plan in full, and the lines of its file that change.
    Full,
}

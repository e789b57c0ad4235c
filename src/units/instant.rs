//! Moments in time.

/// An instant of the evaluation, always in UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;

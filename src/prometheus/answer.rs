//! Answers of Prometheus: the wire structs, and what they mean.

use std::collections::BTreeMap;

/// Labels of one series.
pub type Labels = BTreeMap<String, String>;

/// One sample. The value may be NaN or infinite, as Prometheus says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// The value.
    pub value: f64,
}

/// One series of an answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Returned {
    /// What tells it apart.
    pub labels: Labels,
    /// Its samples in order of time.
    pub points: Vec<Point>,
}

/// A successful answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// Its series; a scalar is one series without labels.
    pub series: Vec<Returned>,
    /// The server's own doubts: incomplete data.
    pub warnings: Vec<String>,
}

//! What was asked for a checkup, as plain data.

use std::collections::BTreeMap;

use crate::plan::Column;
use crate::snapshot::Snapshot;
use crate::units::{Instant, Period};

/// Labels of one series.
pub type Labels = BTreeMap<String, String>;

/// Everything that was seen of one plan's data.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// When it was asked.
    pub now: Instant,
    /// What preflight asks.
    pub before: Snapshot,
    /// The latest blocks, measured as `check` does.
    pub measured: Snapshot,
    /// By guardrail, in the order of the plan.
    pub guardrails: Vec<Vec<ColumnFacts>>,
    /// The counter of users, where the plan has one.
    pub assignment: Option<ColumnFacts>,
    /// What asking for the latest blocks took.
    pub cost: Cost,
}

/// What was seen of one selector of counters.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnFacts {
    /// The column.
    pub column: Column,
    /// The latest value of each series of both arms; `None` where the server did not say.
    pub series: Option<Vec<SeriesSeen>>,
    /// Of each value of the arms' label, the most restarts of one series within [`RESTARTS_WITHIN`].
    pub restarts: Vec<(String, f64)>,
    /// Series that came to be lately, and whose first sample was above zero already.
    pub newborn: Vec<Labels>,
    /// The newest sample of either arm, in Unix seconds.
    pub newest: Option<f64>,
    /// The oldest sample within [`HISTORY_WITHIN`], in Unix seconds.
    pub oldest: Option<f64>,
}

/// One series and its latest value.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesSeen {
    /// What tells it apart.
    pub labels: Labels,
    /// The value.
    pub value: f64,
}

/// What a question costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Series that are read.
    pub series: usize,
    /// Blocks that were asked for.
    pub blocks: usize,
    /// Milliseconds until all was answered.
    pub millis: u64,
    /// Samples that the server read for them; `None` where it does not say.
    pub samples: Option<u64>,
    /// Samples that it read to find how far back there is history.
    pub history_samples: Option<u64>,
}

/// Restarts are counted over so much of the past.
pub const RESTARTS_WITHIN: Period = Period::from_hours(1);

/// History is looked for so far back.
pub const HISTORY_WITHIN: Period = Period::from_hours(24 * 14);

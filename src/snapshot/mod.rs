//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.
//!
//! In comes what was measured, or the JSON of an earlier time; out comes a [`Snapshot`], checked for its
//! shape, or JSON. How it is asked for, and what it means, is not known here. Read `model.rs` first; the
//! forms of the JSON are `wire.rs`.

mod entry;
mod error;
mod fact;
mod fact_words;
mod issue;
mod model;
mod moment;
mod packed;
mod place;
mod read;
mod wire;

pub use crate::plan::Arm;
pub use entry::{AskedHistory, EntryHistory};
pub use error::SnapshotError;
pub use issue::{Absence, Differing, EvidenceIssue, Falls, Nature, SeriesFault, Sought};
pub use model::{
    ArmSeries, AssignmentSeries, Copies, Flaw, GuardrailSeries, History, InstanceCounts, LabelSeen,
    Series, Snapshot,
};
pub use moment::Moment;
pub use read::{read, read_value};

#[cfg(test)]
mod tests;

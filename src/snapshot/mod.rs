//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.

mod error;
mod fact;
mod issue;
mod model;
mod moment;
mod place;
mod read;
mod wire;

pub use error::SnapshotError;
pub use issue::{Absence, Arm, Differing, EvidenceIssue, Falls, Nature, SeriesFault, Sought};
pub use model::{
    ArmSeries, AssignmentSeries, Flaw, GuardrailSeries, History, InstanceCounts, LabelSeen, Series,
    Snapshot,
};
pub use moment::Moment;
pub use read::read;

#[cfg(test)]
mod tests;

//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.

mod error;
mod model;
mod place;
mod read;
mod wire;

pub use error::SnapshotError;
pub use model::{
    ArmSeries, AssignmentSeries, Flaw, GuardrailSeries, History, InstanceCounts, LabelSeen, Series,
    Snapshot,
};
pub use read::read;

#[cfg(test)]
mod tests;

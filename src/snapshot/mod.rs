//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.

mod model;
mod read;
mod wire;

pub use model::{
    ArmSeries, AssignmentSeries, GuardrailSeries, History, LabelSeen, Series, Snapshot,
};
pub use read::{SnapshotError, read};

#[cfg(test)]
mod tests;

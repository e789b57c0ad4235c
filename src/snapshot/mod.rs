//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.

mod error;
mod model;
mod place;
mod read;
mod wire;

pub use error::SnapshotError;
pub use model::{
    ArmSeries, AssignmentSeries, Flaw, GuardrailSeries, History, LabelSeen, Series, Snapshot,
};
pub use read::{read, read_value};

#[cfg(test)]
mod tests;

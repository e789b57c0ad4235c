//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.

mod model;

pub use model::{ArmSeries, AssignmentSeries, GuardrailSeries, Series, Snapshot};

//! Snapshots: everything Prometheus said for one evaluation, as data that can be saved and replayed.
//!
//! In comes what was measured, or the JSON of an earlier time; out comes a [`Snapshot`], checked for its
//! shape, or JSON. How it is asked for, and what it means, is not known here. Read `model.rs` first; the
//! forms of the JSON are `wire.rs`.

mod apart;
mod arm;
mod beside;
mod dense;
mod entry;
mod error;
mod fact;
mod fact_words;
mod history;
mod issue;
mod model;
mod moment;
mod naming;
mod numbers;
mod packed;
mod place;
mod read;
mod read_entry;
mod read_history;
mod short;
mod slots;
mod sums;
mod wire;

pub use crate::plan::Arm;
pub use arm::{ArmSeries, Series};
pub use entry::{AskedHistory, EntryHistory};
pub use error::SnapshotError;
pub use history::{History, Housing, InstanceCounts, Unsplit};
pub use issue::{Absence, Differing, EvidenceIssue, Falls, Nature, SeriesFault, Sought};
pub use model::{AssignmentSeries, Copies, Flaw, GuardrailSeries, LabelSeen, Snapshot};
pub use moment::Moment;
pub use naming::{INSTANCE_LABELS, PORT, is_machine, name_of, names_instance, naming, naming_of};
pub use read::{read, read_recorded};
pub use slots::{InstanceSums, SlotBlocks, SlotPast, SlotSeries};

#[cfg(test)]
mod tests;

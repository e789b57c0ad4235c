//! What `rollout doctor` finds in a plan's data. In come the facts that were asked ([`Facts`]) and the
//! snapshots; out goes a [`Checkup`] for each guardrail, with a [`Diagnosis`] for each fault. Pure: how
//! the facts are asked (`prometheus::doctor`) and how a fault is said (`report::words`) is not known here.
//! Read `diagnose.rs` first.

mod buckets;
mod copies;
mod diagnose;
mod diagnosis;
mod facts;
mod instances;

pub use copies::copied;
pub use diagnose::diagnose;
pub use diagnosis::{Check, Checkup, Diagnosis, Fault, Mark};
pub use facts::{ColumnFacts, Cost, Facts, HISTORY_WITHIN, Labels, RESTARTS_WITHIN, SeriesSeen};
pub use instances::Instances;

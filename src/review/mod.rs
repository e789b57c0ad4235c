//! Review: what a change of a plan or of the shared settings does to rollouts that are under way.
//!
//! In come both sides of a change as parsed values, and whether evidence backs a new state; out come
//! [`Mistake`](crate::plan::Mistake)s with place and cure. Where the sides come from (git, the work
//! tree) and whom the change may make us trust is not known here. Read `entry.rs` first.

mod arms;
mod consent;
mod course;
mod entry;
mod guardrails;
mod places;
mod settings;
mod state;
mod targets;

pub use entry::{BySettings, Revised, changed_record, compare, compare_deleted, under_way};
pub use settings::{RevisedSettings, compare_settings};
pub use state::excused_by_evidence;
pub use targets::{added_beside, set_by_hand};

#[cfg(test)]
mod tests;

//! The merge gate's pure half: what a change of a plan file does to a rollout that is under way.

mod consent;
mod course;
mod entry;
mod guardrails;
mod places;
mod settings;
mod state;

pub use entry::{BySettings, Revised, compare, compare_deleted, under_way};
pub use settings::{RevisedSettings, compare_settings};
pub use state::excused_by_evidence;

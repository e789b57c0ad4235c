//! The merge gate's pure half: what a change of a plan file does to a rollout that is under way.

mod consent;
mod course;
mod entry;
mod guardrails;
mod places;
mod state;

pub use entry::{Revised, compare, compare_deleted};

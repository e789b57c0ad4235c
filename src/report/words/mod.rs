//! The one room where facts become sentences: why a plan moves or stays, why a guardrail has its
//! verdict, what is wrong with its evidence. Facts come in as the enums of `judge`, `decide` and
//! `power`; sentences go out. How a fact was found is not known here, and nothing reads a sentence back:
//! records and programs know each fact by its code. Read `why.rs` first.

mod distance;
mod doctor;
mod evidence;
mod glance;
mod issue;
mod list;
mod matcher;
mod obstacles;
pub(in crate::report) mod page;
mod past;
mod power;
mod reason;
mod refusal;
mod sentence;
mod sizes;
mod state;
pub(crate) mod target;
#[cfg(test)]
mod tests;
mod verdict;
mod why;

pub(super) use glance::{clear, harm};
pub(super) use list::list;
pub(super) use past::{instances, past};
pub(super) use sizes::quantile;
pub use state::written_state;
pub(super) use verdict::verdict;

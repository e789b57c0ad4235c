//! The decision: from a plan, its verdicts and its surroundings to one step or none, with the state that
//! it leads to. Pure and total.
//!
//! In come a [`Plan`](crate::plan::Plan), a [`Judgement`](crate::judge::Judgement) and what else a decision
//! depends on; out comes a [`Decision`]. How a verdict was reached and how a state is written is not known
//! here, nor are sentences: reasons are facts with a code. Read `rules.rs` first: it has the rules in their
//! order, and each hard sub-question has a file of its own. What people decide is `by_hand`.

mod budget;
pub mod by_hand;
pub mod calendar;
mod course;
mod decision;
mod evidence;
mod gate;
mod gates;
mod next;
mod ramp;
mod reason;
mod recorded;
mod rules;
mod stops;
mod target;

pub use budget::{Spending, spending};
pub use decision::{Action, Decision, Environment, Exit, Neighbour};
pub use gate::{Gate, GateName, GateState};
pub use next::{entered, taken_back};
pub use reason::{NoDataThen, Reason};
pub use recorded::{RecordedAction, RecordedActor};
pub use rules::decide;
pub use target::{TargetStanding, TargetState};

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod ramp_properties;
#[cfg(test)]
mod ramp_tests;
#[cfg(test)]
mod tests;
mod told;

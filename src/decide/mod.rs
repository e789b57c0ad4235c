//! The decision: from a plan, its verdicts and its surroundings to one step or none. Pure and
//! total. The order of rules stands in `rules`; each hard sub-question has a file of its own.

mod budget;
pub mod by_hand;
pub mod calendar;
mod course;
mod decision;
mod evidence;
mod next;
mod ramp;
mod reason;
mod rules;
mod stops;

pub use budget::{Spending, spending};
pub use decision::{Action, Decision, Exit, Gate, GateState, Neighbour, Surroundings};
pub use next::{entered, taken_back};
pub use reason::{NoDataThen, Reason};
pub use rules::decide;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod ramp_properties;
#[cfg(test)]
mod ramp_tests;
#[cfg(test)]
mod tests;

//! The decision: from a plan, its verdicts and its surroundings to one step or none. Pure and
//! total; the order of rules is `design.md` section 5.

mod decision;

pub use decision::{Action, Decision, Exit, Gate, GateState, Neighbour, Reason, Surroundings};

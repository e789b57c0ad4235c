//! A plan's own gates on the unexposed arm's own past, split into two arms between which there is no
//! difference: how often would they roll back a healthy release, how long would one take, and how small a
//! harm do they find?
//!
//! In come a plan and a [`crate::snapshot::SlotPast`]; out comes a [`SplitAnswer`]. A rollout exposes the
//! first slots of an order that a seed gives (`arms`), makes of them the snapshots that Prometheus would have
//! given (`scene`), and puts these before the real judge and the real rules (`rollout`). Harm is added to the
//! exposed arm by arithmetic (`harm`) and its smallest size that is found is searched for (`search`). The
//! arms are on instances of their own, and are judged so, whatever the plan's release is like. Everything
//! follows from the data and the seeds. Asking for the data and text are not known here. Read `trial.rs` first.

mod answer;
mod arms;
mod harm;
mod rollout;
mod scatter;
mod scene;
mod search;
mod starts;
#[cfg(test)]
mod tests;
mod trial;

pub use answer::{GuardrailAnswer, SplitAnswer, StageAnswer};
pub use rollout::{Passed, SplitEnded, SplitRun};
pub use scatter::Scatter;
pub use search::{LADDER, SmallestHarm};
pub use starts::{Starts, TooShort, blocks_of, days_to_ask};
pub use trial::{LeftOut, Split};

//! The judge: from a plan and a snapshot to a verdict for each guardrail. Pure and total: no IO, no
//! clock, no `Result`. A bad world is a verdict, not an error.

mod finding;
mod verdicts;

pub use finding::{ArmTotals, Finding, Judgement, LimitFinding, Measure, NoData, Scale, Verdict};
pub use verdicts::judge;

//! The report as JSON, for programs: structs of its own at the wire, not the domain's types. Keys may
//! be added, never renamed.
//!
//! In come outcomes of plans; out goes one document, and the parts that records keep are read back by the
//! same structs. What a program makes of it is not known here. Read `document.rs` first, then `plan.rs`.

mod document;
mod guardrail;
mod number;
mod plan;
mod ramp;
mod recorded;

pub use document::{Document, document, mistaken, print};
pub use guardrail::GuardrailPart;
pub use plan::{DecidedPart, FailedPart, PlanPart, decided, plan};
pub use recorded::{Recorded, RecordedFinding, RecordedScale, differences};

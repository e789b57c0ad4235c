//! Quantities with their units in their types.
//!
//! In come texts and numbers as people write them; out come values that are valid, so that nothing below
//! checks them again, or an error with its cure. Nothing is known here of plans, arms or statistics.
//! Read `exposure.rs` first.

mod bucket;
mod digest;
mod effect;
mod error;
mod exposure;
mod foreign;
mod guard;
mod instant;
mod period;
mod probability;

pub use bucket::Bucket;
pub use digest::Digest;
pub use effect::{Bound, BoundUnit, Effect, Worse};
pub use error::UnitError;
pub use exposure::Exposure;
pub use foreign::{Foreign, is_control, one_line, write_number};
pub use guard::{Guard, page};
pub use instant::Instant;
pub use period::Period;
pub use probability::{LogE, Probability};

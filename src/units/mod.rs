//! Quantities with their units in their types. Parsing happens here once; a value that exists is
//! valid, and nothing below re-checks it.

mod digest;
mod effect;
mod error;
mod exposure;
mod instant;
mod period;
mod probability;

pub use digest::Digest;
pub use effect::{Bound, BoundUnit, Effect, Worse};
pub use error::UnitError;
pub use exposure::Exposure;
pub use instant::Instant;
pub use period::Period;
pub use probability::{LogE, Probability};

//! Mathematics that knows no domain: mixtures, dispersion, tail functions. The only place where a
//! bare `f64` is a fine argument.

mod counts;
mod dispersion;
mod grid;
mod interval;
mod onset;

pub use counts::{CountNull, Direction, OneArmBlock, OneArmNull, TwoArmBlock};
pub use dispersion::{Dispersion, Model, Observation, Prior, Tally};
pub use grid::{Alternatives, GRID, average, distances, exp};
pub use interval::{Condensed, Ends};
pub use onset::{OnsetMixture, Reading};

//! Mathematics that knows no domain: mixtures, dispersion, tail functions. The only place where a
//! bare `f64` is a fine argument.

mod assignment;
mod counts;
mod dispersion;
#[cfg(test)]
mod golden;
mod grid;
mod interval;
mod moments;
mod normal;
mod onesided;
mod onset;
mod prior;
mod ranks;
mod score;
mod tally;

pub use assignment::misassignment;
pub use counts::{CountNull, Direction, OneArmBlock, OneArmNull, TwoArmBlock};
pub use dispersion::{Dispersion, Model, Observation, Start};
pub use grid::{Alternatives, GRID, average, distances, exp, weights};
pub use interval::{Condensed, Ends};
pub use normal::{LEAST_BLOCKS, PairedBlock, PairedTest};
pub use onesided::OneSided;
pub use onset::{FROM_THE_START, OnsetMixture, Reading};
pub use prior::Prior;
pub use ranks::rank_sum;
pub use score::Score;
pub use tally::Tally;

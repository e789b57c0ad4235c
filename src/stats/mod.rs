//! Mathematics that knows no domain: mixtures, dispersion, tail functions. The only place where a
//! bare `f64` is a fine argument.
//!
//! In come counts and sums of blocks; out come the logarithms of e-values, intervals and tail
//! probabilities. What a guardrail, an arm's name or a margin in a plan is, is not known here. Each file
//! states its formula and where it is from; `tests/golden.json` holds values of other implementations.
//! Read `counts.rs` first, then `onset.rs`; `noise` learns how events of two arms scatter, `drift`
//! how levels wander, `unit_variance` how single units of a mean do, and `spending` says when a score
//! may pass.

mod apart;
mod assignment;
mod clumps;
mod complement;
mod counts;
mod dispersion;
mod drift;
#[cfg(test)]
mod golden;
mod grid;
mod interval;
mod mixture;
mod moments;
mod noise;
mod normal;
mod onesided;
mod onset;
mod permitted;
mod prior;
mod proportion;
mod ranks;
mod running;
mod score;
mod spending;
mod tally;
mod unit_variance;

pub use apart::{Apart, ScoreApart};
pub use assignment::misassignment;
pub use clumps::{Succession, long_run_of_halves};
pub use counts::{CountNull, Direction, OneArmBlock, OneArmNull, TwoArmBlock};
pub use dispersion::{Dispersion, Model, Observation, Start};
pub use drift::{Contrast, DriftTest, Foresight, Look, Past};
pub use grid::{Alternatives, GRID, average, distances, exp, weights};
pub use interval::{Condensed, Ends, edge};
pub use noise::{
    Belief, Foreseen, GroupBlock, Instances, Learnt, Left, NoiseSettings, Onsets, StageEvidence,
    StageReading, WithinStage, needed_for,
};
pub use normal::{LEAST_BLOCKS, PairedBlock, PairedTest};
pub use onesided::OneSided;
pub use onset::{FROM_THE_START, OnsetMixture, Reading};
pub use prior::Prior;
pub use proportion::proportion;
pub use ranks::rank_sum;
pub use score::{Score, Scored, Sort};
pub use spending::{Bounds, Spending};
pub use tally::Tally;
pub use unit_variance::{Halved, PerUnit, Successive};

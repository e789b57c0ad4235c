//! Levels that wander: a sequential test of two arms' difference where it is correlated over hours, by
//! a first-order autoregression with white noise on top.
//!
//! In come the levels of both arms by blocks, and differences of a history in which no change tells the
//! two sides apart; out come logarithms of e-values, standard errors and intervals. What the levels are
//! of is not known here. Read `test.rs` first; `filter.rs` whitens the series, `grid.rs` holds the
//! parameters that are tried, `look.rs` is what is known at one look, `foresee.rs` what a history
//! lets one expect of it.
//!
//! For each parameter a Kalman filter whitens the series, and the score of its mean is a martingale:
//! the one-sided normal mixture of Howard, Ramdas, McAuliffe and Sekhon (2021) over it is an e-process
//! for Gaussian noise of that parameter, whatever its correlation (proven). The evidence is the least
//! over all parameters that the likelihood of the stage and of the history leaves plausible
//! (simulated). Long-run variances with a bandwidth of the root of the blocks see 80 minutes of a day:
//! with noise that is correlated for eight hours they rolled back 24 to 86 % of healthy rollouts.

mod filter;
mod foresee;
mod grid;
mod look;
mod parameter;
mod test;

pub use filter::Contrast;
pub use foresee::Foresight;
pub use look::Look;
pub use test::{DriftTest, Past};

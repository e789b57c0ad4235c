//! Simulated traffic: services with daily cycles, shared incidents, users who always fail, and arms that drift and burst,
//! as snapshots for the judge; and whole rollouts over it, decided by the real judge and rules and
//! by the simpler methods they are compared with.
//!
//! In come a plan, a [`Setting`] and seeds; out come runs and their summary. Pure: seeds are arguments,
//! time is simulated, and whoever has threads shares out the jobs of a [`Study`]. Prometheus, files and
//! text are not known here. Read `rollout.rs` first.

mod backtest;
mod contender;
mod draw;
mod first_move;
mod noise;
mod pace;
mod paces;
mod pending;
mod rollout;
mod scene;
mod service;
mod sessions;
mod setting;
mod split;
mod study;
#[cfg(test)]
pub(crate) mod tests;
mod world;

pub use backtest::{Step, as_if, step};
pub use contender::Method;
pub use draw::{binomial, geometric_sum, poisson};
pub use first_move::{Move, first_move};
pub use noise::{Autoregression, Noise};
pub use pace::{Release, SimulatedRollout, journey};
pub use paces::{BUDGET, Paced, Ways, paces};
pub use pending::Pending;
pub use scene::{SnapshotBuilder, beforehand, instant};
pub use service::{Harm, Service, Traffic};
pub use sessions::Sessions;
pub use setting::{Ended, Run, Setting};
pub use split::{
    GuardrailAnswer, LADDER, LeftOut, Passed, Scatter, SmallestHarm, Split, SplitAnswer,
    SplitEnded, SplitRun, StageAnswer, Starts, TooShort, blocks_of, days_to_ask,
};
pub use study::{Job, Row, Study};

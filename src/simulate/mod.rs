//! Simulated traffic: services with daily cycles, shared incidents and arms that drift and burst,
//! as snapshots for the judge. Pure: the random generator is an argument, time is simulated.
//! Whoever wants to know what the judge would do on such traffic asks the judge.

mod noise;
mod scene;
mod service;

pub use noise::{Autoregression, Noise};
pub use scene::{Recorder, instant};
pub use service::{Harm, Service, Traffic};

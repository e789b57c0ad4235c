//! Targets as their real readers see them: what a plan says is what users get, through a release and back.
//!
//! Every kind is asked about the same users at 0, 0.5, 1, 5, 10, 25, 50, 99.5, 100, 50, 5 and 0 %. Where a
//! reader cannot be had, its test says aloud that it was skipped; `bash tests/run.sh` brings what can be.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

mod applications;
mod beside;
pub(crate) mod consumers;
mod envoy;
mod flags;
mod http;
mod kubernetes;
mod servers;
mod walk;

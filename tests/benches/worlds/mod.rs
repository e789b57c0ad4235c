//! Worlds that the judge was not made for, and its tables beside those of other methods.
//!
//! In come numbers of rollouts and a first seed; out come Markdown tables. A [`world::World`] is a metric,
//! its traffic, its noise and what happens to one arm alone; a [`course`] is one rollout through it, by the
//! program's own functions from snapshot to decision, never by a copy of them. How evidence is weighed is not
//! known here. Read `world.rs` first, then `course.rs`; the worlds themselves are in `catalogue.rs`.

mod catalogue;
mod clumps;
mod course;
mod draw;
mod found;
mod metric;
mod nulls;
mod peers;
mod permission;
mod public;
mod share;
mod weather;
mod world;

pub(crate) use found::detection;
pub(crate) use nulls::{counts, gauges, latency, revenue, unseen};
pub(crate) use permission::{advance, healthy, short, tail};
pub(crate) use public::print as public;

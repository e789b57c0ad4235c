//! The unexposed arm before a stage: an A/A test for free. How it is asked for, and what comes of it.
//!
//! In come guardrails and the instant at which a stage is entered; out comes a
//! [`crate::snapshot::History`] of each, or why there is none. It is asked for once, in blocks of five
//! minutes whatever the stage's are: three days of events against a total in eight groups of instances, a
//! week of everything else in two halves. What the numbers teach is not known here. Read `wanted.rs`
//! first, then `ask.rs`.
//!
//! Counters are asked for as in a stage ([`super::increments`]); of a histogram only the buckets around what
//! its guardrail asks about, which one query of the day before tells; of a level the mean of each series in
//! each block. Where that is more than can be held, or the server refuses or has no time for it, one day is
//! asked for.
//!
//! `split.rs` asks for the same of each instance by itself, over as much time as is wanted, and puts instances
//! that follow each other into one slot: two arms without a difference can be made of slots.

mod ask;
mod bounds;
mod digest;
mod filled;
mod found;
mod groups;
mod level;
mod recorded;
mod size;
mod slots;
mod split;
mod wanted;

pub(super) use ask::Pasts;
pub(super) use digest::known_past;
pub(super) use found::Found;
pub(super) use groups::{counts, during};
pub use recorded::{ask_histories, lacks_history};
pub use split::{SlotRequest, ask_slots};
pub(super) use wanted::{Wanted, is_in_groups};

//! Targets of plans with real git: the order in which plan and targets are written, what persons set by
//! hand, and what is said of targets that cannot be written.

mod beside;
mod by_hand;
mod decided;
mod killed;
mod pushed;
mod unfit;
pub(crate) mod world;

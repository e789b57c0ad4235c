//! The one integration binary: the crate and the program from outside, one module a topic.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails where it stands"
)]

mod acceptance;
mod aftermath;
mod backtests;
mod bounds;
mod cli;
mod documents;
mod endings;
mod faults;
mod foreign;
mod gate;
mod git;
mod long_history;
mod markdown;
mod neighbours;
mod older;
mod pages;
mod people;
mod planning;
mod projection;
mod prometheus;
mod promises;
mod ramp;
mod ramp_planning;
mod recorded;
mod records;
mod reworded;
mod splits;
mod support;
mod targets;
mod terminal;
mod textfile;
mod timers;
mod workspace;
mod writers;

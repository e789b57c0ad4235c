//! The command line: arguments, wiring, exit codes.
//!
//! In comes a [`World`], which is what the process was started with; out go text and an exit code:
//! [`run`] is the whole program as a function of it. Each command is one file, whose `Args` are its help
//! page and whose `run` is a list of steps of a session and a report. It imports everything, and nothing
//! imports it: rules and formats are not known here. Read `run.rs` first, then `advance.rs`.

mod advance;
mod answer;
mod approve;
mod args;
mod backtest;
mod by_hand;
mod check;
mod commands;
mod complete;
mod completions;
mod cores;
mod demo;
mod doctor;
mod explain;
mod exposure;
mod freeze;
mod help;
mod history;
mod init;
mod look;
mod man;
mod new;
#[cfg(test)]
mod parsed_once;
mod pause;
mod power;
mod replay;
mod report;
mod resume;
mod retry;
mod rollback;
mod rules;
mod run;
mod schema;
mod simulate;
mod split;
mod status;
mod sync;
mod terminal;
mod traffic;
mod validate;
mod watch;
mod world;

pub use crate::session::Variables;
pub use run::{main, run};
pub use world::{Terminals, World};

//! The command line: arguments, wiring, exit codes. Imports everything; nothing imports it.
//!
//! [`World`] is what the process was started with, [`run`] is the whole program as a function of
//! it. Each command is one file, whose `Args` are its help page and whose `run` is a list of steps.

mod advance;
mod answer;
mod approve;
mod args;
mod backtest;
mod by_hand;
mod check;
mod commands;
mod completions;
mod context;
mod cores;
mod demo;
mod desk;
mod explain;
mod exposure;
mod failure;
mod freeze;
mod gate;
mod help;
mod history;
mod init;
mod man;
mod mistakes;
mod new;
mod notify;
mod pause;
mod pipeline;
mod power;
mod progress;
mod query;
mod recorder;
mod rederive;
mod replay;
mod report;
mod resume;
mod retry;
mod rollback;
mod rules;
mod run;
mod schema;
mod simulate;
mod status;
mod traffic;
mod trust;
mod turns;
mod ui;
mod upstream;
mod validate;
mod weigh;
mod world;

pub use run::{main, run};
pub use world::{Terminals, Variables, World};

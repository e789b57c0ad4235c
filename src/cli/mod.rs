//! The command line: arguments, wiring, exit codes. Imports everything; nothing imports it.
//!
//! [`World`] is what the process was started with, [`run`] is the whole program as a function of
//! it. Each command is one file, whose `Args` are its help page and whose `run` is a list of steps.

mod args;
mod completions;
mod context;
mod failure;
mod man;
mod run;
mod ui;
mod world;

pub use run::{main, run};
pub use world::{Terminals, Variables, World};

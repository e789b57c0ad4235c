//! Pull requests by somebody who wants the gate to run something, to tell something, to write something or
//! to look away: each is one run of the program, with its answer. Nothing of them runs, nothing of the
//! machine is told or sent, and no file of it changes.

mod files;
mod names;
mod programs;
mod rollouts;
mod servers;
mod world;

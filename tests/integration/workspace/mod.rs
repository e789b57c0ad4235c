//! The directory of plans, on real files.

mod apply;
mod processes;
mod support;

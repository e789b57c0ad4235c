//! The directory of plans, on real files.

mod apply;
mod links;
mod processes;
mod support;

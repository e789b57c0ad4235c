//! The one integration binary: the crate and the program from outside, one module a topic.

mod cli;
mod support;
mod workspace;

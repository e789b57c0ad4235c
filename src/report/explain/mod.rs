//! One plan explained: every number in the order in which it was used, and every gate.

mod page;
mod steps;
mod words;

pub use page::{Explained, render};

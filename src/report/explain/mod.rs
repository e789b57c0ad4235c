//! One plan explained: every number in the order in which it was used, and every gate.

mod page;
mod steps;

pub use page::{Explained, render};

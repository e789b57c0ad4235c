//! One plan explained: every number in the order in which it was used, and every gate. In come the
//! plan, its judgement and decision; out goes text. How a number was worked out is not known here, only which
//! it is. Read `page.rs` first.

mod page;
mod steps;
mod words;

pub use page::{Explained, Recorded, render};

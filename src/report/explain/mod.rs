//! One plan explained: every number in the order in which it was used, and every gate. In come the
//! plan, its judgement and decision; out goes text. How a number was worked out is not known here, only which
//! it is. Read `page.rs` first.

mod outlook;
mod page;
mod recorded;
mod steps;
mod words;

pub use page::{Explained, render};
pub use recorded::{Recorded, render_facts};

//! The report as text for people. Of one plan: what happens and because of what, then the table that shows
//! it, then what is written and what to type next. Of several: a line for each that moves or needs somebody,
//! and those in full.
//!
//! In comes a report; out goes text, to a writer that is given. What is decided, and how a terminal is asked for
//! its width, is not known here. Read `render.rs` first.

mod detail;
mod overview;
mod plan;
mod render;
mod written;

pub use detail::Detail;
pub(super) use plan::answer;
pub use render::render;

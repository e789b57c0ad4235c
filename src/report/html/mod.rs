//! A plan as one self-contained page with plots: no scripts, no fonts, no images from elsewhere. In
//! comes an evaluated plan with its snapshot, out goes HTML; how a verdict is reached is
//! not known here. Read `page.rs` first.

mod arms;
mod axis;
mod course;
mod glance;
mod guardrail;
mod index;
mod link;
mod page;
mod plot;
mod prose;
mod timeline;
mod top;

pub use course::Chapter;
pub use index::{Card, index};
pub use link::commits;
pub use page::{Page, RolledBack, page};

#[cfg(test)]
mod seen_tests;
#[cfg(test)]
mod tests;

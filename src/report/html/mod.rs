//! A plan as one self-contained page with plots: no scripts, no fonts, no images from elsewhere. In
//! comes an evaluated plan with its snapshot, out goes HTML; how a verdict is reached is
//! not known here. Read `page.rs` first.

mod guardrail;
mod page;
mod plot;

pub use page::{Chapter, Page, page};

#[cfg(test)]
mod tests;

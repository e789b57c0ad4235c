//! A plan as one self-contained page with plots: no scripts, no fonts, no images from elsewhere.

mod guardrail;
mod page;
mod plot;
mod trace;

pub use page::{Page, page};
pub use trace::Chapter;

#[cfg(test)]
mod tests;

//! A plan as one self-contained page with plots: no scripts, no fonts, no images from elsewhere.

mod guardrail;
mod page;
mod plot;

pub use page::{Chapter, Page, page};

#[cfg(test)]
mod tests;

//! A plan's gates on its own past, split into two arms between which there is no difference: for people and
//! programs.
//!
//! In comes a [`crate::simulate::SplitAnswer`]; out comes text, or JSON. How it was tried is not known here.
//! Read `text.rs` first; `words.rs` has the sentences about single guardrails.

mod json;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use json::{Document, document};
pub use text::{headline, render};
pub use words::left_out;

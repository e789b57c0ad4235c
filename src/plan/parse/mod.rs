//! From TOML text to a valid [`super::Config`] or [`super::Plan`], or every mistake of the file.
//!
//! The spanned table is walked by hand: serde loses spans in tagged, untagged and flattened types.

mod calendar;
mod connection;
mod course;
mod document;
mod entry;
mod fields;
mod guardrail;
pub(super) mod keys;
mod metric;
mod plan;
mod promql;
mod ramp;
mod settings;
mod sizes;
mod stages;
mod standing;
mod tolerance;
mod values;
mod words;

pub use entry::{parse_config, parse_plan, salvaged_config};
pub(super) use words::{listed, nearest};

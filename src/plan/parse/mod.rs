//! From TOML text to a valid [`super::Config`] or [`super::Plan`], or every mistake of the file.
//!
//! The spanned table is walked by hand: serde loses spans in tagged, untagged and flattened types.

mod entry;
pub(super) mod fields;

pub use entry::{parse_config, parse_plan};

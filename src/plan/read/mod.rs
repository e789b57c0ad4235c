//! From text to a valid [`Config`](crate::plan::Config) or [`Plan`](crate::plan::Plan), or every
//! mistake of the file.
//!
//! In comes the text of one file, and for a plan the shared settings; out come a value and mistakes with
//! their places. Nothing is written, and other files are not known here: what can only be seen over all
//! plans is found by `together.rs`, which is given them. Read `entry.rs` first.
//!
//! The spanned table is walked by hand: serde loses spans in tagged, untagged and flattened types,
//! and stops at the first mistake.

mod arms;
mod calendar;
mod connection;
mod course;
mod document;
mod entry;
mod fields;
mod guardrail;
mod metric;
mod places;
mod plan;
mod promql;
mod ramp;
mod render;
pub(super) mod section;
mod settings;
mod sizes;
pub(super) mod spanned;
mod stages;
mod standing;
pub(super) mod state;
mod state_values;
mod target_values;
mod targets;
mod together;
mod tolerance;
mod values;
mod words;
mod written;

pub use entry::{parse_config, parse_plan, salvaged_config};
pub use places::{
    place_of_exposure, place_of_margin, place_of_rule_out, place_of_state, place_of_target,
};
pub use render::render_mistakes;
pub use section::{declared_digest, declared_part};
pub(super) use state::read_state_anywhere;
pub use state::{read_state, salvaged_state, standing_of, state_of};
pub use targets::{lost_targets, salvaged_targets};
pub use together::check_together;
pub(crate) use words::{listed, nearest};

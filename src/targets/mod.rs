//! Targets: the exposure of a plan in the files that flags and routers read.
//!
//! In come a [`Target`](crate::plan::Target) of a plan, the text of its file and an exposure; out go the
//! same text with other numbers ([`write()`]), what a text shows ([`shows`], [`compare`]), and what in it
//! would keep users from getting what the plan says ([`check`], [`check_exposures`]), and how a target stands
//! to its plan ([`standing`]). Files, git and the order in which plan
//! and targets are written are not known here: this is a value to a value, or a mistake with its place
//! in the target's text and its cure. Read `presets.rs` first.
//!
//! ```text
//! Target ──> Preset (presets.rs: one row a kind: where the numbers stand, their unit, what is off)
//! text ────> documents of nodes with places (json.rs, yaml.rs) ──> splits (find.rs) ──┬─> Shown (tree.rs)
//!   or ────> the whole text against what would be written (whole.rs) ─────────────────┘
//! Exposure ─> unit.rs: the number to write, never rounded up; refused where it would be nobody
//! new text <─ only the number tokens replaced (tree.rs), or the text made anew (whole.rs); read back
//! ```
//!
//! The kind's unit may be coarser than the plan's hundredths of a percent: [`attainable`] is the largest
//! exposure that it can show without exceeding the plan's, and what a text is compared with.

mod arms;
mod beside;
mod documents;
mod entry;
mod faults;
mod find;
mod json;
mod node;
mod preset;
mod presets;
mod shown;
mod split;
mod stand;
mod state;
mod tree;
mod unit;
mod walk;
mod whole;
mod yaml;

#[cfg(test)]
mod tests;

pub use entry::{
    attainable, attainable_in, check, check_exposures, compare, exposing_beside, places, shows,
    write,
};
pub use shown::{Shown, Standing};
pub use state::standing;

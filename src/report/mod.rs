//! Reports: decisions as text for people, JSON for programs, annotations for merge gates, pages with
//! plots.
//!
//! In come values of the layers before; out goes text, to a writer that is given. Nothing is decided,
//! measured or read back here, and files are not known here. Sentences about verdicts and reasons are in
//! `words`. Read `model.rs` first.

mod answer;
pub mod backtest;
mod bar;
pub mod doctor;
mod doctor_fields;
pub mod explain;
pub mod github;
mod guardrails;
pub mod history;
pub mod html;
pub mod json;
mod markdown;
pub mod mistakes;
mod model;
pub mod notify;
pub mod numbers;
mod output_style;
pub mod paces;
pub mod power;
pub mod power_json;
mod power_traffic;
pub mod query;
mod ramp;
mod remarks;
mod rules;
pub mod split;
mod stages;
pub mod status;
pub mod study;
pub mod summary;
pub mod sync;
mod table;
pub mod text;
mod textfile;
mod told;
pub mod words;
pub(crate) mod wrapped;

pub use model::{Change, Decided, Failure, Outcome, PlanReport, Report, SeenTarget};
pub use output_style::{Glyphs, OutputStyle, Styles};
pub use rules::rules;
pub use stages::Way;
pub use textfile::{Named, textfile};

#[cfg(test)]
mod tests;

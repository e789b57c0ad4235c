//! Reports: decisions as text for people, JSON for programs, annotations for merge gates. Everything
//! here turns values into text; nothing is decided and nothing is written but to a given writer.

pub mod backtest;
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
pub mod query;
mod ramp;
pub mod status;
pub mod study;
mod table;
pub mod text;
pub mod words;

pub use model::{Change, Decided, Failure, Outcome, PlanReport, Report};
pub use output_style::{OutputStyle, Styles};

#[cfg(test)]
mod tests;

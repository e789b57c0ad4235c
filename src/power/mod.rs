//! Power: what a plan can find and what that costs, before anybody is exposed. From a plan and its
//! [`Traffic`] to a [`Forecast`]; nothing is measured and nothing is decided here.
//!
//! `path` follows the expected evidence over time by the judge's own formulas; `forecast` asks it
//! the questions a release engineer has of each stage, `journey` those of the whole rollout, and
//! `doubt` says which stages cannot do what they ask.

mod doubt;
mod forecast;
mod journey;
mod path;
mod scatter;
mod traffic;

pub use doubt::{Doubt, doubts};
pub use forecast::{
    Answer, Cost, Forecast, GuardrailForecast, Harm, Numbers, StageForecast, Unforeseen, forecast,
};
pub use journey::{End, Journey};
pub use path::Asked;
pub use scatter::Scatter;
pub use traffic::{Load, Origin, Traffic, beforehand, last_day, lately};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_kinds;

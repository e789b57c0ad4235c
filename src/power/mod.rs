//! Power: what a plan can find and what that costs, before anybody is exposed.
//!
//! In come a plan and its [`Traffic`]; out comes a [`Forecast`]. Nothing is measured and nothing is decided
//! here; where the traffic is from, and how a forecast is shown, is not known here. Read `model.rs` first: it
//! has both ends. `question` takes from the plan what a stage
//! asks of a guardrail, and `path` follows the expected evidence over time by the judge's own formulas, with what
//! the unexposed arm's past teaches of the noise of each kind (`contrast` has those of means and levels);
//! `forecast` asks it the questions a release engineer has of each stage, `journey` those of the
//! whole rollout, `together` how long all guardrails of a stage take, and `doubt` says which stages
//! cannot do what they ask.

mod block;
mod contrast;
mod cost;
mod doubt;
mod entered;
mod forecast;
mod journey;
mod model;
mod path;
mod question;
mod scatter;
mod together;
mod traffic;

pub use doubt::{InfeasibleStage, doubts};
pub use forecast::forecast;
pub use model::{
    Answer, Asked, BlockVariance, Cost, End, Forecast, GuardrailForecast, Harm, HarmOutcome, Load,
    Numbers, Origin, StageForecast, Together, Traffic, Unforeseen,
};
pub use traffic::Past;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_kinds;
#[cfg(test)]
mod tests_of_pasts;

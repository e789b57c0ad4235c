//! `rollout power`: what a plan can find, how long that takes and what it costs, beforehand.

use crate::decide::Exit;
use crate::power::forecast;
use crate::report::json::print;
use crate::report::power::render;
use crate::report::power_json::document;
use crate::session::{Context, Failure, Format, PlanSet};

use super::traffic::{DispersionArgs, TrafficArgs, factor, given_or_measured};

/// Foresee what a plan can find, how long it takes, and what it costs
///
/// For each stage and guardrail: the smallest harm found within the stage's duration, the time until
/// what must be ruled out is ruled out, and for harm of several sizes the time, the exposed traffic
/// and the excess bad events until it is found. From the traffic of the last day, or from `--rps`
/// and `--baseline`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of a plan
    #[arg(value_name = "PLAN")]
    plan: String,
    #[command(flatten)]
    traffic: TrafficArgs,
    #[command(flatten)]
    dispersion: DispersionArgs,
    /// Sizes of harm to ask about
    #[arg(long = "effect", value_name = "FACTOR", value_delimiter = ',', value_parser = factor,
          default_values = ["1.5x", "2x", "5x"])]
    effects: Vec<f64>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let asked = std::slice::from_ref(&args.plan);
    let plan_set = PlanSet::open(context, asked)?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    let traffic = given_or_measured(
        args.traffic,
        args.dispersion.dispersion,
        &plan_set,
        plan,
        context,
    )?;
    let forecast = forecast(plan, &traffic, &args.effects);
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let output = context.output_style();
            render(&forecast, &output, context.ui.answer())?;
        }
        Format::Json => {
            print(&document(&forecast), context.ui.answer())?;
        }
    }
    Ok(Exit::Go)
}

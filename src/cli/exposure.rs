//! `rollout exposure`: the one number that a flag or a router is set from. A plan that cannot be
//! read has no exposure, which is never the same as nobody.

use std::io;

use serde::Serialize;

use crate::decide::Exit;
use crate::session::{Context, Failure, Format, PlanSet};

/// Print the exposure of a plan in percent, one number on one line
///
/// A pending plan has 0. Where the plan has mistakes, nothing is printed on stdout and the exit
/// code is 2, so that a typing error is never taken for "nobody".
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
}

/// The answer as JSON, on one line.
#[derive(Debug, Serialize)]
struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    exposure: f64,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    let percent = plan.exposure().percent();
    match context.global.format {
        Format::Text | Format::Github => writeln!(context.ui.answer(), "{percent}")?,
        Format::Json => {
            let document = serde_json::to_string(&Document {
                format: "rollout-exposure/1",
                plan: &plan.name,
                exposure: percent,
            });
            writeln!(
                context.ui.answer(),
                "{}",
                document.map_err(io::Error::from)?
            )?;
        }
    }
    Ok(Exit::Go)
}

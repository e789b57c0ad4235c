//! `rollout history`: the transitions of a plan, from its records and from git.

use crate::decide::Exit;
use crate::report::history::{document, render};
use crate::report::json::print;
use crate::session::{Context, Failure, Format, PlanSet, entries};

/// Show the transitions of a plan: who, when, why, with the numbers
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (loaded, plan) = plan_set.one(&args.plan, context)?;
    let (entries, breaks) = entries(&plan_set, loaded, plan, context)?;
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let output = context.output_style();
            render(
                &plan.name,
                &entries,
                breaks.is_empty(),
                &output,
                context.ui.answer(),
            )?;
        }
        Format::Json => {
            print(&document(&plan.name, &entries), context.ui.answer())?;
        }
    }
    if breaks.is_empty() {
        return Ok(Exit::Go);
    }
    let mut failure = Failure::error(format!("the records of {} are not whole", plan.name));
    failure.causes = breaks.iter().map(ToString::to_string).collect();
    let folder = plan_set.directory.shown().display().to_string();
    let mut cures: Vec<String> = breaks.iter().map(|broken| broken.cure(&folder)).collect();
    cures.dedup();
    Err(cures
        .iter()
        .fold(failure, |failure, cure| failure.help(cure)))
}

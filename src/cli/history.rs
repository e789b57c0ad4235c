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
    let (entries, problems) = entries(&plan_set, loaded, plan, context)?;
    match context.global.format {
        Format::Text | Format::Github => {
            let output = context.output_style();
            render(
                &plan.name,
                &entries,
                problems.is_empty(),
                &output,
                context.ui.answer(),
            )?;
        }
        Format::Json => {
            print(&document(&plan.name, &entries), context.ui.answer())?;
        }
    }
    if problems.is_empty() {
        return Ok(Exit::Go);
    }
    let mut failure = Failure::error(format!("the records of {} are not whole", plan.name));
    failure.causes = problems;
    Err(failure.help("`git log -- rollouts` shows who touched them; `rollout replay` checks each"))
}

//! `rollout query`: what a plan's queries return right now, and what is wrong with it.

use crate::decide::Exit;
use crate::prometheus::{Inspection, Returned, inspect};
use crate::report::json::print;
use crate::report::query::{Queried, Series, document, render};
use crate::session::{Asking, Context, Failure, Format, PlanSet, client, known, runtime};

/// Run the queries of a plan and show what comes back
///
/// Works before the first stage too, which is when a wrong label or selector is found cheaply.
/// Exit 6 when something is wrong.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Only this guardrail
    #[arg(value_name = "GUARDRAIL")]
    guardrail: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (_, plan) = plan_set.one(&args.plan, context)?;
    if let Some(name) = &args.guardrail {
        known(plan, name)?;
    }
    let client = client(
        &plan_set.config.prometheus,
        plan_set.directory.root(),
        context,
    )?;
    let now = context.now();
    let answer = {
        let asking = Asking::start(context);
        let told = |done, total| asking.answered(done, total);
        let guardrail = args.guardrail.as_deref();
        runtime()?.block_on(inspect(&client, plan, guardrail, now, &told))
    };
    let inspections = answer.map_err(|error| {
        let mut failure = Failure::from_error(Exit::Error, &error);
        failure.message = format!("failed to {}", failure.message);
        failure
    })?;
    let sound = inspections.iter().all(|one| one.problems.is_empty());
    let exit = if sound { Exit::Go } else { Exit::Inconclusive };
    let queried: Vec<Queried<'_>> = inspections.iter().map(queried).collect();
    match context.global.format {
        Format::Text | Format::Github => {
            let output = context.output_style();
            render(&queried, &output, context.ui.answer())?;
        }
        Format::Json => {
            print(&document(&plan.name, exit, &queried), context.ui.answer())?;
        }
    }
    Ok(exit)
}

/// One query as the report shows it.
fn queried(inspection: &Inspection) -> Queried<'_> {
    let Inspection {
        guardrail,
        column,
        query,
        series,
        problems,
    } = inspection;
    let series = series.iter().map(|one| {
        let Returned {
            labels,
            points,
            histograms,
        } = one;
        Series {
            labels,
            points: points.iter().map(|p| (p.at_ms / 1_000, p.value)).collect(),
            histograms: histograms.len(),
        }
    });
    Queried {
        guardrail,
        column,
        query,
        series: series.collect(),
        problems,
    }
}

//! `rollout status`: where the plans stand, without network unless asked to.

use std::thread;
use std::time::{Duration, Instant as Stopwatch};

use chrono::TimeDelta;

use crate::decide::Exit;
use crate::report::json::print;
use crate::report::status::{self, Row};
use crate::report::{Named, textfile};
use crate::session::{Answered, Context, Evidence, Failure, Format, Outcome, PlanSet, evaluate};
use crate::units::{Instant, Period};

use super::answer::show;
use super::args::{Form, PlansArgs};

/// Show where the plans stand, offline unless --live
///
/// With `--format prometheus`, as metrics for the textfile collector of the node exporter.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    /// Ask Prometheus too, and show what the next advance would do
    #[arg(long)]
    live: bool,
    /// Show it again after each such time [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = super::args::period, num_args = 0..=1, default_missing_value = "30s")]
    watch: Option<Period>,
}

pub(super) fn run(args: &Args, form: Form, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if form == Form::Prometheus {
        return metrics(args, context);
    }
    let watch = Stopwatch::now();
    loop {
        let passed = TimeDelta::from_std(watch.elapsed()).unwrap_or_default();
        let now = context.now() + passed;
        let exit = if args.live {
            live(args, now, context)?
        } else {
            table(args, now, context)?
        };
        let Some(every) = args.watch else {
            return Ok(exit);
        };
        context.ui.answer().flush()?;
        if !context.ui.is_read() {
            return Ok(exit);
        }
        thread::sleep(Duration::from_secs(u64::from(every.seconds().max(1))));
        writeln!(context.ui.answer())?;
    }
}

/// With Prometheus: what `check` says, but showing it is all that was asked.
fn live(args: &Args, now: Instant, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, &args.which.plans)?;
    let chosen = plan_set.select(&args.which.plans)?;
    let outcomes = evaluate(&plan_set, &chosen, &Evidence::default(), now, context)?;
    let answered = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Outcome::Evaluated(evaluation) => Answered::decided(*evaluation, None),
            Outcome::Failed { loaded, failure } => Answered::failed(loaded, failure),
        })
        .collect();
    show(answered, now, &plan_set, context)
}

/// As metrics: what cannot be read stays in them, as invalid.
fn metrics(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if args.live || args.watch.is_some() {
        return Err(Failure::invalid(
            "metrics are of the plans alone, once: without --live and --watch",
        )
        .help("have cron write them after each `rollout advance`"));
    }
    let plan_set = PlanSet::open(context, &args.which.plans)?;
    let mut plans: Vec<Named<'_>> = plan_set
        .select(&args.which.plans)?
        .into_iter()
        .map(|index| &plan_set.plans[index])
        .map(|loaded| (loaded.file.name.as_str(), loaded.plan.as_ref()))
        .collect();
    if args.which.plans.is_empty() {
        plans.extend(
            plan_set
                .unreadable
                .iter()
                .map(|(name, _)| (name.as_str(), None)),
        );
    }
    let text = textfile(&plans, context.now());
    context.ui.answer().write_all(text.as_bytes())?;
    Ok(if plans.iter().any(|(_, plan)| plan.is_none()) {
        Exit::Invalid
    } else {
        Exit::Go
    })
}

/// Without network.
fn table(args: &Args, now: Instant, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, &args.which.plans)?;
    let mut rows: Vec<Row> = plan_set
        .select(&args.which.plans)?
        .into_iter()
        .map(|index| {
            let loaded = &plan_set.plans[index];
            match &loaded.plan {
                Some(plan) => status::row(plan, &plan_set.surroundings(plan, now)),
                None => status::broken(&loaded.file.name, loaded.mistakes.len()),
            }
        })
        .collect();
    if args.which.plans.is_empty() {
        for (name, error) in &plan_set.unreadable {
            rows.push(status::unreadable(name, &error.to_string()));
        }
    }
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let output = context.output_style();
            status::render(&rows, &output, context.ui.answer())?;
        }
        Format::Json => {
            print(&status::document(&rows), context.ui.answer())?;
        }
    }
    // A table with an invalid row is no table to act on.
    Ok(if rows.iter().any(|row| row.status.is_none()) {
        Exit::Invalid
    } else {
        Exit::Go
    })
}

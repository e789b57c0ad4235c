//! `rollout status`: where the plans stand, without network unless asked to.

use crate::decide::Exit;
use crate::report::json::print;
use crate::report::status::{self, Row};
use crate::report::{Named, textfile};
use crate::session::{Answered, Context, Evidence, Failure, Format, Outcome, PlanSet, evaluate};
use crate::units::{Instant, Period};

use super::answer::show;
use super::args::{Form, PlansArgs};
use super::look::{Look, offline};
use super::watch::watch;

/// Show where the plans stand, offline unless --live
///
/// What needs a person comes first. With `--format prometheus`, as metrics for the textfile collector of the
/// node exporter. `--watch` asks Prometheus as `--live` does, draws the table anew in place on a terminal and
/// adds lines elsewhere. It ends when every plan is complete, rolled back or has mistakes: with 0 where all
/// are complete, 5 where it saw a plan being rolled back, 2 where a plan has mistakes, 3 where one was rolled
/// back before or time is over, and 1 where time is over and Prometheus does not answer.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    /// Ask Prometheus too, and show what the next advance would do
    #[arg(long)]
    live: bool,
    /// Look again after each such time until no plan moves by itself any more [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = super::args::period, num_args = 0..=1, default_missing_value = "30s")]
    watch: Option<Period>,
    /// End watching after this time, whatever the plans do
    #[arg(long, value_name = "DURATION", value_parser = super::args::period, requires = "watch")]
    timeout: Option<Period>,
}

pub(super) fn run(args: &Args, form: Form, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if form == Form::Prometheus {
        return metrics(args, context);
    }
    if let Some(every) = args.watch {
        return watch(&args.which.plans, every, args.timeout, context);
    }
    let now = context.now();
    if !args.live {
        let plan_set = PlanSet::open(context, &args.which.plans)?;
        let rows = offline(&plan_set, &args.which.plans, now)?;
        return table(&rows, context);
    }
    match context.global.format {
        Format::Text => {
            let Look { rows, away } = Look::take(&args.which.plans, now, context)?;
            let exit = table(&rows, context)?;
            let Some(failure) = away else {
                return Ok(exit);
            };
            let color = context.ui.color_messages;
            failure.render(context.ui.messages(), color)?;
            Ok(exit.worse(failure.exit))
        }
        Format::Json | Format::Github | Format::Markdown => live(args, now, context),
    }
}

/// What `check` says, but showing it is all that was asked.
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

/// Prints the table; with --quiet only of plans that need a person or that the next advance moves.
fn table(rows: &[Row], context: &mut Context<'_>) -> Result<Exit, Failure> {
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {
            let is_shown = |row: &&Row| !context.ui.quiet || row.is_told();
            let shown: Vec<Row> = rows.iter().filter(is_shown).cloned().collect();
            let is_silent = shown.is_empty() && context.ui.quiet;
            if !is_silent && context.global.format == Format::Markdown {
                write!(context.ui.answer(), "{}", status::markdown(&shown))?;
            } else if !is_silent {
                let output = context.output_style();
                status::render(&shown, &output, context.ui.answer())?;
            }
        }
        Format::Json => print(&status::document(rows), context.ui.answer())?,
    }
    // A table with an invalid row is no table to act on.
    Ok(if rows.iter().any(|row| row.status.is_none()) {
        Exit::Invalid
    } else {
        Exit::Go
    })
}

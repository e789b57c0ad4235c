//! `rollout backtest`: the gates of a plan over past data, as if it had been in a stage then.

use std::path::PathBuf;

use crate::decide::Exit;
use crate::files;
use crate::plan::Plan;
use crate::prometheus::{Client, EvidenceRequest, block_of, collect};
use crate::report::OutputStyle;
use crate::report::backtest::{Backtest, document, headline, render, would_stop};
use crate::report::github::{Annotation, Level, annotate};
use crate::report::json::print;
use crate::session::{
    Asking, Context, Failure, Format, PlanSet, cached, client, read_text, runtime,
};
use crate::simulate::{as_if, step};
use crate::snapshot::{self, Moment, Snapshot};
use crate::units::Instant;

use super::args::{instant, not_before};
use super::split;

/// Run a plan's gates over past data
///
/// Asks Prometheus for the past, puts the plan into a stage at `--from`, and looks at the end of
/// every block until `--to`: when it would have been rolled back or paused, or have advanced, and
/// then the next stage from there. A ramp begins at `--from` and makes its moves; how many users
/// really were exposed is what the data say. Windows, freezes, dependencies and approvals are left out.
///
/// With `--split` the plan need not have exposed anybody: the unexposed arm's own past is split into two
/// arms between which there is no difference, in many ways. How often would the gates roll back a healthy
/// release, how long would one take, and how small a harm do they find in a stage?
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of a plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// The stage or ramp begins here (RFC 3339) [default with --split: a week before --to, or what two
    /// rollouts take]
    #[arg(long, value_name = "INSTANT", value_parser = instant, required_unless_present_any = ["snapshot", "split"])]
    from: Option<Instant>,
    /// The data ends here [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    to: Option<Instant>,
    /// The stage to begin in [default: the present one, else 1]
    #[arg(long, value_name = "N")]
    stage: Option<u32>,
    /// Use this saved snapshot in place of asking Prometheus
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Try the gates on the unexposed arm's own past, split into two arms without a difference
    #[arg(long, conflicts_with_all = ["stage", "snapshot"])]
    split: bool,
    /// Rollouts to try with --split, about [default: 200, of a ramp 20]
    #[arg(long, value_name = "N", requires = "split", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rollouts: Option<u32>,
}

/// Where the past comes from.
enum Past {
    Asked(Box<Client>),
    Saved(Box<Snapshot>),
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let asked = std::slice::from_ref(&args.plan);
    let plan_set = PlanSet::open(context, asked)?;
    let (loaded, plan) = plan_set.one(&args.plan, context)?;
    if args.split {
        let root = plan_set.directory.root();
        let settings = &plan_set.config.prometheus;
        let client = cached(client(settings, root, context)?, settings.cache, context);
        let asked = split::Asked {
            from: args.from,
            to: args.to,
            rollouts: args.rollouts,
        };
        return split::run(plan, &loaded.shown, asked, &client, context);
    }
    let past = match &args.snapshot {
        Some(_) => Past::Saved(Box::new(saved(args, plan, context)?)),
        None => Past::Asked(Box::new(client(
            &plan_set.config.prometheus,
            plan_set.directory.root(),
            context,
        )?)),
    };
    let (from, to) = span(args, &past, context)?;
    let mut plan = entered(plan, args.stage, from)?;
    let mut steps = Vec::new();
    let mut known: Option<Snapshot> = None;
    loop {
        let entered_at = plan.state.as_ref().map(|state| state.entered_at);
        // A ramp's record goes on over all its moves: it is asked for once.
        let snapshot = match known.take() {
            Some(known) if Some(known.since()) == entered_at => known,
            Some(_) | None => past.of(&plan, to, context)?,
        };
        let done = step(&plan, &snapshot, to);
        let onward = done.onward().filter(|_| done.at < to);
        steps.push(done);
        known = Some(snapshot);
        match onward {
            Some(next) if past.can_show(&next) => plan = next,
            Some(_) | None => break,
        }
    }
    let backtest = Backtest {
        plan: &loaded.file.name,
        file: &loaded.shown,
        from,
        to,
        steps: &steps,
    };
    match context.global.format {
        Format::Text | Format::Markdown if context.ui.quiet && !would_stop(&backtest) => {}
        Format::Text | Format::Markdown => {
            let output = context.output_style();
            render(&backtest, &output, context.ui.answer())?;
        }
        Format::Github => annotated(&backtest, context)?,
        Format::Json => {
            print(&document(&backtest), context.ui.answer())?;
        }
    }
    Ok(Exit::Go)
}

/// The outcome beside the plan's file, the whole as a summary of the step.
fn annotated(backtest: &Backtest<'_>, context: &mut Context<'_>) -> Result<(), Failure> {
    let level = if would_stop(backtest) {
        Level::Warning
    } else {
        Level::Notice
    };
    let annotation = Annotation {
        level,
        file: backtest.file,
        at: None,
        title: &format!("{}: backtest", backtest.plan),
        message: &headline(backtest),
    };
    annotate(&annotation, context.ui.annotations())?;
    let plain = OutputStyle {
        color: false,
        ..context.output_style()
    };
    let mut text = Vec::new();
    render(backtest, &plain, &mut text)?;
    let text = String::from_utf8_lossy(&text);
    context.summarise(&format!("## rollout backtest\n\n```text\n{text}```\n"))
}

/// The plan as if it had entered the stage then.
fn entered(plan: &Plan, stage: Option<u32>, from: Instant) -> Result<Plan, Failure> {
    let present = plan.state.as_ref().map_or(1, |state| state.stage.max(1));
    let stage = stage.unwrap_or(present);
    as_if(plan, stage, from).ok_or_else(|| {
        let stages = plan.stages().len();
        if stages == 0 {
            Failure::invalid(format!("{} is a ramp: it has no stage {stage}", plan.name))
                .help("leave `--stage` out: a ramp begins at its beginning")
        } else {
            Failure::invalid(format!("{} has no stage {stage}", plan.name))
                .help(format!("write `--stage` with a number from 1 to {stages}"))
        }
    })
}

/// From where to where.
fn span(args: &Args, past: &Past, context: &Context<'_>) -> Result<(Instant, Instant), Failure> {
    let (from, to) = match past {
        Past::Saved(snapshot) => (
            args.from.unwrap_or(snapshot.since()),
            args.to.unwrap_or(snapshot.taken_at),
        ),
        Past::Asked(_) => (
            args.from.unwrap_or_else(|| context.now()),
            args.to.unwrap_or_else(|| context.now()),
        ),
    };
    if from < to {
        Ok((from, to))
    } else {
        Err(not_before(from, to))
    }
}

fn saved(args: &Args, plan: &Plan, context: &Context<'_>) -> Result<Snapshot, Failure> {
    let file = args.snapshot.clone().unwrap_or_default();
    let text = read_text(&context.directory.join(&file), files::SNAPSHOT)?;
    let snapshots =
        snapshot::read(&text).map_err(|error| Failure::from_error(Exit::Error, &error))?;
    snapshots
        .into_iter()
        .find(|snapshot| snapshot.plan == plan.name)
        .ok_or_else(|| {
            Failure::error(format!(
                "{} holds no snapshot of {}",
                file.display(),
                plan.name
            ))
        })
}

impl Past {
    /// What is known of the stage that the plan is in, up to this instant.
    fn of(&self, plan: &Plan, to: Instant, context: &Context<'_>) -> Result<Snapshot, Failure> {
        match self {
            Self::Saved(snapshot) => {
                let state = plan.state.as_ref();
                Ok(Snapshot {
                    moment: state.map_or(snapshot.moment, Moment::of),
                    ..Snapshot::clone(snapshot)
                })
            }
            Self::Asked(client) => {
                let asking = Asking::start(context);
                let told = |done, total| asking.answered(done, total);
                let answers = match EvidenceRequest::of_stage(plan) {
                    Ok(request) => runtime()?.block_on(collect(client, &[request], to, &told)),
                    Err(error) => vec![Err(error)],
                };
                match answers.into_iter().next() {
                    Some(Ok(snapshot)) => Ok(snapshot),
                    Some(Err(error)) => {
                        let mut failure = Failure::from_error(Exit::Error, &error);
                        failure.message = format!("failed to {}", failure.message);
                        Err(failure)
                    }
                    None => Err(Failure::error("Prometheus was not asked")),
                }
            }
        }
    }

    /// A saved snapshot shows only stages with blocks of its own length.
    fn can_show(&self, plan: &Plan) -> bool {
        match self {
            Self::Asked(_) => true,
            Self::Saved(snapshot) => block_of(plan) == snapshot.block,
        }
    }
}

//! `rollout sync`: targets brought to what the plans say, or compared with it.

use std::io;

use crate::decide::{Exit, RecordedAction, RecordedActor};
use crate::report::sync::{PlanTargets, document, text};
use crate::session::{
    Brakes, Context, Failure, Format, PlanSet, Purpose, Round, TransitionWriter, open_to_write,
    sync, until_published,
};
use crate::workspace::git::CommitMessage;

use super::args::{GitArgs, PlansArgs};
use super::by_hand::{Said, settled};

/// Bring targets to what the plans say
///
/// What a run that was killed left behind is finished, and what still exposes users of a rolled-back
/// plan is lowered. A target that somebody lowered is a brake, and stays as it is without --force; one
/// that somebody raised is reported. Exit 3 where a target does not show what its plan says.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    /// Only compare: write nothing
    #[arg(long)]
    check: bool,
    /// Let go of brakes: raise what somebody lowered to what the plan says
    #[arg(long, conflicts_with = "check")]
    force: bool,
    #[command(flatten)]
    git: GitArgs,
    /// Why, for the commit
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    if args.check {
        let plan_set = PlanSet::open(context, &args.which.plans)?;
        let chosen = plan_set.select(&args.which.plans)?;
        let unread = plan_set.tell_unreadable(&args.which.plans, context)?;
        let (said, exit) = answer(&plan_set, &chosen, context)?;
        context.ui.answer().write_all(said.as_bytes())?;
        return Ok(exit.worse(unread));
    }
    until_published(context, |context| once(args, context))
}

fn once(args: &Args, context: &mut Context<'_>) -> Result<Round, Failure> {
    let asked = &args.which.plans;
    let plan_set = open_to_write(context, asked, args.git.asked(), Purpose::Stop)?;
    let chosen = plan_set.select(asked)?;
    let brakes = if args.force {
        Brakes::Released
    } else {
        Brakes::Respected
    };
    let synced = sync(&plan_set, &chosen, brakes, context)?;
    let writer = TransitionWriter::open(&plan_set, args.git.asked(), context);
    let word = CommitMessage {
        verb: RecordedAction::Sync,
        does: "targets to what their plans say",
        reason: args.reason.as_deref(),
        actor: RecordedActor::Person(context.person()),
    };
    writer.commit_targets(&plan_set, &chosen, &synced.written, &word);
    let unread = plan_set.tell_unreadable(asked, context)?;
    let (said, exit) = answer(&plan_set, &chosen, context)?;
    let said = Said {
        already: said.trim_end(),
        path: None,
    };
    let round = settled(&writer, &plan_set, &said, context)?;
    Ok(round.worse(exit).worse(synced.least).worse(unread))
}

/// What is said of the targets as they are now, and the exit code for it.
fn answer(
    plan_set: &PlanSet,
    chosen: &[usize],
    context: &Context<'_>,
) -> Result<(String, Exit), Failure> {
    let plans: Vec<PlanTargets> = chosen
        .iter()
        .map(|&index| &plan_set.plans[index])
        .map(|loaded| PlanTargets {
            plan: loaded.file.name.clone(),
            targets: loaded.plan.as_ref().map(|plan| plan_set.targets_of(plan)),
        })
        .collect();
    let exit = plans
        .iter()
        .map(PlanTargets::exit)
        .fold(Exit::Go, Exit::worse);
    Ok(match context.global.format {
        Format::Text | Format::Github | Format::Markdown => (text(&plans), exit),
        Format::Json => {
            let document = serde_json::to_string_pretty(&document(&plans, exit));
            (document.map_err(io::Error::from)? + "\n", exit)
        }
    })
}

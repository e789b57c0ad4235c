//! `rollout pause`: a person's decision on one plan.

use crate::decide::{Exit, RecordedAction, by_hand};
use crate::session::{Context, Failure};

use super::by_hand::{ManualCommand, PlanArgs, stop};

/// Stop advances until a person resumes
///
/// Rollbacks still happen while the plan is paused.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let command = ManualCommand {
        verb: RecordedAction::Pause,
        done: "paused; it advances again after `rollout resume`",
        already: "already paused; nothing changed",
    };
    stop(&command, &args.plan, context, by_hand::pause)
}

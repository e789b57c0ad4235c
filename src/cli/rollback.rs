//! `rollout rollback`: a person's decision on one plan.

use crate::decide::{Exit, RecordedAction, by_hand};
use crate::session::{Context, Failure};

use super::by_hand::{ManualCommand, PlanArgs, stop};

/// Send everybody back to what they had, at once
///
/// Needs neither network nor metrics. The plan stays at exposure 0 until `rollout retry`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let command = ManualCommand {
        verb: RecordedAction::Rollback,
        done: "rolled back to 0 %; it stays there until `rollout retry`",
        already: "already rolled back; nothing changed",
    };
    stop(&command, &args.plan, context, by_hand::rollback)
}

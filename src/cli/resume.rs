//! `rollout resume`: a person's decision on one plan.

use crate::decide::{Exit, RecordedAction, by_hand};
use crate::session::{Context, Failure};

use super::by_hand::{ManualCommand, PlanArgs, carry_out};

/// Go on after a pause
///
/// A guardrail that paused the plan starts its evidence again from now.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    plan: PlanArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let command = ManualCommand {
        verb: RecordedAction::Resume,
        done: "resumed; the next advance decides",
        already: "not paused; nothing changed",
    };
    carry_out(&command, &args.plan, context, by_hand::resume)
}

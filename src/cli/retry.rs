//! `rollout retry`: a person clears the latch of a rolled-back plan.

use crate::decide::{Exit, RecordedAction, by_hand};
use crate::session::{Context, Failure};

use super::by_hand::{ManualCommand, PlanArgs, carry_out};

/// Let a rolled-back plan start again
///
/// Nobody is exposed by this: the next `rollout advance` enters the stage, once windows, freezes
/// and other plans allow. Earlier evidence is forgotten.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    plan: PlanArgs,
    /// Start at this stage in place of the first
    #[arg(long, value_name = "N")]
    from_stage: Option<u32>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let done = format!(
        "the latch is cleared; the next advance enters stage {}",
        args.from_stage.unwrap_or(1)
    );
    let command = ManualCommand {
        verb: RecordedAction::Retry,
        done: &done,
        already: "already waiting for its start; nothing changed",
    };
    carry_out(&command, &args.plan, context, |plan, hand| {
        by_hand::retry(plan, args.from_stage, hand)
    })
}

//! `rollout approve`: a person lets a plan leave a stage that asks for it.

use crate::decide::RecordedAction;
use crate::decide::by_hand::{self, Operator};
use crate::decide::{Exit, Reason};
use crate::session::{
    Context, Failure, Purpose, Round, alone, grounds, open_to_write, until_published,
};

use super::args::EvidenceArgs;
use super::by_hand::{ManualCommand, PlanArgs, ReviewedEvidence, refused, write};

/// Let a plan leave a stage that asks for approval
///
/// Looks at the evidence first: while anything else is in the way, there is nothing to approve yet.
/// The next `rollout advance` takes the step.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    evidence: EvidenceArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    until_published(context, |context| once(args, context))
}

fn once(args: &Args, context: &mut Context<'_>) -> Result<Round, Failure> {
    let asked = std::slice::from_ref(&args.plan.plan);
    let plan_set = open_to_write(context, asked, args.plan.git.asked(), Purpose::GoOn)?;
    let (loaded, plan) = plan_set.one(&args.plan.plan, context)?;
    let evaluation = alone(
        &plan_set,
        &args.plan.plan,
        &args.evidence.evidence(),
        context,
    )?;
    let person = context.person();
    let hand = Operator {
        person: &person,
        now: evaluation.now,
        reason: args.plan.reason.as_deref(),
    };
    let state =
        by_hand::approve(plan, &evaluation.decision, hand).map_err(|refusal| refused(&refusal))?;
    let stage = evaluation
        .decision
        .reasons
        .iter()
        .find_map(|reason| match reason {
            Reason::ApprovalNeeded { stage, .. } => Some(*stage),
            _ => None,
        });
    let done = match stage {
        Some(stage) => {
            format!("leaving stage {stage} is approved; the next advance takes the step")
        }
        None => "approved; the next advance takes the step".to_owned(),
    };
    let command = ManualCommand {
        verb: RecordedAction::Approve,
        done: &done,
        already: "already approved; nothing changed",
    };
    let seen = grounds(&evaluation, &plan_set, (None, &person), None);
    let reviewed = ReviewedEvidence {
        snapshot: seen.snapshot,
        report: seen.report,
    };
    write(
        &command,
        &args.plan,
        state.as_ref(),
        reviewed,
        (&plan_set, loaded),
        context,
    )
}

//! `rollout approve`: a person lets a plan leave a stage that asks for it.

use crate::decide::by_hand::{self, Hand};
use crate::decide::{Exit, Reason};
use crate::session::{Context, Failure, Purpose, alone, grounds, open_to_write, until_published};

use super::args::EvidenceArgs;
use super::by_hand::{Order, Paper, PlanArgs, refused, write};

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

fn once(args: &Args, context: &mut Context<'_>) -> Result<Option<Exit>, Failure> {
    let asked = std::slice::from_ref(&args.plan.plan);
    let desk = open_to_write(context, asked, args.plan.git.asked(), Purpose::GoOn)?;
    let (sheet, plan) = desk.one(&args.plan.plan, context)?;
    let trial = alone(&desk, &args.plan.plan, &args.evidence.evidence(), context)?;
    let person = context.person();
    let hand = Hand {
        person: &person,
        now: trial.now,
        reason: args.plan.reason.as_deref(),
    };
    let state =
        by_hand::approve(plan, &trial.decision, hand).map_err(|refusal| refused(&refusal))?;
    let stage = trial
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
    let order = Order {
        verb: "approve",
        done: &done,
        already: "already approved; nothing changed",
    };
    let seen = grounds(&trial, &desk, None, &person);
    let paper = Paper {
        snapshot: seen.snapshot,
        report: seen.report,
    };
    write(
        &order,
        &args.plan,
        state.as_ref(),
        paper,
        (&desk, sheet),
        context,
    )
}

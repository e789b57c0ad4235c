//! `rollout advance`: check, then apply at most one transition per plan.

use crate::decide::Exit;
use crate::report::notify::Notice;
use crate::session::{
    Answered, Context, Desk, Failure, Purpose, Recorder, Run, catch_up, chosen, evaluate, in_turn,
    preview, send, take, until_published,
};
use crate::workspace::git::Publication;

use super::answer::{OkArgs, answer};
use super::args::{EvidenceArgs, GitArgs, PlansArgs};

/// Check, then write what was decided back to the plans
///
/// At most one transition per plan and run. A run that changes nothing leaves every file alone, so
/// it can be repeated at will.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    /// Decide and print, but write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    ok: OkArgs,
    #[command(flatten)]
    git: GitArgs,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut spared = Vec::new();
    until_published(context, |context| once(args, &mut spared, context))
}

/// One round of deciding and writing; `None` when somebody else was faster with their push. `spared`
/// is what earlier rounds rolled back and took along.
fn once(
    args: &Args,
    spared: &mut Vec<Answered>,
    context: &mut Context<'_>,
) -> Result<Option<Exit>, Failure> {
    let now = context.now();
    let evidence = args.evidence.evidence();
    let asked = &args.which.plans;
    let (desk, recorder) = if args.dry_run {
        (Desk::open(context, asked)?, Recorder::files())
    } else {
        catch_up(context, asked, args.git.asked(), Purpose::Stop)?;
        let desk = Desk::to_write(context, asked)?;
        let recorder = Recorder::open(&desk, args.git.asked(), context);
        (desk, recorder)
    };
    let chosen = chosen(&desk, &args.which.plans, &evidence, context)?;
    let outcomes = evaluate(&desk, &chosen, &evidence, now, context)?;
    let run = Run {
        desk: &desk,
        recorder: &recorder,
        reason: args.reason.as_deref(),
        person: &context.person(),
    };
    let mut answered = in_turn(outcomes, |trial| {
        if args.dry_run {
            Ok(preview(trial))
        } else {
            take(trial, &run)
        }
    });
    for before in spared.drain(..) {
        if let Some(now) = answered.iter_mut().find(|one| one.waits_after(&before)) {
            *now = before;
        }
    }
    let mut least = recorder.confess(context)?;
    let told = |debt: &Failure| answered.iter().any(|one| one.says(debt));
    if let Some(debt) = recorder.debt().filter(|debt| !told(debt)) {
        least = least.worse(debt.exit);
        let color = context.ui.color_messages;
        debt.render(context.ui.messages(), color)?;
    }
    match recorder.publish(&desk.directory, context)? {
        Publication::Done(moved) => {
            for one in &mut answered {
                one.follow(&moved, &desk);
            }
        }
        Publication::Again(moved) => {
            for mut one in answered {
                if one.rolled_back() && one.follow(&moved, &desk) {
                    spared.push(one);
                }
            }
            return Ok(None);
        }
        Publication::Unpublished(unpublished) => {
            let failure = Failure::from(&unpublished);
            least = least.worse(failure.exit);
            let mut told = false;
            for one in &mut answered {
                one.follow(&unpublished.moved, &desk);
                told |= one.withdraw(&unpublished.taken_back, &failure);
            }
            if !told || !unpublished.kept.is_empty() {
                let color = context.ui.color_messages;
                failure.render(context.ui.messages(), color)?;
            }
        }
    }
    let notices: Vec<Notice> = answered.iter().filter_map(Answered::notice).collect();
    let exit = answer(answered, now, &desk, &args.ok, context)?;
    context.ui.answer().flush()?;
    send(&notices, &desk.config.notify, context)?;
    Ok(Some(exit.worse(least)))
}

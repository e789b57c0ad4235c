//! `rollout advance`: check, then apply at most one transition per plan.

use crate::decide::{Exit, RecordedAction, RecordedActor};
use crate::report::notify::Notice;
use crate::session::{
    Answered, Brakes, Context, Entering, Failure, PlanSet, Purpose, Round, Run, TransitionWriter,
    catch_up, chosen, evaluate, in_turn, preview, send, sync, take, until_published,
};
use crate::workspace::git::{CommitMessage, Publication};

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

/// One round of deciding and writing. `spared` is what earlier rounds rolled back and took along.
fn once(
    args: &Args,
    spared: &mut Vec<Answered>,
    context: &mut Context<'_>,
) -> Result<Round, Failure> {
    let now = context.now();
    let mut evidence = args.evidence.evidence();
    // What is saved is of all plans, as `check` sees them.
    evidence.only_due = evidence.save_snapshot.is_none();
    let asked = &args.which.plans;
    let (mut least, mut brought, mut places) = (Exit::Go, Vec::new(), Vec::new());
    let (plan_set, writer) = if args.dry_run {
        (PlanSet::open(context, asked)?, TransitionWriter::files())
    } else {
        catch_up(context, asked, args.git.asked(), Purpose::Stop)?;
        let plan_set = PlanSet::to_write(context, asked)?;
        // Whatever Prometheus says or does not: users get what is owed to them first.
        places = plan_set.select(asked)?;
        let synced = sync(&plan_set, &places, Brakes::Respected, context)?;
        let writer = TransitionWriter::open(&plan_set, args.git.asked(), context);
        least = synced.least;
        brought = synced.written;
        (plan_set, writer)
    };
    let chosen = chosen(&plan_set, &args.which.plans, &evidence, context)?;
    writer.unsettled(&plan_set, &chosen)?;
    let outcomes = evaluate(&plan_set, &chosen, &evidence, now, context)?;
    let run = Run {
        plan_set: &plan_set,
        writer: &writer,
        reason: args.reason.as_deref(),
        person: &context.person(),
    };
    // What is decided on saved evidence needs no server.
    let mut entering = if args.dry_run || evidence.snapshot.is_some() {
        Entering::nobody(now)
    } else {
        Entering::of(&outcomes, &plan_set, now)
    };
    let mut answered = in_turn(outcomes, |evaluation| {
        if args.dry_run {
            return Ok(preview(evaluation));
        }
        let history = entering.history_of(evaluation, &plan_set, context);
        take(evaluation, &run, history.as_ref())
    });
    for before in spared.drain(..) {
        if let Some(now) = answered.iter_mut().find(|one| one.waits_after(&before)) {
            *now = before;
        }
    }
    let word = CommitMessage {
        verb: RecordedAction::Sync,
        does: "targets to what their plans say",
        reason: args.reason.as_deref(),
        actor: RecordedActor::Automation {
            run_by: Some(context.person()),
        },
    };
    writer.commit_targets(&plan_set, &places, &brought, &word);
    least = least.worse(writer.report_uncommitted(context)?);
    let reported = |debt: &Failure| answered.iter().any(|one| one.reports(debt));
    if let Some(debt) = writer.debt().filter(|debt| !reported(debt)) {
        least = least.worse(debt.exit);
        let color = context.ui.color_messages;
        debt.render(context.ui.messages(), color)?;
    }
    match writer.publish(&plan_set.directory, context)? {
        Publication::Done(moved) => {
            for one in &mut answered {
                one.follow(&moved, &plan_set);
            }
        }
        Publication::Again { moved, kept } => {
            for mut one in answered {
                if one.rolled_back() && one.follow(&moved, &plan_set) {
                    spared.push(one);
                }
            }
            return Ok(Round::Lost(kept));
        }
        Publication::Unpublished(unpublished) => {
            let failure = Failure::from(&unpublished);
            least = least.worse(failure.exit);
            let mut withdrawn = false;
            for one in &mut answered {
                one.follow(&unpublished.moved, &plan_set);
                withdrawn |= one.withdraw(&unpublished.taken_back, &failure);
            }
            if !withdrawn || !unpublished.kept.is_empty() {
                let color = context.ui.color_messages;
                failure.render(context.ui.messages(), color)?;
            }
        }
    }
    let notices: Vec<Notice> = answered.iter().filter_map(Answered::notice).collect();
    let exit = answer(answered, now, &plan_set, &args.ok, context)?;
    context.ui.answer().flush()?;
    send(&notices, &plan_set.config.notify, context)?;
    Ok(Round::Done(exit.worse(least)))
}

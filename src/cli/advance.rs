//! `rollout advance`: check, then apply at most one transition per plan.

use crate::decide::Exit;
use crate::report::notify::Notice;
use crate::report::words::written_state;
use crate::report::{self, Change, Decided, PlanReport};
use crate::workspace::Grounds;
use crate::workspace::git::Publication;

use super::answer::{Answered, OkArgs, answer};
use super::args::PlansArgs;
use super::check::preview;
use super::context::Context;
use super::desk::Desk;
use super::failure::Failure;
use super::notify;
use super::pipeline::{EvidenceArgs, Trial, evaluate};
use super::recorder::{GitArgs, Recorder};
use super::round::{Round, until_published};
use super::turns::{in_turn, still_alone};
use super::upstream::{Purpose, catch_up};

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
    let asked = &args.which.plans;
    let (desk, recorder) = if args.dry_run {
        (Desk::open(context, asked)?, Recorder::files())
    } else {
        catch_up(context, asked, args.git, Purpose::Stop)?;
        let desk = Desk::to_write(context, asked)?;
        let recorder = Recorder::open(&desk, args.git, context);
        (desk, recorder)
    };
    let chosen = desk.chosen(&args.which.plans, &args.evidence, context)?;
    recorder.unsettled(&desk, &chosen)?;
    let outcomes = evaluate(&desk, &chosen, &args.evidence, now, context)?;
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
        Publication::Again { moved, kept } => {
            for mut one in answered {
                if one.rolled_back() && one.follow(&moved, &desk) {
                    spared.push(one);
                }
            }
            return Ok(Round::Lost(kept));
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
    notify::send(&notices, &desk.config.notify, context)?;
    Ok(Round::Done(exit.worse(least)))
}

/// Who takes a step, in which directory, and why.
pub(super) struct Run<'a> {
    pub(super) desk: &'a Desk,
    pub(super) recorder: &'a Recorder,
    pub(super) reason: Option<&'a str>,
    pub(super) person: &'a str,
}

/// Writes the next state with its evidence, where the decision changes anything.
///
/// # Errors
/// When it cannot be written; nothing is changed then.
pub(super) fn take(trial: &Trial<'_>, run: &Run<'_>) -> Result<Option<Change>, Failure> {
    let Some(state) = written_state(
        trial.plan,
        &trial.decision,
        trial.judgement.as_ref(),
        trial.now,
    ) else {
        return Ok(None);
    };
    let grounds = grounds(trial, run.desk, run.reason, run.person);
    run.recorder.write(
        &run.desk.directory,
        &trial.sheet.file,
        &state,
        &grounds,
        trial.now,
        &|| still_alone(trial, &state, run.desk),
    )
}

/// Everything the decision was made from, for the record.
pub(super) fn grounds(
    trial: &Trial<'_>,
    desk: &Desk,
    reason: Option<&str>,
    person: &str,
) -> Grounds {
    let report = PlanReport {
        plan: trial.plan.name.clone(),
        file: trial.sheet.shown.clone(),
        outcome: report::Outcome::Decided(Box::new(Decided {
            plan: trial.plan.clone(),
            judgement: trial.judgement.clone(),
            decision: trial.decision.clone(),
            change: None,
        })),
    };
    Grounds {
        decision: trial.decision.action.key().to_owned(),
        reasons: trial
            .decision
            .reasons
            .iter()
            .map(ToString::to_string)
            .collect(),
        reason_codes: trial
            .decision
            .reasons
            .iter()
            .map(|reason| reason.code().to_owned())
            .collect(),
        actor: format!("rollout, run by {person}"),
        reason: reason.map(str::to_owned),
        config_text: desk.config_text.clone(),
        neighbours: trial.around.neighbours.clone(),
        snapshot: trial.snapshot.as_ref().map(|snapshot| snapshot.to_json()),
        report: Some(report::json::plan(&report)),
    }
}

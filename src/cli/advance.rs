//! `rollout advance`: check, then apply at most one transition per plan.

use crate::decide::{Exit, next_state};
use crate::report::{self, Change, Decided, PlanReport};
use crate::workspace::{Grounds, apply};

use super::answer::{Answered, OkArgs, answer};
use super::check::preview;
use super::context::Context;
use super::desk::Desk;
use super::failure::Failure;
use super::pipeline::{EvidenceArgs, Outcome, Trial, evaluate};

/// Check, then write what was decided back to the plans
///
/// At most one transition per plan and run. A run that changes nothing leaves every file alone, so
/// it can be repeated at will.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Names or paths of plans [default: all]
    #[arg(value_name = "PLAN")]
    plans: Vec<String>,
    /// Every plan of the directory, said aloud
    #[arg(long, conflicts_with = "plans")]
    all: bool,
    /// Decide and print, but write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    evidence: EvidenceArgs,
    #[command(flatten)]
    ok: OkArgs,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let now = context.now();
    let desk = Desk::open(context, &args.plans)?;
    let chosen = desk.chosen(&args.plans, &args.evidence, context)?;
    let outcomes = evaluate(&desk, &chosen, &args.evidence, now, context)?;
    let person = context.person();
    let mut answered = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        answered.push(match outcome {
            Outcome::Failed { sheet, failure } => Answered::failed(sheet, failure),
            Outcome::Tried(trial) if args.dry_run => {
                let change = preview(&trial);
                Answered::decided(*trial, change)
            }
            Outcome::Tried(trial) => {
                let run = Run {
                    desk: &desk,
                    reason: args.reason.as_deref(),
                    person: &person,
                };
                match take(&trial, &run) {
                    Ok(change) => Answered::decided(*trial, change),
                    Err(failure) => Answered::failed(trial.sheet, failure),
                }
            }
        });
    }
    answer(answered, now, &desk, &args.ok, context)
}

/// Who takes a step, in which directory, and why.
pub(super) struct Run<'a> {
    pub(super) desk: &'a Desk,
    pub(super) reason: Option<&'a str>,
    pub(super) person: &'a str,
}

/// Writes the next state with its evidence, where the decision changes anything.
///
/// # Errors
/// When it cannot be written; nothing is changed then.
pub(super) fn take(trial: &Trial<'_>, run: &Run<'_>) -> Result<Option<Change>, Failure> {
    let Some(state) = next_state(
        trial.plan,
        &trial.decision,
        trial.judgement.as_ref(),
        trial.now,
    ) else {
        return Ok(None);
    };
    let grounds = grounds(trial, run);
    let applied = apply(
        &run.desk.directory,
        &trial.sheet.file,
        &state,
        &grounds,
        trial.now,
    )?;
    Ok(applied.map(|applied| Change {
        before: trial.sheet.file.text.clone(),
        after: applied.plan.text,
        applied: true,
        evidence: Some(applied.evidence_path),
        commit: None,
    }))
}

/// Everything the decision was made from, for the record.
pub(super) fn grounds(trial: &Trial<'_>, run: &Run<'_>) -> Grounds {
    let Run {
        desk,
        reason,
        person,
    } = run;
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
        actor: format!("rollout, run by {person}"),
        reason: reason.map(str::to_owned),
        config_text: desk.config_text.clone(),
        neighbours: trial.around.neighbours.clone(),
        snapshot: trial.snapshot.as_ref().map(|snapshot| snapshot.to_json()),
        report: Some(report::json::plan(&report)),
    }
}

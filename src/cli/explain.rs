//! `rollout explain`: every number behind a decision, in the order in which it was used.

use crate::decide::{Exit, RecordedAction};
use crate::judge::VERSION;
use crate::plan::{Plan, Status};
use crate::report::explain::{Explained, Recorded, render};
use crate::session::{Context, Failure, Format, LoadedPlan, PlanSet, Remade, alone, known, remade};
use crate::workspace::{Record, latest_in_evidence};

use super::args::EvidenceArgs;

/// Explain a decision: numbers, queries, intervals, what it would take
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Only this guardrail
    #[arg(value_name = "GUARDRAIL")]
    guardrail: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (loaded, plan) = plan_set.one(&args.plan, context)?;
    if let Some(name) = &args.guardrail {
        known(plan, name)?;
    }
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => {}
        Format::Json => {
            return Err(Failure::invalid("an explanation is for people")
                .help("`rollout check --format json` has every number of it"));
        }
    }
    let output = context.output_style();
    let guardrail = args.guardrail.as_deref();
    if args.evidence.snapshot.is_none()
        && let Some((record, path)) = rollback(&plan_set, loaded, plan)
        && let Ok(remade) = remade(&record)
    {
        let Remade {
            plan,
            snapshot,
            judgement,
            decision,
        } = remade;
        let explained = Explained {
            plan: &plan,
            snapshot: snapshot.as_ref(),
            judgement: judgement.as_ref(),
            decision: &decision,
            guardrail,
            now: record.at,
            recorded: Some(Recorded {
                path: &path,
                judge: record.judge,
            }),
        };
        render(&explained, &output, context.ui.answer())?;
        return Ok(Exit::Go);
    }
    let evaluation = alone(&plan_set, &args.plan, &args.evidence.evidence(), context)?;
    let explained = Explained {
        plan: evaluation.plan,
        snapshot: evaluation.snapshot.as_ref(),
        judgement: evaluation.judgement.as_ref(),
        decision: &evaluation.decision,
        guardrail,
        now: evaluation.now,
        recorded: None,
    };
    render(&explained, &output, context.ui.answer())?;
    Ok(Exit::Go)
}

/// The record of the rollback that a plan stays rolled back by, where something was measured for it.
pub(super) fn rollback(
    plan_set: &PlanSet,
    loaded: &LoadedPlan,
    plan: &Plan,
) -> Option<(Record, String)> {
    let state = plan.state.as_ref()?;
    match state.status {
        Status::RolledBack => {}
        Status::Pending | Status::Progressing | Status::Paused | Status::Complete => return None,
    }
    let latest = latest_in_evidence(&plan_set.directory, &loaded.file, state, |record| {
        (record.grounds.decision == RecordedAction::Rollback).then(|| record.clone())
    })?;
    let path = latest.after.evidence.clone()?;
    let is_measured = latest.grounds.snapshot.is_some() && latest.judge <= VERSION;
    is_measured.then_some((latest, path))
}

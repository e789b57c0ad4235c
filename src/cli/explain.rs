//! `rollout explain`: every number behind a decision, in the order in which it was used. Of a plan it is
//! the present decision, or the one by which it was rolled back or completed; of a record the one that it
//! holds, for which nothing but the record is read.

use std::path::{Path, PathBuf};

use crate::decide::{Exit, RecordedAction};
use crate::files;
use crate::judge::VERSION;
use crate::plan::{Plan, Status};
use crate::report::explain::{Explained, Recorded, render, render_facts};
use crate::report::history::{decisive, numbers_of};
use crate::report::json;
use crate::session::{
    Context, Evaluation, Failure, Format, LoadedPlan, PlanSet, Remade, alone, decided_by_newer,
    known, locate, read_text, recorded_plan, remade,
};
use crate::units::{Exposure, Foreign};
use crate::workspace::{Record, evidence_of, latest_in_evidence};

use super::args::EvidenceArgs;

/// Explain a decision: numbers, queries, intervals, what it would take
///
/// Of a plan that is rolled back or complete it is the decision that made it so, from its record. Of a
/// record (a file below `.evidence`, which `rollout history` names) it is that decision; Prometheus is not
/// asked for it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name or path of the plan, or the path of a record
    #[arg(value_name = "PLAN")]
    plan: String,
    /// Only this guardrail
    #[arg(value_name = "GUARDRAIL")]
    guardrail: Option<String>,
    #[command(flatten)]
    evidence: EvidenceArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let guardrail = args.guardrail.as_deref();
    if is_record(&args.plan) {
        let record = read_record(args, context)?;
        for_people(context)?;
        return past(&record, &args.plan, guardrail, context);
    }
    let plan_set = PlanSet::open(context, std::slice::from_ref(&args.plan))?;
    let (loaded, plan) = plan_set.one(&args.plan, context)?;
    if let Some(name) = guardrail {
        known(plan, name)?;
    }
    for_people(context)?;
    if args.evidence.snapshot.is_none()
        && let Some(action) = settled(plan)
    {
        match latest(&plan_set, loaded, plan, &action) {
            Ok((record, path)) => {
                let shown = plan_set.directory.shown().join(path);
                return past(&record, &shown.display().to_string(), guardrail, context);
            }
            Err(why) => context.ui.warn(&format!(
                "{}: what decided cannot be shown: {why}",
                loaded.file.name
            ))?,
        }
    }
    let evaluation = present(&plan_set, loaded, plan, args, context)?;
    let explained = Explained {
        plan: evaluation.plan,
        snapshot: evaluation.snapshot.as_ref(),
        judgement: evaluation.judgement.as_ref(),
        decision: &evaluation.decision,
        guardrail,
        now: evaluation.now,
        recorded: None,
    };
    render(&explained, &context.output_style(), context.ui.answer())?;
    Ok(Exit::Go)
}

/// Refuses the form for programs.
fn for_people(context: &Context<'_>) -> Result<(), Failure> {
    match context.global.format {
        Format::Text | Format::Github | Format::Markdown => Ok(()),
        Format::Json => Err(Failure::invalid("an explanation is for people")
            .help("`rollout check --format json` has every number of it")),
    }
}

/// The decision of now; where Prometheus does not answer, with the record that can be explained without.
fn present<'d>(
    plan_set: &'d PlanSet,
    loaded: &LoadedPlan,
    plan: &Plan,
    args: &Args,
    context: &mut Context<'_>,
) -> Result<Evaluation<'d>, Failure> {
    alone(plan_set, &args.plan, &args.evidence.evidence(), context).map_err(|failure| {
        let state = plan.state.as_ref();
        let path = state.and_then(|state| {
            latest_in_evidence(&plan_set.directory, &loaded.file, state, |record| {
                let is_measured = record.grounds.snapshot.is_some();
                is_measured.then(|| record.after.evidence.clone())?
            })
        });
        match path {
            Some(path) => failure.help(format!(
                "what was seen before needs no Prometheus: `rollout explain {}`",
                plan_set.directory.shown().join(path).display()
            )),
            None => failure,
        }
    })
}

/// Whether a record is meant, and no plan.
fn is_record(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "json")
}

/// Reads the record that is named: as it is typed, else as `history` names it, below the directory of
/// plans.
fn read_record(args: &Args, context: &Context<'_>) -> Result<Record, Failure> {
    let name = &args.plan;
    let EvidenceArgs {
        snapshot,
        save_snapshot,
    } = &args.evidence;
    if snapshot.is_some() || save_snapshot.is_some() {
        return Err(
            Failure::invalid("a record holds what was measured for it").help(format!(
                "leave out --snapshot and --save-snapshot: `rollout explain {name}`"
            )),
        );
    }
    let typed = context.directory.join(name);
    let path: PathBuf = if typed.exists() || !Path::new(name).starts_with(".evidence") {
        typed
    } else {
        locate(context, &[])?.root().join(name)
    };
    let text = read_text(&path, files::RECORD)?;
    Record::read(&text).map_err(|why| {
        Failure::error(format!("{name} cannot be explained: {why}")).help(
            "records are the files below .evidence: `rollout history PLAN` names those of a plan",
        )
    })
}

/// What made a plan what it stays, until a person does something.
fn settled(plan: &Plan) -> Option<RecordedAction> {
    match plan.status() {
        Status::RolledBack => Some(RecordedAction::Rollback),
        Status::Complete => Some(RecordedAction::Complete),
        Status::Pending | Status::Progressing | Status::Paused => None,
    }
}

/// The latest record of this action and its path below the directory.
///
/// # Errors
/// When there is none; the text says why.
fn latest(
    plan_set: &PlanSet,
    loaded: &LoadedPlan,
    plan: &Plan,
    action: &RecordedAction,
) -> Result<(Record, String), String> {
    let found = plan.state.as_ref().and_then(|state| {
        latest_in_evidence(&plan_set.directory, &loaded.file, state, |record| {
            let path = record.after.evidence.clone()?;
            (record.grounds.decision == *action).then(|| (record.clone(), path))
        })
    });
    found.ok_or_else(|| {
        let chain = evidence_of(&plan_set.directory, &loaded.file);
        chain.breaks.first().map_or_else(
            || format!("it has no record of a {action}"),
            |broken| {
                let folder = plan_set.directory.shown().display().to_string();
                format!("{broken}; {}", broken.cure(&folder))
            },
        )
    })
}

/// Explains the decision of a record.
fn past(
    record: &Record,
    path: &str,
    guardrail: Option<&str>,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let output = context.output_style();
    let before = record.before.as_ref();
    let recorded = Recorded {
        plan: &record.plan,
        path,
        at: record.at,
        judge: record.judge,
        action: &record.grounds.decision,
        actor: &record.grounds.actor,
        said: record.grounds.reason.as_deref(),
        reasons: decisive(
            &record.grounds.decision,
            &record.grounds.reasons,
            &record.grounds.reason_codes,
        ),
        from: before.map_or(Exposure::NONE, |state| state.exposure),
        to: record.after.exposure,
        stage: before.map_or(0, |state| state.stage),
    };
    let made = match record.judge {
        judge if judge > VERSION => Err(decided_by_newer(judge)),
        _ => remade(record),
    };
    let is_of_a_person = record.grounds.actor.person().is_some();
    let Remade {
        plan,
        snapshot,
        judgement,
        decision,
    } = match made {
        Ok(made) if made.snapshot.is_some() || !is_of_a_person => made,
        made => {
            let plan = recorded_plan(record).ok().map(|(plan, _)| plan);
            let report = record.grounds.report.as_ref();
            let report = report.and_then(|report| json::Recorded::read(report).ok());
            let numbers = report.map_or_else(Vec::new, |report| numbers_of(&report, plan.as_ref()));
            let why = made.err().map(|why| Foreign(why).to_string());
            render_facts(
                &recorded,
                &numbers,
                why.as_deref(),
                &output,
                context.ui.answer(),
            )?;
            return Ok(Exit::Go);
        }
    };
    if let Some(name) = guardrail {
        known(&plan, name)?;
    }
    let explained = Explained {
        plan: &plan,
        snapshot: snapshot.as_ref(),
        judgement: judgement.as_ref(),
        decision: &decision,
        guardrail,
        now: record.at,
        recorded: Some(recorded),
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

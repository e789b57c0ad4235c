//! The one way from plans to decisions, shared by every command that decides: collect what
//! Prometheus says (or read what it said), judge it, decide. Nothing is written here.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::decide::{Decision, Environment, Exit, decide};
use crate::judge::{Judgement, judge};
use crate::plan::{Mistake, Plan};
use crate::prometheus::CollectError;
use crate::snapshot::{self, Snapshot};
use crate::units::Instant;
use crate::workspace::write_file;

use super::ask::{client, runtime};
use super::context::Context;
use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::measured::measured;
use super::plan_set::PlanSet;
use super::progress::Asking;

/// Where evidence comes from and where it is kept besides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// This saved snapshot is read in place of asking Prometheus.
    pub(crate) snapshot: Option<PathBuf>,
    /// What Prometheus said is saved here.
    pub(crate) save_snapshot: Option<PathBuf>,
}

/// One plan that could be decided on.
pub(crate) struct Evaluation<'d> {
    pub(crate) loaded: &'d LoadedPlan,
    pub(crate) plan: &'d Plan,
    /// The evaluation instant.
    pub(crate) now: Instant,
    /// `None` where there is nothing to measure yet, or nothing left to.
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) judgement: Option<Judgement>,
    pub(crate) around: Environment,
    pub(crate) decision: Decision,
}

/// What came of one plan.
pub(crate) enum Outcome<'d> {
    /// It was judged and decided on.
    Evaluated(Box<Evaluation<'d>>),
    /// It could not be; the others go on.
    Failed {
        loaded: &'d LoadedPlan,
        failure: Failure,
    },
}

/// Evaluates the chosen plans of a directory, in order.
///
/// # Errors
/// When evidence was given that cannot be read, or the run as a whole cannot ask.
pub(crate) fn evaluate<'d>(
    plan_set: &'d PlanSet,
    chosen: &[usize],
    evidence: &Evidence,
    now: Instant,
    context: &mut Context<'_>,
) -> Result<Vec<Outcome<'d>>, Failure> {
    let plans = chosen.iter().map(|index| &plan_set.plans[*index]);
    let (now, mut snapshots) = match &evidence.snapshot {
        Some(file) => saved(file, plan_set, chosen, context)?,
        None => (now, asked(plan_set, chosen, now, context)?),
    };
    if let Some(file) = &evidence.save_snapshot {
        save(file, &snapshots, context)?;
    }
    Ok(plans
        .map(|loaded| {
            let Some(plan) = &loaded.plan else {
                return Outcome::Failed {
                    loaded,
                    failure: faulty(plan_set, loaded),
                };
            };
            let found = snapshots
                .iter()
                .position(|(name, _)| *name == plan.name)
                .map(|at| snapshots.swap_remove(at).1);
            match found.transpose() {
                Ok(snapshot) => Outcome::Evaluated(Box::new(judge_and_decide(
                    plan_set, loaded, plan, snapshot, now,
                ))),
                Err(failure) => Outcome::Failed { loaded, failure },
            }
        })
        .collect())
}

/// A plan that cannot be evaluated because of its mistakes, or is not because of the change's.
pub(crate) fn faulty(plan_set: &PlanSet, loaded: &LoadedPlan) -> Failure {
    match &plan_set.gate {
        Some(gate) => {
            let mut failure = Failure::invalid(format!(
                "the change of {} since {} is refused",
                loaded.shown, gate.rev
            ));
            failure.causes = loaded
                .all_mistakes()
                .into_iter()
                .filter(Mistake::is_error)
                .map(|mistake| mistake.message)
                .collect();
            failure
        }
        None => Failure::invalid(format!("{} has mistakes", loaded.shown)).help(format!(
            "`rollout validate {}` shows them",
            loaded.file.name
        )),
    }
}

/// Evaluates one plan.
///
/// # Errors
/// When it is unknown, or there is no evidence to be had.
pub(crate) fn alone<'d>(
    plan_set: &'d PlanSet,
    asked: &str,
    evidence: &Evidence,
    context: &mut Context<'_>,
) -> Result<Evaluation<'d>, Failure> {
    let chosen = plan_set.select(&[asked.to_owned()])?;
    let now = context.now();
    match evaluate(plan_set, &chosen, evidence, now, context)?.pop() {
        Some(Outcome::Evaluated(evaluation)) => Ok(*evaluation),
        Some(Outcome::Failed { failure, .. }) => Err(failure),
        None => Err(Failure::error(format!("{asked} was not evaluated"))),
    }
}

/// Judges and decides; pure but for its place in this file.
pub(crate) fn judge_and_decide<'d>(
    plan_set: &'d PlanSet,
    loaded: &'d LoadedPlan,
    plan: &'d Plan,
    snapshot: Option<Snapshot>,
    now: Instant,
) -> Evaluation<'d> {
    let around = plan_set.surroundings(plan, now);
    let judgement = snapshot.as_ref().map(|snapshot| judge(plan, snapshot, now));
    let decision = decide(plan, judgement.as_ref(), &around);
    Evaluation {
        loaded,
        plan,
        now,
        snapshot,
        judgement,
        around,
        decision,
    }
}

type Snapshots = Vec<(String, Result<Snapshot, Failure>)>;

/// One snapshot for each chosen plan that must be measured, from Prometheus.
fn asked(
    plan_set: &PlanSet,
    chosen: &[usize],
    now: Instant,
    context: &mut Context<'_>,
) -> Result<Snapshots, Failure> {
    let plans: Vec<&Plan> = chosen
        .iter()
        .filter_map(|index| plan_set.plans[*index].plan.as_ref())
        .filter(|plan| is_measured(plan))
        .collect();
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let client = match &plan_set.gate {
        Some(gate) => gate.connection.client(context),
        None => client(
            &plan_set.config.prometheus,
            plan_set.directory.root(),
            context,
        ),
    };
    let client = match client {
        Ok(client) => client,
        // Plans that need no data go on; each of the others says why it cannot.
        Err(failure) => {
            return Ok(plans
                .iter()
                .map(|plan| (plan.name.clone(), Err(failure.clone())))
                .collect());
        }
    };
    let answers = {
        let asking = Asking::start(context);
        let told = |done, total| asking.answered(done, total);
        runtime()?.block_on(measured(&client, &plans, now, &told))
    };
    Ok(plans
        .iter()
        .zip(answers)
        .map(|(plan, answer)| (plan.name.clone(), answer.map_err(|e| unanswered(&e))))
        .collect())
}

/// Whether a decision on this plan needs anything from Prometheus.
fn is_measured(plan: &Plan) -> bool {
    plan.needs_data() || plan.needs_traffic() || plan.needs_preflight()
}

/// A failure of one plan, because Prometheus did not answer.
fn unanswered(error: &CollectError) -> Failure {
    let mut failure = Failure::from_error(Exit::Error, error);
    failure.message = format!("failed to {}", failure.message);
    failure.help(
        "nothing was changed; --prometheus-url or [prometheus] in config.toml say where to ask",
    )
}

/// The snapshots of a file, and the instant they speak of. A plan that needs data and is not in the
/// file has no evidence here, which is a failure, never a pass.
fn saved(
    file: &Path,
    plan_set: &PlanSet,
    chosen: &[usize],
    context: &Context<'_>,
) -> Result<(Instant, Snapshots), Failure> {
    let text = fs_err::read_to_string(context.directory.join(file))?;
    let snapshots = snapshot::read(&text).map_err(|error| {
        let mut failure = Failure::from_error(Exit::Error, &error);
        failure.message = format!("{}: {}", file.display(), failure.message);
        failure
    })?;
    let latest = snapshots.iter().map(|snapshot| snapshot.taken_at).max();
    let now = context
        .global
        .now
        .or(latest)
        .ok_or_else(|| Failure::error(format!("{} holds no snapshot", file.display())))?;
    let found = chosen
        .iter()
        .filter_map(|index| plan_set.plans[*index].plan.as_ref())
        .filter(|plan| is_measured(plan))
        .map(|plan| {
            let own = snapshots.iter().find(|snapshot| snapshot.plan == plan.name);
            let answer = match own {
                None => Err(Failure::error(format!(
                    "{} holds no snapshot of {}",
                    file.display(),
                    plan.name
                ))),
                Some(snapshot) => match snapshot.fits(plan) {
                    Ok(()) => Ok(snapshot.clone()),
                    Err(error) => Err(Failure::from_error(Exit::Error, &error)),
                },
            };
            (plan.name.clone(), answer)
        })
        .collect();
    Ok((now, found))
}

/// As [`PlanSet::select`]; where evidence was given, all plans means those it speaks of.
///
/// # Errors
/// When a name is unknown or the evidence cannot be read.
pub(crate) fn chosen(
    plan_set: &PlanSet,
    asked: &[String],
    evidence: &Evidence,
    context: &Context<'_>,
) -> Result<Vec<usize>, Failure> {
    match &evidence.snapshot {
        Some(file) if asked.is_empty() => plan_set.select(&plans_in_snapshot(file, context)?),
        Some(_) | None => plan_set.select(asked),
    }
}

/// Which plans a saved snapshot speaks of.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn plans_in_snapshot(
    file: &Path,
    context: &Context<'_>,
) -> Result<Vec<String>, Failure> {
    let text = fs_err::read_to_string(context.directory.join(file))?;
    let snapshots = snapshot::read(&text).map_err(|e| Failure::from_error(Exit::Error, &e))?;
    Ok(snapshots
        .into_iter()
        .map(|snapshot| snapshot.plan)
        .collect())
}

/// Writes the snapshots that were got: one as an object, several as an array.
fn save(file: &Path, snapshots: &Snapshots, context: &mut Context<'_>) -> Result<(), Failure> {
    let mut documents: Vec<Value> = snapshots
        .iter()
        .filter_map(|(_, answer)| answer.as_ref().ok())
        .map(Snapshot::to_json)
        .collect();
    if documents.is_empty() {
        context.ui.warn(&format!(
            "no snapshot was saved to {}: no plan here was measured",
            file.display()
        ))?;
        return Ok(());
    }
    let document = if documents.len() == 1 {
        documents.remove(0)
    } else {
        Value::Array(documents)
    };
    write_file(
        &context.directory.join(file),
        format!("{document}\n").as_bytes(),
    )?;
    Ok(())
}

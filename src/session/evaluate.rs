//! The one way from plans to decisions, shared by every command that decides: collect what
//! Prometheus says (or read what it said), judge it, decide. Nothing is written here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use crate::decide::{Action, Exit};
use crate::plan::Plan;
use crate::prometheus::{Client, CollectError, PLANS_AT_ONCE};
use crate::snapshot::{EntryHistory, Snapshot};
use crate::units::Instant;

use super::ask::{cached, client, runtime};
use super::context::Context;
use super::due::is_due;
use super::evaluation::{Evaluation, Outcome, judge_and_decide};
use super::failure::Failure;
use super::judged::{Judged, Keep};
use super::kept::known;
use super::loaded::LoadedPlan;
use super::measured::measured;
use super::plan_set::PlanSet;
use super::progress::Asking;
use super::saved::{is_measured, plans_in_snapshot, save, saved};

/// Where evidence comes from and where it is kept besides.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// This saved snapshot is read in place of asking Prometheus.
    pub(crate) snapshot: Option<PathBuf>,
    /// What Prometheus said is saved here.
    pub(crate) save_snapshot: Option<PathBuf>,
    /// Prometheus is asked about those plans alone that this run may move.
    pub(crate) only_due: bool,
}

/// Evaluates the chosen plans of a directory, in order. A plan is judged as soon as its evidence is there,
/// and its snapshot goes unless it may be recorded, or is saved.
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
    let keep = match &evidence.save_snapshot {
        Some(_) => Keep::All,
        None => Keep::Recorded,
    };
    evaluate_and_keep(plan_set, chosen, evidence, keep, now, context)
}

fn evaluate_and_keep<'d>(
    plan_set: &'d PlanSet,
    chosen: &[usize],
    evidence: &Evidence,
    keep: Keep,
    now: Instant,
    context: &mut Context<'_>,
) -> Result<Vec<Outcome<'d>>, Failure> {
    let mut judged = Judged::new(plan_set, keep);
    let (now, client) = match &evidence.snapshot {
        Some(file) => {
            let (now, snapshots) = saved(file, plan_set, chosen, context)?;
            for (place, snapshot) in snapshots {
                judged.take(place, snapshot, now);
            }
            (now, None)
        }
        None => {
            let only_due = evidence.only_due;
            let client = asked(plan_set, chosen, only_due, now, &mut judged, context)?;
            (now, client)
        }
    };
    let mut outcomes: Vec<Outcome<'d>> = chosen
        .iter()
        .map(|place| judged.outcome(*place, now))
        .collect();
    if let Some(client) = client.filter(Client::has_used_cache) {
        ask_movers_again(&client, plan_set, &mut outcomes, context)?;
    }
    if let Some(file) = &evidence.save_snapshot {
        let snapshots = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Evaluated(evaluation) => evaluation.snapshot.as_ref(),
            Outcome::Failed { .. } => None,
        });
        save(file, snapshots, context)?;
    }
    Ok(outcomes)
}

/// What was cached decides nothing that moves traffic: those plans are asked about as if there were no
/// cache, and that decides.
fn ask_movers_again<'d>(
    client: &Client,
    plan_set: &'d PlanSet,
    outcomes: &mut [Outcome<'d>],
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let moves = |outcome: &&mut Outcome<'d>| match outcome {
        Outcome::Evaluated(evaluation) => match evaluation.decision.action {
            Action::Advance { .. } | Action::Rollback { .. } | Action::Complete => true,
            Action::Hold | Action::Pause => false,
        },
        Outcome::Failed { .. } => false,
    };
    let movers: Vec<&mut Outcome<'d>> = outcomes.iter_mut().filter(moves).collect();
    let asked: Vec<(&LoadedPlan, &Plan, Instant)> = movers
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Evaluated(one) => one
                .snapshot
                .as_ref()
                .map(|_| (one.loaded, one.plan, one.now)),
            Outcome::Failed { .. } => None,
        })
        .collect();
    let Some((.., now)) = asked.first().copied() else {
        return Ok(());
    };
    let plans: Vec<(&LoadedPlan, &Plan)> = asked
        .into_iter()
        .map(|(loaded, plan, _)| (loaded, plan))
        .collect();
    client.ask_whole();
    let mut answers: BTreeMap<&str, Result<Snapshot, CollectError>> = BTreeMap::new();
    let mut take = |place: usize, answer| {
        answers.insert(plans[place].1.name.as_str(), answer);
    };
    measure(client, plan_set, &plans, now, &mut take, context)?;
    for outcome in movers {
        let Outcome::Evaluated(evaluation) = outcome else {
            continue;
        };
        let (loaded, plan) = (evaluation.loaded, evaluation.plan);
        *outcome = match answers.remove(plan.name.as_str()) {
            Some(Ok(snapshot)) => Outcome::Evaluated(Box::new(judge_and_decide(
                plan_set,
                loaded,
                plan,
                Some(snapshot),
                now,
            ))),
            Some(Err(error)) => Outcome::Failed {
                loaded,
                failure: unanswered(&error),
            },
            None => continue,
        };
    }
    Ok(())
}

/// As [`evaluate`], and every snapshot stays: of few plans at a time.
///
/// # Errors
/// As [`evaluate`].
pub(crate) fn evaluate_whole<'d>(
    plan_set: &'d PlanSet,
    chosen: &[usize],
    evidence: &Evidence,
    context: &mut Context<'_>,
) -> Result<Vec<Outcome<'d>>, Failure> {
    let now = context.now();
    evaluate_and_keep(plan_set, chosen, evidence, Keep::All, now, context)
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
    match evaluate_whole(plan_set, &chosen, evidence, context)?.pop() {
        Some(Outcome::Evaluated(evaluation)) => Ok(*evaluation),
        Some(Outcome::Failed { failure, .. }) => Err(failure),
        None => Err(Failure::error(format!("{asked} was not evaluated"))),
    }
}

/// Asks Prometheus about those chosen plans that must be measured, and judges each by what it says.
fn asked(
    plan_set: &PlanSet,
    chosen: &[usize],
    only_due: bool,
    now: Instant,
    judged: &mut Judged<'_>,
    context: &mut Context<'_>,
) -> Result<Option<Client>, Failure> {
    let is_asked = |plan: &Plan| is_measured(plan) && (!only_due || is_due(plan_set, plan, now));
    let (places, plans): (Vec<usize>, Vec<(&LoadedPlan, &Plan)>) = chosen
        .iter()
        .filter_map(|place| {
            let loaded = &plan_set.plans[*place];
            let plan = loaded.plan.as_ref().filter(|plan| is_asked(plan))?;
            Some((*place, (loaded, plan)))
        })
        .unzip();
    if plans.is_empty() {
        return Ok(None);
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
        Ok(client) => cached(client, plan_set.config.prometheus.cache, context),
        // Plans that need no data go on; each of the others says why it cannot.
        Err(failure) => {
            for place in places {
                judged.take(place, Err(failure.clone()), now);
            }
            return Ok(None);
        }
    };
    // Plans are judged while the next ones are asked about: each takes about as long as the other.
    thread::scope(|scope| {
        let (told, heard) = mpsc::sync_channel::<(usize, Result<Snapshot, CollectError>)>(WAITING);
        let places = &places;
        let judge = thread::Builder::new().spawn_scoped(scope, move || {
            for (index, answer) in heard {
                let answer = answer.map_err(|error| unanswered(&error));
                judged.take(places[index], answer, now);
            }
        });
        let judge = judge.map_err(|error| {
            Failure::error(format!("no thread can be started to judge: {error}"))
                .help("make room for threads, and run again")
        })?;
        let mut take = |index, answer| {
            // Whoever judges has stopped only where it has panicked, which is said below.
            let _ = told.send((index, answer));
        };
        let measured = measure(&client, plan_set, &plans, now, &mut take, context);
        drop(told);
        match judge.join() {
            Ok(()) => measured,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    Ok(Some(client))
}

/// Snapshots that wait to be judged: as many as come at once, so that asking never waits for judging.
const WAITING: usize = PLANS_AT_ONCE;

/// Asks about these plans, and shows how far that is. `take` as in [`measured`].
fn measure(
    client: &Client,
    plan_set: &PlanSet,
    plans: &[(&LoadedPlan, &Plan)],
    now: Instant,
    take: &mut dyn FnMut(usize, Result<Snapshot, CollectError>),
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    // Records of a thousand plans are too much to hold.
    let outlines: Vec<Option<EntryHistory>> = plans
        .iter()
        .map(|(loaded, plan)| Some(known(plan_set, loaded, plan)?.outline()))
        .collect();
    let whole = |place: usize| known(plan_set, plans[place].0, plans[place].1);
    let plans: Vec<(&Plan, Option<&EntryHistory>)> = plans
        .iter()
        .zip(&outlines)
        .map(|((_, plan), known)| (*plan, known.as_ref()))
        .collect();
    let asking = Asking::start(context);
    let told = |done, total| asking.answered(done, total);
    runtime()?.block_on(measured(client, &plans, now, &told, &whole, take));
    Ok(())
}

/// A failure of one plan, because Prometheus did not answer.
fn unanswered(error: &CollectError) -> Failure {
    let mut failure = Failure::from_error(Exit::Error, error);
    failure.message = format!("failed to {}", failure.message);
    failure.help(
        "nothing was changed; --prometheus-url or [prometheus] in config.toml say where to ask",
    )
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

//! Makes the decision of a record again, from nothing but the record. `replay` tells the differences;
//! the merge gate believes no state whose records show one.

use crate::decide::by_hand::{self, Footing, Operator};
use crate::decide::{Decision, Environment, Reason, RecordedAction, decide, taken_back};
use crate::judge::{Judgement, VERSION, judge};
use crate::plan::{
    ASSIGNMENT, Actor, Config, Intervention, Plan, State, parse_config, parse_plan, revise,
};
use crate::report::Decided;
use crate::report::json::{self, Recorded, RecordedFinding};
use crate::snapshot::{Snapshot, SnapshotError, read_recorded};
use crate::units::Exposure;
use crate::workspace::Record;

/// A record beside what the judge of today makes of it.
#[derive(Debug)]
pub(crate) enum Replayed {
    /// The same decision, to the last digit.
    Same,
    /// Another one, although the judge is the same.
    Differs(Vec<String>),
    /// An older judge decided: what today's would do otherwise is information, not a fault.
    Older {
        /// The record's version.
        judge: u32,
        /// What differs today; nothing, where nothing does.
        today: Vec<String>,
    },
    /// A newer judge decided, which this program does not know.
    Newer {
        /// The record's version.
        judge: u32,
    },
}

/// Makes the decision of a record again.
pub(crate) fn replay_differences(record: &Record) -> Replayed {
    if record.judge > VERSION {
        return Replayed::Newer {
            judge: record.judge,
        };
    }
    let older = record.judge < VERSION;
    let made = if older {
        made_today(record)
    } else {
        made_again(record)
    };
    let differences = made.unwrap_or_else(|why| vec![why]);
    if older {
        Replayed::Older {
            judge: record.judge,
            today: differences,
        }
    } else if differences.is_empty() {
        Replayed::Same
    } else {
        Replayed::Differs(differences)
    }
}

/// That a record is of a judge that this program does not know, with the cure.
pub(crate) fn decided_by_newer(judge: u32) -> String {
    format!(
        "it was decided by a judge of version {judge}, and this program has version {VERSION}: update `rollout`"
    )
}

/// What today's judge decides otherwise on what an older one saw: verdicts and decision, not each
/// number on the way.
fn made_today(record: &Record) -> Result<Vec<String>, String> {
    let (plan, config) = recorded_plan(record)?;
    if record.grounds.actor.person().is_some() {
        return Ok(Vec::new());
    }
    let (decision, judgement) = decided(record, &plan, &config)?;
    let mut differences = Vec::new();
    let verb = RecordedAction::from(decision.action);
    if verb != record.grounds.decision {
        differences.push(format!("{verb} in place of {}", record.grounds.decision));
    }
    let then = match &record.grounds.report {
        Some(report) => Recorded::read(report)?,
        None => Recorded::default(),
    };
    for RecordedFinding { name, verdict, .. } in &then.guardrails {
        let found = judgement
            .iter()
            .flat_map(|judgement| &judgement.findings)
            .find(|finding| finding.name == *name);
        let now = found.map_or("not judged", |finding| finding.verdict.key());
        if now != verdict {
            differences.push(format!("`{name}` {now} in place of {verdict}"));
        }
    }
    Ok(differences)
}

/// The plan as the decision saw it, and the settings.
///
/// # Errors
/// When this program finds mistakes in them.
pub(crate) fn recorded_plan(record: &Record) -> Result<(Plan, Config), String> {
    let config = parse_config(&record.grounds.config_text)
        .value
        .ok_or("its settings have mistakes")?;
    let text = match &record.before {
        Some(state) => revise(&record.declared.text, state).map_err(|error| error.to_string())?,
        None => record.declared.text.clone(),
    };
    let mut plan = parse_plan(&record.plan, &text, &config)
        .value
        .ok_or("its plan has mistakes")?;
    if record.judge == State::FIRST_JUDGE {
        // The first judge did not ask beforehand whether there was anything to judge by.
        plan.judge.preflight = false;
    }
    Ok((plan, config))
}

fn made_again(record: &Record) -> Result<Vec<String>, String> {
    if let Some(state) = spared(record) {
        return Ok(other_state(record, state?));
    }
    let (plan, config) = recorded_plan(record)?;
    if let Some(person) = record.grounds.actor.person() {
        let (state, mut problems) = by_a_person(record, person, &plan, &config)?;
        problems.extend(other_state(record, state));
        return Ok(problems);
    }
    let (decision, judgement) = decided(record, &plan, &config)?;
    let state = decision.next.clone();
    let mut problems = other_decision(record, &decision);
    problems.extend(other_verdicts(record, &plan, decision, judgement));
    problems.extend(other_state(record, state));
    Ok(problems)
}

/// What a stop leads to that needs no plan without mistakes: a person's, or a rollback whose record
/// had to be made up for, of which nothing but the rollback is known.
fn spared(record: &Record) -> Option<Result<Option<State>, String>> {
    let grounds = &record.grounds;
    if grounds.reason_codes == [Record::MADE_UP_FOR] {
        let ruling = record.after.rollback.clone();
        let before = record.before.as_ref().unwrap_or(&record.after);
        return Some(match ruling {
            Some(ruling) => Ok(Some(taken_back(before, Exposure::NONE, ruling))),
            None => Err("it is made up for a rollback that its state does not know".to_owned()),
        });
    }
    let person = grounds.actor.person()?;
    let hand = Operator {
        person,
        now: record.at,
        reason: grounds.reason.as_deref(),
    };
    let footing = Footing {
        name: &record.plan,
        state: record.before.as_ref(),
        declared: &record.declared.digest,
    };
    let state = match &grounds.decision {
        RecordedAction::Rollback => by_hand::rollback(footing, hand),
        RecordedAction::Pause => by_hand::pause(footing, hand),
        RecordedAction::Advance
        | RecordedAction::Hold
        | RecordedAction::Complete
        | RecordedAction::Resume
        | RecordedAction::Retry
        | RecordedAction::Approve
        | RecordedAction::Freeze
        | RecordedAction::Unfreeze
        | RecordedAction::Init
        | RecordedAction::Sync
        | RecordedAction::New
        | RecordedAction::Other(_) => return None,
    };
    Some(state.map_err(|refusal| refusal.to_string()))
}

/// What a record was decided from, and what is made of it again.
#[derive(Debug)]
pub(crate) struct Remade {
    /// The plan as the decision saw it.
    pub(crate) plan: Plan,
    /// What was measured.
    pub(crate) snapshot: Option<Snapshot>,
    /// What the judge says of that.
    pub(crate) judgement: Option<Judgement>,
    /// What the rules say of that.
    pub(crate) decision: Decision,
}

/// Makes all of it again.
///
/// # Errors
/// When this program cannot read the record's plan or snapshot; the sentence says why.
pub(crate) fn remade(record: &Record) -> Result<Remade, String> {
    let (plan, config) = recorded_plan(record)?;
    let snapshot = recorded_snapshot(record, &plan)?;
    let (decision, judgement) = on(record, &plan, &config, snapshot.as_ref());
    Ok(Remade {
        plan,
        snapshot,
        judgement,
        decision,
    })
}

fn recorded_snapshot(record: &Record, plan: &Plan) -> Result<Option<Snapshot>, String> {
    let snapshot = snapshot_of(record).transpose();
    let snapshot = snapshot.map_err(|error| error.to_string())?;
    if let Some(snapshot) = &snapshot {
        snapshot.fits(plan).map_err(|error| error.to_string())?;
    }
    Ok(snapshot)
}

/// The snapshot that a record holds; `None` where nothing was asked.
pub(crate) fn snapshot_of(record: &Record) -> Option<Result<Snapshot, SnapshotError>> {
    let value = record.grounds.snapshot.as_ref()?;
    Some(read_recorded(value, record.grounds.history.as_ref()))
}

/// What the rules say on what the record holds.
fn decided(
    record: &Record,
    plan: &Plan,
    config: &Config,
) -> Result<(Decision, Option<Judgement>), String> {
    let snapshot = recorded_snapshot(record, plan)?;
    Ok(on(record, plan, config, snapshot.as_ref()))
}

fn on(
    record: &Record,
    plan: &Plan,
    config: &Config,
    snapshot: Option<&Snapshot>,
) -> (Decision, Option<Judgement>) {
    let exclusive_surface = plan
        .surface
        .as_ref()
        .and_then(|name| config.surfaces.get(name))
        .is_some_and(|surface| surface.exclusive);
    let around = Environment {
        now: record.at,
        calendar: config.calendar.clone(),
        exclusive_surface,
        neighbours: record.grounds.neighbours.clone(),
        targets: Vec::new(),
    };
    let judgement = snapshot.map(|snapshot| judge(plan, snapshot, record.at));
    (decide(plan, judgement.as_ref(), &around), judgement)
}

/// What a person's command does to the plan, and what they saw otherwise than it is seen now; that
/// they gave the command is taken at their word.
fn by_a_person(
    record: &Record,
    person: &str,
    plan: &Plan,
    config: &Config,
) -> Result<(Option<State>, Vec<String>), String> {
    let mut problems = Vec::new();
    // An approval of what a saved snapshot shows is given at the snapshot's instant.
    let approval = record.after.approval.as_ref().map(|approval| approval.at);
    let hand = Operator {
        person,
        now: record.at,
        reason: record.grounds.reason.as_deref(),
    };
    let state = match &record.grounds.decision {
        RecordedAction::Resume => by_hand::resume(plan, hand),
        RecordedAction::Retry => by_hand::retry(plan, Some(record.after.stage), hand),
        RecordedAction::Approve => {
            let at = approval.unwrap_or(record.at);
            let seen = Record {
                at,
                ..record.clone()
            };
            let (decision, judgement) = decided(&seen, plan, config)?;
            let state = by_hand::approve(plan, &decision, Operator { now: at, ..hand });
            problems = other_verdicts(record, plan, decision, judgement);
            state
        }
        other @ (RecordedAction::Advance
        | RecordedAction::Hold
        | RecordedAction::Pause
        | RecordedAction::Rollback
        | RecordedAction::Complete
        | RecordedAction::Freeze
        | RecordedAction::Unfreeze
        | RecordedAction::Init
        | RecordedAction::Sync
        | RecordedAction::New
        | RecordedAction::Other(_)) => {
            return Err(format!("`{other}` is no command of a person"));
        }
    }
    .map_err(|refusal| refusal.to_string())?;
    Ok((state, problems))
}

fn other_decision(record: &Record, decision: &Decision) -> Vec<String> {
    let mut problems = Vec::new();
    let verb = RecordedAction::from(decision.action);
    if verb != record.grounds.decision {
        problems.push(format!(
            "it decided {}, now it is {verb}",
            record.grounds.decision
        ));
    }
    let codes: Vec<&str> = decision.reasons.iter().map(Reason::code).collect();
    // Codes, not sentences: a reworded sentence decides nothing.
    if codes != record.grounds.reason_codes {
        problems.push(format!(
            "its reasons were \"{}\", now they are \"{}\"",
            record.grounds.reasons.join("; "),
            decision
                .reasons
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ")
        ));
    }
    problems
}

/// Every number and verdict of the record, bit for bit. Keys that came later are no difference.
fn other_verdicts(
    record: &Record,
    plan: &Plan,
    decision: Decision,
    judgement: Option<Judgement>,
) -> Vec<String> {
    let Some(then) = &record.grounds.report else {
        return Vec::new();
    };
    let now = Decided {
        plan: plan.clone(),
        judgement,
        decision,
        change: None,
        targets: Vec::new(),
    };
    json::differences(then, &json::decided(&plan.name, "", &now))
}

fn other_state(record: &Record, state: Option<State>) -> Vec<String> {
    // The path of the record is the workspace's affair, not the decision's.
    let state = state.map(|state| State {
        evidence: record.after.evidence.clone(),
        ..state
    });
    let state = state.map(|state| as_of_record(state, &record.after));
    if state.map(without_sentences) == Some(without_sentences(record.after.clone())) {
        return Vec::new();
    }
    vec!["the state it led to is another one now".to_owned()]
}

/// The state without what programs of before did not write: how users are counted.
fn as_of_record(mut state: State, recorded: &State) -> State {
    if !recorded.definitions.contains_key(ASSIGNMENT) {
        state.definitions.remove(ASSIGNMENT);
    }
    state
}

/// The state without the sentences that the judge wrote into it; what a person wrote stays.
fn without_sentences(state: State) -> State {
    let stop = |stop: Option<Intervention>| {
        stop.map(|stop| match stop.by {
            Actor::Person(_) => stop,
            Actor::Guardrail(_) => Intervention {
                reason: None,
                ..stop
            },
        })
    };
    State {
        pause: stop(state.pause),
        rollback: stop(state.rollback),
        ..state
    }
}

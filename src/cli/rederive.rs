//! Makes the decision of a record again, from nothing but the record. `replay` tells the differences;
//! the merge gate believes no state whose records show one.

use crate::decide::by_hand::{self, Hand};
use crate::decide::{Decision, Surroundings, decide, next_state};
use crate::judge::{Judgement, judge};
use crate::plan::{Config, Plan, State, parse_config, parse_plan, revise};
use crate::snapshot;
use crate::workspace::Record;

/// What differs when the decision of a record is made again.
pub(super) fn again(record: &Record) -> Vec<String> {
    match made_again(record) {
        Ok(problems) => problems,
        Err(why) => vec![why],
    }
}

fn made_again(record: &Record) -> Result<Vec<String>, String> {
    let config = parse_config(&record.grounds.config_text)
        .value
        .ok_or("its settings have mistakes")?;
    let text = match &record.before {
        Some(state) => revise(&record.declared.text, state).map_err(|error| error.to_string())?,
        None => record.declared.text.clone(),
    };
    let plan = parse_plan(&record.plan, &text, &config)
        .value
        .ok_or("its plan has mistakes")?;
    if let Some(person) = record.grounds.actor.strip_prefix("person:") {
        let state = by_a_person(record, person, &plan, &config)?;
        return Ok(other_state(record, state));
    }
    let (decision, judgement) = decided(record, &plan, &config)?;
    let state = next_state(&plan, &decision, judgement.as_ref(), record.at);
    Ok(differences(record, &decision, state))
}

/// What the rules say on what the record holds.
fn decided(
    record: &Record,
    plan: &Plan,
    config: &Config,
) -> Result<(Decision, Option<Judgement>), String> {
    let snapshot = match &record.grounds.snapshot {
        None => None,
        Some(value) => snapshot::read(&value.to_string())
            .map_err(|error| error.to_string())?
            .pop(),
    };
    if let Some(snapshot) = &snapshot {
        snapshot.fits(plan).map_err(|error| error.to_string())?;
    }
    let exclusive_surface = plan
        .surface
        .as_ref()
        .and_then(|name| config.surfaces.get(name))
        .is_some_and(|surface| surface.exclusive);
    let around = Surroundings {
        now: record.at,
        calendar: config.calendar.clone(),
        exclusive_surface,
        neighbours: record.grounds.neighbours.clone(),
    };
    let judgement = snapshot
        .as_ref()
        .map(|snapshot| judge(plan, snapshot, record.at));
    Ok((decide(plan, judgement.as_ref(), &around), judgement))
}

/// What a person's command does to the plan; that the person gave it is taken at their word.
fn by_a_person(
    record: &Record,
    person: &str,
    plan: &Plan,
    config: &Config,
) -> Result<Option<State>, String> {
    // An approval of what a saved snapshot shows is given at the snapshot's instant.
    let approval = record.after.approval.as_ref().map(|approval| approval.at);
    let hand = Hand {
        person,
        now: record.at,
        reason: record.grounds.reason.as_deref(),
    };
    match record.grounds.decision.as_str() {
        "rollback" => by_hand::rollback(plan, hand),
        "pause" => by_hand::pause(plan, hand),
        "resume" => by_hand::resume(plan, hand),
        "retry" => by_hand::retry(plan, Some(record.after.stage), hand),
        "approve" => {
            let at = approval.unwrap_or(record.at);
            let seen = Record {
                at,
                ..record.clone()
            };
            let (decision, _) = decided(&seen, plan, config)?;
            by_hand::approve(plan, &decision, Hand { now: at, ..hand })
        }
        other => return Err(format!("`{other}` is no command of a person")),
    }
    .map_err(|refusal| refusal.to_string())
}

fn differences(record: &Record, decision: &Decision, state: Option<State>) -> Vec<String> {
    let mut problems = Vec::new();
    let verb = decision.action.key();
    if verb != record.grounds.decision {
        problems.push(format!(
            "it decided {}, now it is {verb}",
            record.grounds.decision
        ));
    }
    let reasons: Vec<String> = decision.reasons.iter().map(ToString::to_string).collect();
    if reasons != record.grounds.reasons {
        problems.push(format!(
            "its reasons were \"{}\", now they are \"{}\"",
            record.grounds.reasons.join("; "),
            reasons.join("; ")
        ));
    }
    problems.extend(other_state(record, state));
    problems
}

fn other_state(record: &Record, state: Option<State>) -> Vec<String> {
    // The path of the record is the workspace's affair, not the decision's.
    let state = state.map(|state| State {
        evidence: record.after.evidence.clone(),
        ..state
    });
    if state.as_ref() == Some(&record.after) {
        return Vec::new();
    }
    vec!["the state it led to is another one now".to_owned()]
}

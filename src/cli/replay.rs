//! `rollout replay`: makes recorded decisions again from their records, and says where they differ.

use std::path::Path;

use crate::decide::{Decision, Exit};
use crate::decide::{Surroundings, decide, next_state};
use crate::judge::judge;
use crate::plan::{State, parse_config, parse_plan, revise};
use crate::snapshot;
use crate::workspace::{Record, evidence_of};

use super::context::Context;
use super::desk::{Desk, counted};
use super::failure::Failure;

/// Make recorded decisions again, and fail on any difference
///
/// Takes record files, or names of plans, whose whole chain of records is followed; without any,
/// all plans. Needs no network: a record holds everything its decision was made from.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Record files, or names of plans [default: every plan]
    #[arg(value_name = "EVIDENCE")]
    evidence: Vec<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let (files, plans): (Vec<String>, Vec<String>) = args
        .evidence
        .iter()
        .cloned()
        .partition(|name| Path::new(name).extension().is_some_and(|e| e == "json"));
    let mut seen = 0;
    let mut wrong = 0;
    for name in files {
        let text = fs_err::read_to_string(context.directory.join(&name))?;
        seen += 1;
        let problems = match Record::read(&text) {
            Ok(record) => again(&record),
            Err(why) => vec![why],
        };
        wrong += tell(&name, &problems, context)?;
    }
    if !plans.is_empty() || args.evidence.is_empty() {
        let desk = Desk::open(context, &plans)?;
        for index in desk.select(&plans)? {
            let sheet = &desk.sheets[index];
            let chain = evidence_of(&desk.directory, &sheet.file);
            for link in &chain.links {
                seen += 1;
                wrong += tell(&link.path, &again(&link.record), context)?;
            }
            for broken in &chain.breaks {
                seen += 1;
                wrong += tell(&sheet.file.name, &[broken.to_string()], context)?;
            }
        }
    }
    let count = counted(seen, "record");
    if wrong == 0 {
        writeln!(
            context.ui.answer(),
            "{count}: every decision is the same again"
        )?;
        return Ok(Exit::Go);
    }
    Err(Failure::error(format!("{wrong} of {count} cannot be replayed"))
        .help("a record that was changed, or made by a version that decided otherwise: `git log` of the file tells"))
}

/// One line a record; how many are wrong.
fn tell(name: &str, problems: &[String], context: &mut Context<'_>) -> Result<usize, Failure> {
    let styles = context.look().styles();
    let quiet = context.ui.quiet;
    let out = context.ui.answer();
    if problems.is_empty() {
        let style = styles.good;
        if !quiet {
            writeln!(out, "{style}same{style:#}     {name}")?;
        }
        return Ok(0);
    }
    let style = styles.bad;
    for problem in problems {
        writeln!(out, "{style}DIFFERS{style:#}  {name}: {problem}")?;
    }
    Ok(1)
}

/// What differs when the decision of a record is made again.
fn again(record: &Record) -> Vec<String> {
    match made_again(record) {
        Ok(problems) => problems,
        Err(why) => vec![why],
    }
}

fn made_again(record: &Record) -> Result<Vec<String>, String> {
    // A person's word is not derived from anything; the record's own digest and its place in the
    // chain are what can be checked.
    if record.grounds.actor.starts_with("person:") {
        return Ok(Vec::new());
    }
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
    let snapshot = match &record.grounds.snapshot {
        None => None,
        Some(value) => snapshot::read(&value.to_string())
            .map_err(|error| error.to_string())?
            .pop(),
    };
    let exclusive_surface = plan
        .surface
        .as_ref()
        .and_then(|name| config.surfaces.get(name))
        .is_some_and(|surface| surface.exclusive);
    let around = Surroundings {
        now: record.at,
        calendar: config.calendar,
        exclusive_surface,
        neighbours: record.grounds.neighbours.clone(),
    };
    let judgement = snapshot
        .as_ref()
        .map(|snapshot| judge(&plan, snapshot, record.at));
    let decision = decide(&plan, judgement.as_ref(), &around);
    let state = next_state(&plan, &decision, judgement.as_ref(), record.at);
    Ok(differences(record, &decision, state))
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
    // The path of the record is the workspace's affair, not the decision's.
    let state = state.map(|state| State {
        evidence: record.after.evidence.clone(),
        ..state
    });
    if state.as_ref() != Some(&record.after) {
        problems.push("the state it led to is another one now".to_owned());
    }
    problems
}

//! A backtest: what a plan would have done over past data, step by step, for people and programs.

use std::io::{self, Write};

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::decide::Action;
use crate::plan::Schedule;
use crate::simulate::Step;
use crate::units::{Exposure, Instant, Period};

use super::{Decided, Look, Outcome, PlanReport, Report};

/// What was looked at and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct Backtest<'a> {
    /// The plan's name.
    pub plan: &'a str,
    /// Its file.
    pub file: &'a str,
    /// Where the data begin.
    pub from: Instant,
    /// Where they end.
    pub to: Instant,
    /// One for each stage or move.
    pub steps: &'a [Step],
}

/// Writes it as text.
///
/// # Errors
/// When the writer fails.
pub fn render(backtest: &Backtest<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let Backtest {
        plan,
        file,
        from,
        to,
        steps,
    } = *backtest;
    writeln!(
        out,
        "{plan} over past data, {} to {}:",
        shown(from),
        shown(to)
    )?;
    for step in steps {
        let Some(state) = &step.plan.state else {
            continue;
        };
        let spent = Period::between(state.entered_at, step.at).rough();
        let place = match &step.plan.course {
            Schedule::Stages(_) => format!("in stage {} ({})", state.stage, state.exposure),
            Schedule::Ramp(_) => format!("at {}", state.exposure),
        };
        let what = match step.decision.action {
            Action::Hold => format!("still holding {place} after {spent}"),
            Action::Advance { .. } => match &step.plan.course {
                Schedule::Stages(_) => format!(
                    "would have left stage {} ({}) after {spent}",
                    state.stage, state.exposure
                ),
                Schedule::Ramp(_) => format!("would have moved on after {spent}"),
            },
            Action::Pause => format!("would have paused {place} after {spent}"),
            Action::Rollback { .. } => format!("would have rolled back {place} after {spent}"),
            Action::Complete => format!("would have been complete {place} after {spent}"),
        };
        let why = step
            .decision
            .reasons
            .first()
            .map_or_else(String::new, |reason| format!(": {reason}"));
        writeln!(out, "  {}  {what}{why}", shown(step.at))?;
    }
    if let Some(last) = steps.last() {
        writeln!(out)?;
        super::text::render(&report_of(file, last), look, out)?;
    }
    Ok(())
}

/// The last step as the report of that instant.
fn report_of(file: &str, step: &Step) -> Report {
    let plan = PlanReport {
        plan: step.plan.name.clone(),
        file: file.to_owned(),
        outcome: Outcome::Decided(Box::new(Decided {
            plan: step.plan.clone(),
            judgement: Some(step.judgement.clone()),
            decision: step.decision.clone(),
            change: None,
        })),
    };
    Report::new(step.at, vec![plan], &[])
}

/// As one JSON document.
#[must_use]
pub fn document(backtest: &Backtest<'_>) -> Value {
    let Backtest {
        plan,
        file,
        from,
        to,
        steps,
    } = *backtest;
    let list: Vec<Value> = steps
        .iter()
        .map(|step| {
            let state = step.plan.state.as_ref();
            let reasons: Vec<String> = step
                .decision
                .reasons
                .iter()
                .map(ToString::to_string)
                .collect();
            json!({
                "stage": state.map_or(0, |state| state.stage),
                "exposure": state.map_or(Exposure::NONE, |state| state.exposure).percent(),
                "entered_at": state.map(|state| written(state.entered_at)),
                "at": written(step.at),
                "decision": step.decision.action.key(),
                "exit": step.decision.exit.code(),
                "reasons": reasons,
            })
        })
        .collect();
    json!({
        "format": "rollout-backtest/1",
        "plan": plan,
        "from": written(from),
        "to": written(to),
        "steps": list,
        "report": steps.last().map(|last| super::json::document(&report_of(file, last))),
    })
}

fn written(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn shown(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

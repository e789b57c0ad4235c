//! A backtest: what a plan would have done over past data, step by step, for people and programs.

use std::io::{self, Write};

use chrono::SecondsFormat;
use serde::Serialize;

use crate::decide::{Action, Decision, Exit, Reason};
use crate::plan::Schedule;
use crate::simulate::Step;
use crate::units::{Exposure, Instant, Period};

use super::json;
use super::{Decided, Outcome, OutputStyle, PlanReport, Report};

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
pub fn render(
    backtest: &Backtest<'_>,
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
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
        if let Some(said) = sentence(step) {
            writeln!(out, "  {}  {said}", shown(step.at))?;
        }
    }
    if let Some(last) = steps.last() {
        writeln!(out)?;
        super::text::render(
            &report_of(file, last),
            super::text::Detail::Brief,
            output,
            out,
        )?;
    }
    Ok(())
}

/// What came of it, in one sentence: the last stage or move.
#[must_use]
pub fn headline(backtest: &Backtest<'_>) -> String {
    backtest.steps.iter().rev().find_map(sentence).map_or_else(
        || "nothing was looked at".into(),
        |said| format!("{} {said}", backtest.plan),
    )
}

/// Whether the gates would have stopped somewhere on this way, or could not tell.
#[must_use]
pub fn would_stop(backtest: &Backtest<'_>) -> bool {
    backtest.steps.iter().any(|step| match step.decision.exit {
        Exit::Go | Exit::Hold => false,
        Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback | Exit::Inconclusive => true,
    })
}

/// What would have been done at the end of a stage or move, and why; `None` before the first exposure.
fn sentence(step: &Step) -> Option<String> {
    let state = step.plan.state.as_ref()?;
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
    let why = step.decision.reasons.first();
    let why = why.map_or_else(String::new, |reason| format!(": {reason}"));
    Some(what + &why)
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
            targets: Vec::new(),
        })),
    };
    Report::new(step.at, vec![plan], &[])
}

/// A backtest as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    from: String,
    to: String,
    steps: Vec<StepPart>,
    report: Option<json::Document>,
}

#[derive(Debug, Serialize)]
struct StepPart {
    stage: u32,
    exposure: f64,
    entered_at: Option<String>,
    at: String,
    decision: &'static str,
    exit: u8,
    reasons: Vec<String>,
    reason_codes: Vec<&'static str>,
}

impl From<&Step> for StepPart {
    fn from(step: &Step) -> Self {
        let state = step.plan.state.as_ref();
        let Decision {
            action,
            exit,
            reasons,
            ..
        } = &step.decision;
        Self {
            stage: state.map_or(0, |state| state.stage),
            exposure: state
                .map_or(Exposure::NONE, |state| state.exposure)
                .percent(),
            entered_at: state.map(|state| written(state.entered_at)),
            at: written(step.at),
            decision: action.key(),
            exit: exit.code(),
            reasons: reasons.iter().map(ToString::to_string).collect(),
            reason_codes: reasons.iter().map(Reason::code).collect(),
        }
    }
}

/// As one JSON document.
#[must_use]
pub fn document<'a>(backtest: &Backtest<'a>) -> Document<'a> {
    let Backtest {
        plan,
        file,
        from,
        to,
        steps,
    } = *backtest;
    Document {
        format: "rollout-backtest/1",
        plan,
        from: written(from),
        to: written(to),
        steps: steps.iter().map(StepPart::from).collect(),
        report: steps
            .last()
            .map(|last| json::document(&report_of(file, last))),
    }
}

fn written(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn shown(at: Instant) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

//! The transitions of a plan, from its records: who, when, from where to where, why, the numbers.
//! Reading records and asking git is done elsewhere.

use std::io::{self, Write};

use serde::Serialize;

use crate::decide::{RecordedAction, RecordedActor};
use crate::plan::{Kind, Plan};
use crate::units::{Exposure, Foreign, Instant};

use super::OutputStyle;
use super::json::{Recorded, RecordedFinding};
use super::numbers;
use super::wrapped::{paragraph, wrap};

/// One transition.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What was done: a step of the rules, or a person's command.
    pub decision: RecordedAction,
    /// Exposure before; `None` when nobody had been exposed.
    pub from: Option<Exposure>,
    /// Exposure after.
    pub to: Exposure,
    /// Stage after, 1-based; on a ramp the number of its moves.
    pub stage: u32,
    /// The plan went on a ramp.
    pub ramp: bool,
    /// Who did it.
    pub actor: RecordedActor,
    /// What the person said.
    pub reason: Option<String>,
    /// Why, in sentences; the first one decided.
    pub reasons: Vec<String>,
    /// The same as codes; none for a person's command.
    pub reason_codes: Vec<String>,
    /// What was measured, a line a guardrail: [`numbers_of`].
    pub numbers: Vec<String>,
    /// The record's file, relative to the directory.
    pub evidence: String,
    /// The commit that brought it, and its author.
    pub commit: Option<Commit>,
    /// What is wrong with the record, such as a broken chain.
    pub problem: Option<String>,
}

/// A commit of the user's repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Commit {
    /// Its hash.
    pub hash: String,
    /// Its author.
    pub author: String,
}

/// The recorded reasons that people are told: of a rollback those alone that decided. The others say only why
/// the exposure would not have been raised. `codes` are those of the reasons, which come first that decided.
#[must_use]
pub fn decisive<'r>(
    decision: &RecordedAction,
    reasons: &'r [String],
    codes: &[String],
) -> &'r [String] {
    if *decision != RecordedAction::Rollback || codes.len() != reasons.len() {
        return reasons;
    }
    let first = codes.first();
    let decided = codes.iter().take_while(|code| Some(*code) == first);
    &reasons[..decided.count()]
}

/// What was measured, a line a guardrail, from a plan's part of a report as a record keeps it. Without the
/// plan it is not known what the numbers are of, and verdicts alone are told.
#[must_use]
pub fn numbers_of(report: &Recorded, plan: Option<&Plan>) -> Vec<String> {
    let line = |finding: &RecordedFinding| {
        let RecordedFinding { name, verdict, .. } = finding;
        let kind = plan
            .iter()
            .flat_map(|plan| &plan.guardrails)
            .find(|guardrail| guardrail.name == *name)
            .map(|guardrail| guardrail.metric.kind);
        match kind.and_then(|kind| effect(finding, kind)) {
            Some(effect) => format!("{name} {effect}: {verdict}"),
            None => format!("{name}: {verdict}"),
        }
    };
    report.guardrails.iter().map(line).collect()
}

/// `1.02x (0.71x to 1.44x)`; `None` where nothing was compared.
fn effect(finding: &RecordedFinding, kind: Kind) -> Option<String> {
    let scale = finding.scale?.into();
    let show = |number| numbers::on_scale(kind, scale, number);
    let estimate = show(finding.estimate?);
    Some(match (finding.lower.map(show), finding.upper.map(show)) {
        (Some(lower), Some(upper)) => format!("{estimate} ({lower} to {upper})"),
        (Some(lower), None) => format!("{estimate} ({lower} or more)"),
        (None, Some(upper)) => format!("{estimate} (at most {upper})"),
        (None, None) => estimate,
    })
}

/// Writes the transitions, the oldest first; `is_whole` where no record is missing or broken.
///
/// # Errors
/// When the writer fails.
pub fn render(
    plan: &str,
    entries: &[Entry],
    is_whole: bool,
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    let title = styles.title;
    if entries.is_empty() {
        let none = if is_whole {
            "no transitions yet"
        } else {
            "no record of its transitions can be read"
        };
        return writeln!(out, "{title}{plan}{title:#}  {none}");
    }
    writeln!(out, "{title}{plan}{title:#}")?;
    for entry in entries {
        let Entry {
            at,
            decision,
            from,
            to,
            stage,
            ramp,
            actor,
            reason,
            reasons,
            reason_codes,
            numbers,
            evidence,
            commit,
            problem,
        } = entry;
        let place = if *ramp { "move" } else { "stage" };
        let (good, dim, bad) = (styles.good, styles.dim, styles.bad);
        let style = match decision {
            RecordedAction::Rollback => bad,
            RecordedAction::Pause => styles.doubt,
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
            | RecordedAction::Other(_) => good,
        };
        let from = from.unwrap_or(Exposure::NONE);
        writeln!(
            out,
            "\n  {}  {style}{}{style:#}  {from} -> {to}  {place} {stage}  {}",
            at.format("%Y-%m-%d %H:%M:%S UTC"),
            Foreign(decision),
            Foreign(who(actor))
        )?;
        if let Some(reason) = reason {
            paragraph(
                &format!("\"{reason}\""),
                "    ",
                "    ",
                anstyle::Style::new(),
                *output,
                out,
            )?;
        }
        for sentence in decisive(decision, reasons, reason_codes) {
            paragraph(
                sentence,
                "    ",
                "    ",
                anstyle::Style::new(),
                *output,
                out,
            )?;
        }
        for line in numbers {
            for line in wrap(line, output.width.saturating_sub(6)) {
                writeln!(out, "      {line}")?;
            }
        }
        writeln!(out, "    {dim}{}{dim:#}", Foreign(evidence))?;
        if let Some(Commit { hash, author }) = commit {
            let short: String = hash.chars().take(12).collect();
            writeln!(out, "    {dim}commit {short} by {}{dim:#}", Foreign(author))?;
        }
        if let Some(problem) = problem {
            paragraph(problem, "    ", "    ", bad, *output, out)?;
        }
    }
    Ok(())
}

/// The transitions as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    transitions: Vec<Transition<'a>>,
}

#[derive(Debug, Serialize)]
struct Transition<'a> {
    at: String,
    decision: &'a str,
    from: Option<f64>,
    to: f64,
    stage: u32,
    r#move: Option<u32>,
    actor: String,
    reason: Option<&'a str>,
    reasons: &'a [String],
    reason_codes: &'a [String],
    numbers: &'a [String],
    evidence: &'a str,
    commit: Option<&'a Commit>,
    problem: Option<&'a str>,
}

impl<'a> From<&'a Entry> for Transition<'a> {
    fn from(entry: &'a Entry) -> Self {
        let Entry {
            at,
            decision,
            from,
            to,
            stage,
            ramp,
            actor,
            reason,
            reasons,
            reason_codes,
            numbers,
            evidence,
            commit,
            problem,
        } = entry;
        Self {
            at: at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            decision: decision.key(),
            from: from.map(Exposure::percent),
            to: to.percent(),
            stage: if *ramp { 1 } else { *stage },
            r#move: ramp.then_some(*stage),
            actor: actor.to_string(),
            reason: reason.as_deref(),
            reasons,
            reason_codes,
            numbers,
            evidence,
            commit: commit.as_ref(),
            problem: problem.as_deref(),
        }
    }
}

/// The transitions as JSON.
#[must_use]
pub fn document<'a>(plan: &'a str, entries: &'a [Entry]) -> Document<'a> {
    Document {
        format: "rollout-history/1",
        plan,
        transitions: entries.iter().map(Transition::from).collect(),
    }
}

fn who(actor: &RecordedActor) -> String {
    match actor {
        RecordedActor::Person(person) => format!("by {person}"),
        RecordedActor::Automation { .. } | RecordedActor::Other(_) => "by itself".into(),
    }
}

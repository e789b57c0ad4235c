//! The transitions of a plan, from its records: who, when, from where to where, why, the numbers.
//! Reading records and asking git is done elsewhere.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::judge::Scale;
use crate::plan::{Kind, Plan};
use crate::units::{Exposure, Instant};

use super::Look;
use super::numbers;
use super::text::{paragraph, wrap};

/// One transition.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// `advance`, `pause`, `rollback`, `complete`, or a person's command.
    pub decision: String,
    /// Exposure before; `None` when nobody had been exposed.
    pub from: Option<Exposure>,
    /// Exposure after.
    pub to: Exposure,
    /// Stage after, 1-based; on a ramp the number of its moves.
    pub stage: u32,
    /// The plan went on a ramp.
    pub ramp: bool,
    /// `rollout` or `person:ann`.
    pub actor: String,
    /// What the person said.
    pub reason: Option<String>,
    /// Why, in sentences; the first one decided.
    pub reasons: Vec<String>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its hash.
    pub hash: String,
    /// Its author.
    pub author: String,
}

/// The lines of numbers from a plan's part of a report, as a record keeps it.
#[must_use]
pub fn numbers_of(report: &Value, plan: &Plan) -> Vec<String> {
    let findings = report["guardrails"].as_array();
    findings
        .into_iter()
        .flatten()
        .filter_map(|finding| {
            let name = finding["name"].as_str()?;
            let verdict = finding["verdict"].as_str()?;
            let kind = plan
                .guardrails
                .iter()
                .find(|guardrail| guardrail.name == name)
                .map(|guardrail| guardrail.metric.kind);
            let effect = kind.and_then(|kind| effect(finding, kind));
            Some(match effect {
                Some(effect) => format!("{name} {effect}: {verdict}"),
                None => format!("{name}: {verdict}"),
            })
        })
        .collect()
}

/// `1.02x (0.71x to 1.44x)`; `None` where nothing was compared.
fn effect(finding: &Value, kind: Kind) -> Option<String> {
    let scale = match finding["scale"].as_str()? {
        "ratio" => Scale::Ratio,
        "difference" => Scale::Difference,
        _ => Scale::Level,
    };
    let show = |key: &str| {
        finding[key]
            .as_f64()
            .map(|number| numbers::on_scale(kind, scale, number))
    };
    let estimate = show("estimate")?;
    Some(match (show("lower"), show("upper")) {
        (Some(lower), Some(upper)) => format!("{estimate} ({lower} to {upper})"),
        (Some(lower), None) => format!("{estimate} ({lower} or more)"),
        (None, Some(upper)) => format!("{estimate} (at most {upper})"),
        (None, None) => estimate,
    })
}

/// Writes the transitions, the oldest first.
///
/// # Errors
/// When the writer fails.
pub fn render(plan: &str, entries: &[Entry], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let styles = look.styles();
    let title = styles.title;
    if entries.is_empty() {
        return writeln!(out, "{title}{plan}{title:#}  no transitions yet");
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
            numbers,
            evidence,
            commit,
            problem,
        } = entry;
        let place = if *ramp { "move" } else { "stage" };
        let (good, dim, bad) = (styles.good, styles.dim, styles.bad);
        let style = match decision.as_str() {
            "rollback" => bad,
            "pause" => styles.doubt,
            _ => good,
        };
        let from = from.unwrap_or(Exposure::NONE);
        writeln!(
            out,
            "\n  {}  {style}{decision}{style:#}  {from} -> {to}  {place} {stage}  {}",
            at.format("%Y-%m-%d %H:%M:%S UTC"),
            who(actor)
        )?;
        if let Some(reason) = reason {
            paragraph(
                &format!("\"{reason}\""),
                "    ",
                "    ",
                anstyle::Style::new(),
                *look,
                out,
            )?;
        }
        for sentence in reasons {
            paragraph(sentence, "    ", "    ", anstyle::Style::new(), *look, out)?;
        }
        for line in numbers {
            for line in wrap(line, look.width.saturating_sub(6)) {
                writeln!(out, "      {line}")?;
            }
        }
        writeln!(out, "    {dim}{evidence}{dim:#}")?;
        if let Some(Commit { hash, author }) = commit {
            let short: String = hash.chars().take(12).collect();
            writeln!(out, "    {dim}commit {short} by {author}{dim:#}")?;
        }
        if let Some(problem) = problem {
            paragraph(problem, "    ", "    ", bad, *look, out)?;
        }
    }
    Ok(())
}

/// The transitions as JSON.
#[must_use]
pub fn document(plan: &str, entries: &[Entry]) -> Value {
    let transitions: Vec<Value> = entries
        .iter()
        .map(|entry| {
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
                numbers,
                evidence,
                commit,
                problem,
            } = entry;
            json!({
                "at": at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
                "decision": decision,
                "from": from.map(Exposure::percent),
                "to": to.percent(),
                "stage": if *ramp { 1 } else { *stage },
                "move": ramp.then_some(stage),
                "actor": actor,
                "reason": reason,
                "reasons": reasons,
                "numbers": numbers,
                "evidence": evidence,
                "commit": commit.as_ref().map(|commit| json!({
                    "hash": commit.hash,
                    "author": commit.author,
                })),
                "problem": problem,
            })
        })
        .collect();
    json!({ "format": "rollout-history/1", "plan": plan, "transitions": transitions })
}

fn who(actor: &str) -> String {
    match actor.strip_prefix("person:") {
        Some(person) => format!("by {person}"),
        None => "by itself".into(),
    }
}

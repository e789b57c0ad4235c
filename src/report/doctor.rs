//! Whether there is everything to judge by: a short table for each plan, and the faults under it, each
//! with its cure.

use std::io::{self, Write};

use comfy_table::{Cell, Color};
use serde_json::{Value, json};

use crate::decide::Exit;
use crate::judge::doctor::{Check, Checkup, Cost, Diagnosis, Fault, Instances, Mark};
use crate::plan::Column;

use super::OutputStyle;
use super::doctor_fields::fields;
use super::mistakes::FilePart;
use super::numbers::short_count;
use super::query::Queried;
use super::table;
use super::wrapped::wrap;

/// A plan that was looked at.
#[derive(Debug, Clone)]
pub struct Examined {
    /// Its name.
    pub plan: String,
    /// What is still to be done, where the plan is a draft.
    pub draft: Option<String>,
    /// What was found, in the order of its guardrails.
    pub checkups: Vec<Checkup>,
    /// What asking took.
    pub cost: Cost,
}

impl Examined {
    /// Whether anything is in the way of judging.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let mut faults = self.checkups.iter().flat_map(|one| &one.diagnoses);
        if faults.any(|one| !one.is_note()) {
            Exit::Inconclusive
        } else {
            Exit::Go
        }
    }
}

/// Writes the page of one plan.
///
/// # Errors
/// When the writer fails.
pub fn render(examined: &Examined, output: &OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    let styles = output.styles();
    let (title, bad, dim) = (styles.title, styles.bad, styles.dim);
    writeln!(out, "{title}{}{title:#}", examined.plan)?;
    if let Some(todo) = &examined.draft {
        let text = format!("a draft ({todo}): what is not there yet is as expected");
        for line in wrap(&text, output.width.saturating_sub(2).max(20)) {
            writeln!(out, "  {dim}{line}{dim:#}")?;
        }
    }
    let mut rows = table::bare(*output);
    let mut header = vec!["guardrail".to_owned()];
    header.extend(Check::ALL.map(|check| check.key().to_owned()));
    rows.set_header(header);
    for checkup in &examined.checkups {
        let mut cells = vec![Cell::new(&checkup.guardrail)];
        cells.extend(checkup.marks.iter().map(|(_, mark)| cell(*mark)));
        rows.add_row(cells);
    }
    for line in table::lines(rows, *output) {
        writeln!(out, "{line}")?;
    }
    for checkup in &examined.checkups {
        for one in &checkup.diagnoses {
            let (word, style) = if one.is_note() {
                ("note", dim)
            } else {
                ("fault", bad)
            };
            let text = format!("{}: {}", whose(checkup, one), one.what);
            let lead = word.len() + 4;
            let width = output.width.saturating_sub(lead).max(20);
            for (place, line) in wrap(&text, width).iter().enumerate() {
                if place == 0 {
                    writeln!(out, "  {style}{word}{style:#}: {line}")?;
                } else {
                    writeln!(out, "{:lead$}{line}", "")?;
                }
            }
        }
    }
    for text in [surroundings(examined), cost(&examined.cost)] {
        for line in wrap(&text, output.width.saturating_sub(2).max(20)) {
            writeln!(out, "  {dim}{line}{dim:#}")?;
        }
    }
    Ok(())
}

fn cell(mark: Mark) -> Cell {
    match mark {
        Mark::Ok => Cell::new("ok").fg(Color::DarkGreen),
        Mark::Fault => Cell::new("FAULT").fg(Color::DarkRed),
        Mark::Unknown => Cell::new("?").fg(Color::DarkYellow),
        Mark::NotApplicable => Cell::new("-").fg(Color::DarkGrey),
    }
}

fn whose(checkup: &Checkup, diagnosis: &Diagnosis) -> String {
    // What comes with the evidence names its column itself.
    let named: &[Column] = if matches!(diagnosis.what, Fault::Evidence(_) | Fault::Unseen(_)) {
        &[]
    } else {
        &diagnosis.columns
    };
    let columns: Vec<&str> = named.iter().map(|one| one.key()).collect();
    match columns.as_slice() {
        [] => checkup.guardrail.clone(),
        columns => format!("{} ({})", checkup.guardrail, columns.join(", ")),
    }
}

/// What asking costs the server.
fn cost(cost: &Cost) -> String {
    let Cost {
        series,
        blocks,
        millis,
        samples,
        history_samples,
    } = *cost;
    #[expect(clippy::cast_precision_loss, reason = "a count to three digits")]
    let read = |samples: u64| short_count(samples as f64);
    let answer = match samples {
        Some(samples) => format!("{} samples in {millis} ms", read(samples)),
        None => format!("in {millis} ms, samples unknown"),
    };
    let history = history_samples.map_or_else(String::new, |history| {
        format!("; history {} samples", read(history))
    });
    format!("cost: {series} series over {blocks} blocks, {answer}{history}")
}

/// Instances and history, in one line.
fn surroundings(examined: &Examined) -> String {
    let checkups = || examined.checkups.iter();
    let most = |one: &&Instances| one.exposed + one.unexposed;
    let instances = match checkups()
        .filter_map(|one| one.instances.as_ref())
        .max_by_key(most)
    {
        Some(Instances {
            label,
            exposed,
            unexposed,
        }) => format!("{label}s: {exposed} exposed, {unexposed} unexposed"),
        None => "instances cannot be told apart".to_owned(),
    };
    let history = match checkups().filter_map(|one| one.history).max() {
        Some(history) => format!("history: {}", history.rough()),
        None => "history: none".to_owned(),
    };
    format!("{instances}; {history}")
}

/// All of it as one JSON document.
#[must_use]
pub fn document(
    exit: Exit,
    examined: &[Examined],
    series: &[Vec<Queried<'_>>],
    files: &[FilePart],
) -> Value {
    let plans: Vec<Value> = examined
        .iter()
        .zip(series)
        .map(|(examined, queried)| plan(examined, queried))
        .collect();
    let mut document = json!({"format": "rollout-doctor/1", "exit": exit.code(), "plans": plans});
    // What is wrong with targets, in the form of `validate`.
    if !files.is_empty() {
        document["files"] = json!(files);
    }
    document
}

fn plan(examined: &Examined, queried: &[Queried<'_>]) -> Value {
    let guardrails: Vec<Value> = examined.checkups.iter().map(guardrail).collect();
    let Cost {
        series,
        blocks,
        millis,
        samples,
        history_samples,
    } = examined.cost;
    let mut plan = json!({
        "plan": examined.plan, "draft": examined.draft, "exit": examined.exit().code(), "guardrails": guardrails,
        "cost": {"series": series, "blocks": blocks, "milliseconds": millis,
            "samples": samples, "history_samples": history_samples}
    });
    if !queried.is_empty() {
        plan["queries"] = json!(queried);
    }
    plan
}

fn guardrail(checkup: &Checkup) -> Value {
    let checks: serde_json::Map<String, Value> = checkup
        .marks
        .iter()
        .map(|(check, mark)| (check.key().to_owned(), mark.key().into()))
        .collect();
    let diagnoses: Vec<Value> = checkup
        .diagnoses
        .iter()
        .map(|one| {
            let columns: Vec<&str> = one.columns.iter().map(|column| column.key()).collect();
            json!({
                "code": one.what.code(), "check": one.what.check().key(), "columns": columns,
                "note": one.is_note(), "text": one.what.to_string(),
                "fields": fields(&one.what)
            })
        })
        .collect();
    let instances = checkup
        .instances
        .as_ref()
        .map(|one| json!({"label": one.label, "exposed": one.exposed, "unexposed": one.unexposed}));
    json!({
        "name": checkup.guardrail, "checks": checks, "diagnoses": diagnoses, "instances": instances,
        "history_seconds": checkup.history.map(crate::units::Period::seconds)
    })
}

//! `rollout validate`: the plans and the settings without network. What is wrong is the answer.

use std::io::Write;

use serde_json::{Value, json};

use crate::decide::Exit;
use crate::plan::{Mistake, Severity, place_of_rule_out, render_mistakes};
use crate::power::{doubts, forecast};
use crate::report::github::{Annotation, Level, annotate};

use super::args::Format;
use super::base::BaseArgs;
use super::context::Context;
use super::desk::{Desk, Sheet, counted, exit_of};
use super::failure::Failure;
use super::traffic::{TrafficArgs, given_or_recorded};

/// Check plans and settings, offline
///
/// Shows every mistake of every file with its place and its cure. Exit 0 when there is none, else
/// 2. Warnings do not fail unless `--strict` is given. Whether the stages can rule out what they must
/// is checked at the traffic last recorded, or at `--rps` and `--baseline`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Names or paths of plans [default: all]
    #[arg(value_name = "PLAN")]
    plans: Vec<String>,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    base: BaseArgs,
    #[command(flatten)]
    traffic: TrafficArgs,
}

/// One file and what is wrong with it.
struct Checked<'a> {
    name: &'a str,
    shown: &'a str,
    text: &'a str,
    mistakes: &'a [Mistake],
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut desk = Desk::open(context, &args.plans)?;
    let deleted = match &args.base.base {
        Some(rev) => desk.review(rev)?.deleted,
        None => Vec::new(),
    };
    let indices = desk.select(&args.plans)?;
    for &index in &indices {
        let mut found = infeasible(&desk, &desk.sheets[index], args.traffic);
        desk.sheets[index].mistakes.append(&mut found);
    }
    let chosen: Vec<Checked<'_>> = indices
        .iter()
        .map(|&index| &desk.sheets[index])
        .map(|sheet| Checked {
            name: &sheet.file.name,
            shown: &sheet.shown,
            text: &sheet.file.text,
            mistakes: &sheet.mistakes,
        })
        .chain(deleted.iter().map(|deleted| Checked {
            name: &deleted.shown,
            shown: &deleted.shown,
            text: &deleted.text,
            mistakes: std::slice::from_ref(&deleted.mistake),
        }))
        .collect();
    let mut exit = chosen
        .iter()
        .map(|checked| exit_of(checked.mistakes, args.strict))
        .fold(Exit::Go, Exit::worse);
    if args.plans.is_empty() {
        for (_, error) in &desk.unreadable {
            let failure = Failure::workspace(error);
            let color = context.ui.color_messages;
            failure.render(context.ui.messages(), color)?;
            exit = exit.worse(Exit::Error);
        }
    }
    match context.global.format {
        Format::Text => text(&chosen, exit, context)?,
        Format::Json => {
            let document = document(&chosen, exit);
            writeln!(context.ui.answer(), "{document:#}")?;
        }
        Format::Github => annotations(&chosen, context.ui.answer())?,
    }
    Ok(exit)
}

/// A warning for each stage that will probably not rule out what it must, at the traffic given or
/// last recorded; none where no traffic is known.
fn infeasible(desk: &Desk, sheet: &Sheet, given: TrafficArgs) -> Vec<Mistake> {
    let Some(plan) = &sheet.plan else {
        return Vec::new();
    };
    let Some(traffic) = given_or_recorded(given, desk, sheet, plan) else {
        return Vec::new();
    };
    doubts(&forecast(plan, &traffic, &[]))
        .into_iter()
        .map(|doubt| {
            let place = place_of_rule_out(&sheet.file.text, doubt.stage);
            Mistake::warning("rule-out-out-of-reach", place, doubt.problem()).cure(doubt.cure())
        })
        .collect()
}

fn text(chosen: &[Checked<'_>], exit: Exit, context: &mut Context<'_>) -> Result<(), Failure> {
    let (color, width, quiet) = (context.ui.color, context.ui.width, context.ui.quiet);
    let out = context.ui.answer();
    for sheet in chosen {
        out.write_all(
            render_mistakes(sheet.shown, sheet.text, sheet.mistakes, color, width).as_bytes(),
        )?;
        if !sheet.mistakes.is_empty() {
            writeln!(out)?;
        }
    }
    if quiet && exit == Exit::Go {
        return Ok(());
    }
    if chosen.is_empty() {
        writeln!(out, "no plans yet: `rollout new NAME` writes one")?;
        return Ok(());
    }
    let count = |severity| {
        chosen
            .iter()
            .flat_map(|sheet| sheet.mistakes)
            .filter(|mistake| mistake.severity == severity)
            .count()
    };
    let plans = counted(chosen.len(), "plan");
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match (errors, warnings) {
        (0, 0) => writeln!(out, "{plans}: no mistakes")?,
        (0, _) => writeln!(out, "{plans}: {}", counted(warnings, "warning"))?,
        (_, 0) => writeln!(out, "{plans}: {}", counted(errors, "mistake"))?,
        (_, _) => writeln!(
            out,
            "{plans}: {}, {}",
            counted(errors, "mistake"),
            counted(warnings, "warning")
        )?,
    }
    Ok(())
}

/// 1-based line and column, in characters, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

fn document(chosen: &[Checked<'_>], exit: Exit) -> Value {
    let files: Vec<Value> = chosen
        .iter()
        .map(|sheet| {
            let mistakes: Vec<Value> = sheet
                .mistakes
                .iter()
                .map(|mistake| mistake_json(sheet.text, mistake))
                .collect();
            json!({"plan": sheet.name, "file": sheet.shown, "mistakes": mistakes})
        })
        .collect();
    json!({"format": "rollout-validation/1", "exit": exit.code(), "files": files})
}

fn mistake_json(text: &str, mistake: &Mistake) -> Value {
    let Mistake {
        severity,
        code,
        message,
        span,
        label,
        cure,
        related,
    } = mistake;
    let (line, column) = position(text, span.start);
    let related: Vec<Value> = related
        .iter()
        .map(|(span, words)| {
            let (line, column) = position(text, span.start);
            json!({"line": line, "column": column, "label": words})
        })
        .collect();
    json!({
        "severity": word(*severity), "code": code, "message": message,
        "line": line, "column": column, "start": span.start, "end": span.end,
        "label": label, "cure": cure, "related": related,
    })
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Workflow commands, which GitHub shows at the line in the pull request.
fn annotations(chosen: &[Checked<'_>], out: &mut dyn Write) -> Result<(), Failure> {
    for sheet in chosen {
        for mistake in sheet.mistakes {
            let cure = mistake.cure.as_deref().unwrap_or_default();
            let message = format!("{}\n{cure}", mistake.message);
            let annotation = Annotation {
                level: match mistake.severity {
                    Severity::Error => Level::Error,
                    Severity::Warning => Level::Warning,
                },
                file: sheet.shown,
                at: Some(position(sheet.text, mistake.span.start)),
                title: mistake.code,
                message: message.trim_end(),
            };
            annotate(&annotation, out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_characters() {
        assert_eq!(position("abc", 0), (1, 1));
        assert_eq!(position("ä = 1\nb = 2", 8), (2, 2));
        assert_eq!(position("a", 99), (1, 2));
    }
}

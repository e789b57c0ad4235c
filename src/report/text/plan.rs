//! One plan in full: the answer, where it stands, the guardrails, what is to be said of them, what is
//! written, and what to type next.

use std::io::{self, Write};

use anstyle::Style;

use crate::decide::Action;
use crate::judge::Verdict;
use crate::units::{Foreign, Instant, one_line};

use super::super::answer::{because, headline, next, stands};
use super::super::remarks::remarks;
use super::super::stages::Way;
use super::super::wrapped::{paragraph, wrap};
use super::super::{Decided, Failure, Outcome, OutputStyle, PlanReport, Styles, guardrails, ramp};
use super::detail::Detail;
use super::written::written;

/// Writes it.
pub(super) fn plan(
    report: &PlanReport,
    now: Instant,
    detail: Detail,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let PlanReport {
        plan: name,
        file,
        outcome,
    } = report;
    match outcome {
        Outcome::Failed(failure) => failed(name, file, failure, styles, out),
        Outcome::Decided(decided) => {
            answer(name, decided, now, output, styles, out)?;
            evidence(decided, output, styles, out)?;
            let mut rest = Vec::new();
            for reason in decided.decision.told().skip(1) {
                let text = format!("also: {reason}");
                paragraph(&text, "  ", "        ", Style::new(), output, &mut rest)?;
            }
            if let Some(spent) = ramp::spent(&decided.plan, decided.judgement.as_ref()) {
                paragraph(&spent, "  ", "    ", Style::new(), output, &mut rest)?;
            }
            written(file, decided, detail, output, styles, &mut rest)?;
            if let Some(next) = next(decided) {
                let dim = styles.dim;
                paragraph(
                    &format!("next: {next}"),
                    "  ",
                    "        ",
                    dim,
                    output,
                    &mut rest,
                )?;
            }
            if !rest.is_empty() {
                writeln!(out)?;
            }
            out.write_all(&rest)
        }
    }
}

/// What happens and because of what, and where the plan stands.
pub(in crate::report) fn answer(
    name: &str,
    decided: &Decided,
    now: Instant,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    first_line(name, decided, output, styles, out)?;
    standing(decided, now, output, styles, out)
}

fn failed(
    name: &str,
    file: &str,
    failure: &Failure,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Failure {
        exit,
        problem,
        cure,
    } = failure;
    let (title, style, dim) = (styles.title, styles.exit(*exit), styles.dim);
    let (name, file) = (Foreign(name), Foreign(file));
    writeln!(
        out,
        "{title}{name}{title:#}  {style}{}{style:#}: {}",
        exit.name(),
        indented(problem)
    )?;
    if let Some(cure) = cure {
        writeln!(out, "  help: {}", indented(cure))?;
    }
    writeln!(out, "  {dim}{file}{dim:#}")
}

/// `gift-cards  Rolled back from 1 % to 0 %: errors is breached`. The headline carries the colour; the
/// reason does not need it.
fn first_line(
    name: &str,
    decided: &Decided,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (title, style) = (styles.title, styles.exit(decided.decision.exit));
    let name = one_line(name);
    let head = headline(decided);
    let tail = because(decided).map_or_else(String::new, |why| format!(": {why}"));
    let lead = name.chars().count() + 2;
    // What comes before is put before a word that is as long.
    let text = format!("{}{head}{tail}", "x".repeat(lead));
    for (index, line) in wrap(&text, output.width).iter().enumerate() {
        match line.get(lead..).filter(|_| index == 0) {
            Some(rest) => {
                let (head, tail) = rest.split_at(head.len().min(rest.len()));
                writeln!(out, "{title}{name}{title:#}  {style}{head}{style:#}{tail}")?;
            }
            None => writeln!(out, "  {line}")?,
        }
    }
    Ok(())
}

/// `1 ▸ 10 · 50 · 100   stage 2 of 4, 10 % exposed for 3h`.
fn standing(
    decided: &Decided,
    now: Instant,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let words = stands(&decided.plan, now);
    let room = output.width.saturating_sub(words.chars().count() + 5);
    let picture = Way::of(&decided.plan).picture(output.glyphs(), room);
    let dim = styles.dim;
    writeln!(out, "  {picture}   {dim}{words}{dim:#}")
}

/// The guardrails and what is to be said of them.
fn evidence(
    decided: &Decided,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let judgement = decided.judgement.as_ref();
    let Some(judgement) = judgement.filter(|judgement| !judgement.findings.is_empty()) else {
        return Ok(());
    };
    let lines = guardrails::lines(&decided.plan, judgement, output);
    if !lines.is_empty() {
        writeln!(out)?;
    }
    for line in lines {
        writeln!(out, "{line}")?;
    }
    let mut remarked = Vec::new();
    if let Some(idle) = guardrails::idle(judgement) {
        paragraph(&idle, "  ", "    ", styles.dim, output, &mut remarked)?;
    }
    let decides = decisive(decided);
    remarks(&judgement.findings, decides, output, styles, &mut remarked)?;
    if !remarked.is_empty() {
        writeln!(out)?;
        out.write_all(&remarked)?;
    }
    Ok(())
}

/// Whether what is remarked on a verdict matters to the decision: on the way back nobody asks when the others
/// would have passed.
fn decisive(decided: &Decided) -> impl Fn(Verdict) -> bool + use<> {
    let returns = matches!(decided.decision.action, Action::Rollback { .. });
    move |verdict| !returns || matches!(verdict, Verdict::Breach | Verdict::NoData(_))
}

/// Later lines of a message stand under its first.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

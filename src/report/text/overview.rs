//! Several plans at a glance: how many do what, and a line for each that moves or needs somebody.

use std::collections::HashMap;
use std::io::{self, Write};

use crate::decide::{Exit, Reason};
use crate::units::{Foreign, one_line};

use super::super::answer::{Concern, because, headline, tally, waits_for_person};
use super::super::words::list;
use super::super::wrapped::wrap;
use super::super::{Outcome, OutputStyle, PlanReport, Report, Styles};

/// `12 plans: 2 advance, 10 hold. HOLD (exit 3)`.
pub(super) fn counts(report: &Report, styles: &Styles, out: &mut dyn Write) -> io::Result<()> {
    let plans = &report.plans;
    write!(out, "{} plans: {}.", plans.len(), tally(plans))?;
    // Of plans that are only shown, only what went wrong is the command's outcome.
    if report.is_gate || report.exit != Exit::Go {
        let (style, exit) = (styles.exit(report.exit), report.exit);
        write!(
            out,
            " {style}{}{style:#} (exit {})",
            exit.name(),
            exit.code()
        )?;
    }
    writeln!(out)
}

/// The lines.
pub(super) fn lines(
    plans: &[PlanReport],
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)?;
    let mut sorted: Vec<(Concern, &PlanReport)> =
        plans.iter().map(|plan| (Concern::of(plan), plan)).collect();
    sorted.sort_by_key(|(concern, _)| *concern);
    sorted.retain(|(concern, _)| *concern != Concern::Nobody);
    let rest = plans.len() - sorted.len();
    let told = together(&sorted);
    let names = told.iter().map(|line| line.name.chars().count());
    let longest = names.max().unwrap_or(0).min(output.width / 3);
    let glyphs = output.glyphs();
    for Line {
        concern,
        name,
        sentence,
    } in &told
    {
        let (glyph, style) = match concern {
            Concern::Alarm => (glyphs.bad, styles.bad),
            Concern::Person => (glyphs.person, styles.doubt),
            Concern::Moves => (glyphs.now, styles.good),
            Concern::Nobody => (glyphs.quiet, styles.dim),
        };
        let name = one_line(name);
        let lead = 4 + longest.max(name.chars().count()) + 2;
        let room = output.width.saturating_sub(lead).max(20);
        for (index, line) in wrap(sentence, room).iter().enumerate() {
            if index == 0 {
                writeln!(out, "  {style}{glyph} {name:longest$}{style:#}  {line}")?;
            } else {
                writeln!(out, "{:lead$}{line}", "")?;
            }
        }
    }
    if rest > 0 {
        let (dim, quiet) = (styles.dim, glyphs.quiet);
        let others = if told.is_empty() { "all" } else { "the other" };
        let verb = if rest == 1 { "goes its" } else { "go their" };
        writeln!(
            out,
            "  {dim}{quiet} {others} {rest} {verb} way: `rollout status` shows where{dim:#}"
        )?;
    }
    Ok(())
}

/// What one line says.
struct Line {
    concern: Concern,
    /// The plan, or how many there are of whom it is said.
    name: String,
    sentence: String,
}

/// A line a plan; of plans that failed alike, as when nobody answers, one for all.
fn together(sorted: &[(Concern, &PlanReport)]) -> Vec<Line> {
    let mut told: Vec<(Line, Vec<String>)> = Vec::new();
    let mut failures: HashMap<String, usize> = HashMap::new();
    for (concern, plan) in sorted {
        let sentence = in_one_sentence(plan, *concern);
        if matches!(plan.outcome, Outcome::Failed(_)) {
            if let Some(&place) = failures.get(&sentence) {
                told[place].1.push(plan.plan.clone());
                continue;
            }
            failures.insert(sentence.clone(), told.len());
        }
        let line = Line {
            concern: *concern,
            name: plan.plan.clone(),
            sentence,
        };
        told.push((line, vec![plan.plan.clone()]));
    }
    let said = told.into_iter().map(|(line, plans)| match &plans[..] {
        [] | [_] => line,
        plans => Line {
            name: format!("{} plans", plans.len()),
            sentence: format!("{} ({})", line.sentence, list(plans)),
            ..line
        },
    });
    said.collect()
}

/// What happens and because of what; of a plan that waits for somebody because of that, whatever else it
/// waits for.
fn in_one_sentence(report: &PlanReport, concern: Concern) -> String {
    match &report.outcome {
        Outcome::Decided(decided) => {
            let head = headline(decided);
            let person = waits_for_person(&decided.decision).filter(|_| concern == Concern::Person);
            let why = person.map_or_else(
                || because(decided),
                |reason: &Reason| Some(reason.to_string()),
            );
            why.map_or_else(|| head.clone(), |why| format!("{head}: {why}"))
        }
        Outcome::Failed(failure) => {
            let first = failure.problem.lines().next().unwrap_or_default();
            format!("{}: {}", failure.exit.name(), Foreign(first))
        }
    }
}

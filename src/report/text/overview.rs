//! Several plans at a glance: how many do what, and a line for each that moves or needs somebody.

use std::io::{self, Write};

use crate::decide::Exit;
use crate::units::{Foreign, one_line};

use super::super::answer::{Concern, because, headline, tally};
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
    let told: Vec<_> = sorted
        .iter()
        .filter(|(concern, _)| *concern != Concern::Nobody)
        .collect();
    let names = told.iter().map(|(_, plan)| plan.plan.chars().count());
    let longest = names.max().unwrap_or(0).min(output.width / 3);
    let glyphs = output.glyphs();
    for (concern, plan) in &told {
        let (glyph, style) = match concern {
            Concern::Alarm => (glyphs.bad, styles.bad),
            Concern::Person => (glyphs.person, styles.doubt),
            Concern::Moves => (glyphs.now, styles.good),
            Concern::Nobody => (glyphs.quiet, styles.dim),
        };
        let name = one_line(&plan.plan);
        let lead = 4 + longest.max(name.chars().count()) + 2;
        let room = output.width.saturating_sub(lead).max(20);
        for (index, line) in wrap(&in_one_sentence(plan), room).iter().enumerate() {
            if index == 0 {
                writeln!(out, "  {style}{glyph} {name:longest$}{style:#}  {line}")?;
            } else {
                writeln!(out, "{:lead$}{line}", "")?;
            }
        }
    }
    let rest = plans.len() - told.len();
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

fn in_one_sentence(report: &PlanReport) -> String {
    match &report.outcome {
        Outcome::Decided(decided) => {
            let head = headline(decided);
            because(decided).map_or_else(|| head.clone(), |why| format!("{head}: {why}"))
        }
        Outcome::Failed(failure) => {
            let first = failure.problem.lines().next().unwrap_or_default();
            format!("{}: {}", failure.exit.name(), Foreign(first))
        }
    }
}

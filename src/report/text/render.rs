//! All plans: in full, or of many those that move or need somebody.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::decide::{Exit, Reason};

use super::super::answer::Concern;
use super::super::wrapped::paragraph;
use super::super::{Outcome, OutputStyle, PlanReport, Report};
use super::detail::Detail;
use super::{overview, plan};

/// So many plans are all shown in full: they fit a screen or two.
const FEW: usize = 3;

/// Of many plans, so many are shown in full: as much as somebody reads before doing something.
const MOST: usize = 6;

/// Writes the whole report.
///
/// # Errors
/// When the writer fails.
pub fn render(
    report: &Report,
    detail: Detail,
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    let Report { now, plans, .. } = report;
    let mut shown: Vec<_> = plans.iter().collect();
    if plans.len() > 1 {
        overview::counts(report, &styles, out)?;
    }
    if plans.len() > FEW {
        overview::lines(plans, *output, &styles, out)?;
        if detail == Detail::Brief {
            shown = in_full(plans);
            left_out(plans, &mut shown, *output, out)?;
        }
    }
    for (index, plan) in shown.into_iter().enumerate() {
        if index > 0 || plans.len() > 1 {
            writeln!(out)?;
        }
        plan::plan(plan, *now, detail, *output, &styles, out)?;
    }
    Ok(())
}

/// Of many plans those of which there is more to see than the line that each has already, those first that
/// are first in the list.
fn in_full(plans: &[PlanReport]) -> Vec<&PlanReport> {
    let mut shown: Vec<&PlanReport> = Vec::new();
    let mut sorted: Vec<(Concern, &PlanReport)> =
        plans.iter().map(|plan| (Concern::of(plan), plan)).collect();
    sorted.sort_by_key(|(concern, _)| *concern);
    let mut problems: HashSet<&str> = HashSet::new();
    for (concern, plan) in sorted {
        if concern == Concern::Nobody || !has_more(plan) {
            continue;
        }
        if problem(plan).is_none_or(|problem| problems.insert(problem)) {
            shown.push(plan);
        }
    }
    shown
}

/// What is wrong where there is no decision.
fn problem(report: &PlanReport) -> Option<&str> {
    match &report.outcome {
        Outcome::Decided(_) => None,
        Outcome::Failed(failure) => Some(&failure.problem),
    }
}

/// Whether there is more to see of a plan than its line: what was measured, or a second reason.
fn has_more(report: &PlanReport) -> bool {
    match &report.outcome {
        Outcome::Failed(failure) => failure.exit == Exit::Error,
        Outcome::Decided(decided) => {
            let judgement = decided.judgement.as_ref();
            let mut others = decided.decision.told().skip(1);
            judgement.is_some_and(|judgement| !judgement.findings.is_empty())
                || others.any(|reason| !matches!(reason, Reason::PreflightOff))
        }
    }
}

/// Leaves out those beyond the first, and says how to see what is left out.
fn left_out(
    plans: &[PlanReport],
    shown: &mut Vec<&PlanReport>,
    output: OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let more = shown.len().saturating_sub(MOST);
    shown.truncate(MOST);
    let dim = output.styles().dim;
    let mut say = |text: String| paragraph(&text, "  ", "    ", dim, output, out);
    if more > 0 {
        say(format!(
            "the first {MOST} of them follow in full; `rollout explain PLAN` shows another, `-v` all"
        ))?;
    }
    let moves = |plan: &PlanReport| match &plan.outcome {
        Outcome::Decided(decided) => decided.change.is_some() && !decided.applied(),
        Outcome::Failed(_) => false,
    };
    let is_shown = |plan: &PlanReport| shown.iter().any(|one| one.plan == plan.plan);
    if plans.iter().any(|plan| moves(plan) && !is_shown(plan)) {
        say("next: `rollout advance` does what would be done".into())?;
    }
    Ok(())
}

//! The report as text for people. Of one plan: what happens and because of what, then the table that shows
//! it, then what is written and what to type next. Of several: a line for each that moves or needs somebody,
//! and those in full.

mod overview;
mod plan;
mod written;

use std::io::{self, Write};

use super::answer::Concern;
use super::{OutputStyle, Report};

/// So many plans are all shown in full: they fit a screen or two.
const FEW: usize = 3;

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What a person cares about.
    Brief,
    /// Every plan in full, and the lines of its file that change.
    Full,
}

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
            shown.retain(|plan| Concern::of(plan) != Concern::Nobody);
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

//! All plans: in full, or of many those that move or need somebody.

use std::io::{self, Write};

use super::super::answer::Concern;
use super::super::{OutputStyle, Report};
use super::detail::Detail;
use super::{overview, plan};

/// So many plans are all shown in full: they fit a screen or two.
const FEW: usize = 3;

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

//! The table of one plan's guardrails: what each arm did, the effect, what is tolerated, the verdict.

use comfy_table::{Cell, CellAlignment, Color, ContentArrangement, Table, TableStyle};

use crate::judge::{ArmTotals, Finding, Judgement, Measure, Scale, Verdict};
use crate::plan::{Guardrail, Kind, Plan, PointBound, Role};

use super::Look;
use super::numbers::{self, NONE};

/// From this width on the parts of a cell stand side by side; below, one under the other. It is
/// what the widest usual row needs.
const WIDE: usize = 110;

/// The table, a line each, indented by two.
pub(super) fn guardrails(plan: &Plan, judgement: &Judgement, look: Look) -> Vec<String> {
    let wide = look.width >= WIDE;
    let mut table = bare(look);
    table.set_header([
        "guardrail",
        "exposed",
        "unexposed",
        "effect",
        "margin",
        "verdict",
    ]);
    for finding in &judgement.findings {
        let guardrail = plan.guardrails.iter().find(|g| g.name == finding.name);
        table.add_row(row(finding, guardrail, wide));
    }
    lines(&table)
}

/// A table without lines but the one under its header, as wide as it needs to be.
pub(super) fn bare(look: Look) -> Table {
    let mut table = Table::new();
    table
        .load_style(
            TableStyle::new()
                .header_separator(comfy_table::LineStyle::none().fill('─').junction('─')),
        )
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
    if look.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// The lines of a table, without spaces at their ends.
pub(super) fn lines(table: &Table) -> Vec<String> {
    table
        .lines()
        .map(|line| format!(" {}", line.trim_end()))
        .collect()
}

fn row(finding: &Finding, guardrail: Option<&Guardrail>, wide: bool) -> Vec<Cell> {
    let kind = guardrail.map(|g| g.metric.kind);
    let name = match finding.role {
        Role::Guardrail => finding.name.clone(),
        Role::Success => format!("{} (success)", finding.name),
    };
    let (exposed, unexposed, effect) = match (kind, &finding.measure) {
        (Some(kind), Some(measure)) => (
            arm(kind, Some(&measure.exposed), wide),
            arm(kind, measure.unexposed.as_ref(), wide),
            effect(kind, measure, wide),
        ),
        (None, _) | (_, None) => (NONE.into(), NONE.into(), NONE.into()),
    };
    let margin = kind.map_or_else(
        || NONE.into(),
        |kind| tolerated(kind, finding, guardrail, wide),
    );
    vec![
        Cell::new(name),
        Cell::new(exposed).set_alignment(CellAlignment::Left),
        Cell::new(unexposed),
        Cell::new(effect),
        Cell::new(margin),
        Cell::new(finding.verdict.key()).fg(color(finding.verdict)),
    ]
}

fn arm(kind: Kind, totals: Option<&ArmTotals>, wide: bool) -> String {
    let Some(totals) = totals else {
        return NONE.into();
    };
    let value = totals
        .value
        .map_or_else(|| NONE.into(), |value| numbers::value(kind, value));
    match numbers::events(totals) {
        Some(events) => beside(&value, &events, wide),
        None => value,
    }
}

fn effect(kind: Kind, measure: &Measure, wide: bool) -> String {
    match measure.scale {
        // There is no effect without another arm: the level stands under `exposed`.
        Scale::Level => match (measure.lower, measure.upper) {
            (None, None) => NONE.into(),
            (Some(_), _) | (_, Some(_)) => numbers::interval(kind, measure),
        },
        Scale::Ratio | Scale::Difference => {
            let estimate = numbers::estimate(kind, measure);
            let interval = numbers::interval(kind, measure);
            if wide {
                format!("{estimate} ({interval})")
            } else {
                format!("{estimate}\n{interval}")
            }
        }
    }
}

/// Margin, what must be ruled out where it is another size, and the limit.
fn tolerated(kind: Kind, finding: &Finding, guardrail: Option<&Guardrail>, wide: bool) -> String {
    let mut parts = Vec::new();
    if let Some(measure) = &finding.measure {
        let show = |number| numbers::on_scale(kind, measure.scale, number);
        if let Some(margin) = measure.margin {
            parts.push(show(margin));
        }
        if let Some(rule_out) = measure.rule_out
            && measure
                .margin
                .is_none_or(|margin| margin.to_bits() != rule_out.to_bits())
        {
            parts.push(format!("rule out {}", show(rule_out)));
        }
    } else if let Some(margin) = guardrail.and_then(|g| g.margin) {
        parts.push(margin.to_string());
    }
    if let Some(limit) = guardrail.and_then(|g| g.limit) {
        parts.push(format!("limit {limit}"));
    }
    if let Kind::Point { bound, .. } = kind {
        parts.push(match bound {
            PointBound::Max(bound) => format!("max {bound}"),
            PointBound::Min(bound) => format!("min {bound}"),
        });
    }
    if parts.is_empty() {
        NONE.into()
    } else if wide {
        parts.join(", ")
    } else {
        parts.join("\n")
    }
}

fn beside(first: &str, second: &str, wide: bool) -> String {
    if wide {
        format!("{first} {second}")
    } else {
        format!("{first}\n{second}")
    }
}

/// The dark colours are the terminal's own eight; the others are its bright ones.
const fn color(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Pass => Color::DarkGreen,
        Verdict::Breach => Color::DarkRed,
        Verdict::Inconclusive => Color::DarkCyan,
        Verdict::NoData(_) => Color::DarkYellow,
        Verdict::NotApplicable => Color::DarkGrey,
    }
}

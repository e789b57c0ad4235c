//! The table of a plan's guardrails: what each arm did, the effect, what is tolerated, the verdict.

use comfy_table::{Cell, Color, ContentArrangement};

use crate::judge::{ArmTotals, Finding, Judgement, Measure, Scale, Verdict};
use crate::plan::{Guardrail, Kind, Plan, PointBound, Role};

use super::OutputStyle;
use super::numbers::{self, NONE};
use super::table;
use super::words::{list, verdict};

/// Where names are broken when nothing else makes the table fit: at the last hyphen before it.
const NARROW_NAME: usize = 14;

/// How the cells of a table are laid out, the roomiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// The parts of a cell side by side.
    Wide,
    /// One under the other.
    Stacked,
    /// Names broken at their hyphens too.
    Narrow,
}

/// Whether nothing is compared and nothing is to be said of it: a row of it would be empty.
fn is_idle(finding: &Finding) -> bool {
    finding.verdict == Verdict::NotApplicable && finding.measure.is_none()
}

/// Whose comparison needs an unexposed arm that is no more.
pub(super) fn idle(judgement: &Judgement) -> Option<String> {
    let idle = judgement.findings.iter().filter(|one| is_idle(one));
    let names: Vec<String> = idle.map(|finding| finding.name.clone()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "{}: not applicable, everybody is exposed and there is nobody to compare with",
            list(&names)
        )
    })
}

/// The table, a line each, in the roomiest layout that fits; nothing where nothing is compared.
pub(super) fn lines(plan: &Plan, judgement: &Judgement, output: OutputStyle) -> Vec<String> {
    if judgement.findings.iter().all(is_idle) {
        return Vec::new();
    }
    let render = |layout| lines_in(plan, judgement, output, layout);
    let fits = |lines: &Vec<String>| {
        let widest = lines.iter().map(|line| table::width(line)).max();
        widest.unwrap_or(0) <= output.width
    };
    [Layout::Wide, Layout::Stacked]
        .into_iter()
        .map(render)
        .find(fits)
        .unwrap_or_else(|| render(Layout::Narrow))
}

fn lines_in(
    plan: &Plan,
    judgement: &Judgement,
    output: OutputStyle,
    layout: Layout,
) -> Vec<String> {
    let mut table = table::bare(output);
    // The layouts decide what is broken where; the table itself breaks nothing.
    table.set_content_arrangement(ContentArrangement::Disabled);
    let mut header = vec!["guardrail", "exposed", "unexposed", "effect"];
    header.extend(match layout {
        Layout::Wide => &["margin", "rule out"][..],
        Layout::Stacked | Layout::Narrow => &["margin,\nrule out"][..],
    });
    header.push("verdict");
    table.set_header(header);
    let compared = judgement.findings.iter().filter(|one| !is_idle(one));
    for finding in compared {
        let guardrail = plan.guardrails.iter().find(|g| g.name == finding.name);
        table.add_row(row(finding, guardrail, layout));
    }
    table::as_laid_out(table)
}

fn row(finding: &Finding, guardrail: Option<&Guardrail>, layout: Layout) -> Vec<Cell> {
    let kind = guardrail.map(|g| g.metric.kind);
    let (exposed, unexposed, effect) = match (kind, &finding.measure) {
        (Some(kind), Some(measure)) => (
            arm(kind, Some(&measure.exposed), layout),
            arm(kind, measure.unexposed.as_ref(), layout),
            effect(kind, measure, layout),
        ),
        (None, _) | (_, None) => (NONE.into(), NONE.into(), NONE.into()),
    };
    let (margin, rule_out) = tolerated(kind, finding, guardrail);
    let mut cells = vec![
        Cell::new(name(finding, layout)),
        Cell::new(exposed),
        Cell::new(unexposed),
        Cell::new(effect),
    ];
    let several = |parts: &[String], separator| match parts {
        [] => NONE.to_owned(),
        parts => parts.join(separator),
    };
    match layout {
        Layout::Wide => {
            cells.push(Cell::new(several(&margin, ", ")));
            cells.push(Cell::new(rule_out.unwrap_or_else(|| NONE.into())));
        }
        Layout::Stacked | Layout::Narrow => {
            // The second line is what must be ruled out, as the header says.
            let mut parts = margin.into_iter();
            let stacked: Vec<String> = parts
                .next()
                .into_iter()
                .chain(rule_out)
                .chain(parts)
                .collect();
            cells.push(Cell::new(several(&stacked, "\n")));
        }
    }
    cells.push(Cell::new(verdict(finding.verdict)).fg(color(finding.verdict)));
    cells
}

fn name(finding: &Finding, layout: Layout) -> String {
    let mut name = finding.name.clone();
    if layout == Layout::Narrow {
        let (mut lines, mut line) = (Vec::new(), String::new());
        for part in name.split_inclusive('-') {
            if !line.is_empty() && line.len() + part.len() > NARROW_NAME {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(part);
        }
        lines.push(line);
        name = lines.join("\n");
    }
    match finding.role {
        Role::Guardrail => name,
        Role::Success => beside(&name, "(success)", layout),
    }
}

fn arm(kind: Kind, totals: Option<&ArmTotals>, layout: Layout) -> String {
    let Some(totals) = totals else {
        return NONE.into();
    };
    let value = numbers::arm(kind, totals);
    match numbers::events(totals, layout != Layout::Wide) {
        Some(events) => beside(&value, &events, layout),
        None => value,
    }
}

fn effect(kind: Kind, measure: &Measure, layout: Layout) -> String {
    match measure.scale {
        // There is no effect without another arm: the level stands under `exposed`.
        Scale::Level => match (measure.lower, measure.upper) {
            (None, None) => NONE.into(),
            (Some(_), _) | (_, Some(_)) => numbers::interval(kind, measure),
        },
        Scale::Ratio | Scale::Difference => {
            let estimate = numbers::estimate(kind, measure);
            let interval = numbers::interval(kind, measure);
            match layout {
                Layout::Wide => format!("{estimate} ({interval})"),
                Layout::Stacked | Layout::Narrow => format!("{estimate}\n{interval}"),
            }
        }
    }
}

/// The margin with the limit, if any, and what must be ruled out.
fn tolerated(
    kind: Option<Kind>,
    finding: &Finding,
    guardrail: Option<&Guardrail>,
) -> (Vec<String>, Option<String>) {
    let shown = |number: Option<f64>| {
        let (kind, measure) = (kind?, finding.measure.as_ref()?);
        Some(numbers::on_scale(kind, measure.scale, number?))
    };
    let measured = finding.measure.as_ref();
    let margin = shown(measured.and_then(|measure| measure.margin))
        .or_else(|| Some(numbers::effect(guardrail?.margin?)));
    let limit = guardrail
        .and_then(|guardrail| guardrail.limit)
        .map(|limit| format!("limit {}", numbers::bound(limit)));
    let threshold = match kind {
        Some(Kind::Point {
            bound: PointBound::Max(bound),
            ..
        }) => Some(format!("max {}", numbers::bound(bound))),
        Some(Kind::Point {
            bound: PointBound::Min(bound),
            ..
        }) => Some(format!("min {}", numbers::bound(bound))),
        Some(
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. },
        )
        | None => None,
    };
    (
        margin.into_iter().chain(limit).chain(threshold).collect(),
        shown(measured.and_then(|measure| measure.rule_out)),
    )
}

fn beside(first: &str, second: &str, layout: Layout) -> String {
    match layout {
        Layout::Wide => format!("{first} {second}"),
        Layout::Stacked | Layout::Narrow => format!("{first}\n{second}"),
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

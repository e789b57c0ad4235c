//! The table of a plan's guardrails: what each arm did, the effect as numbers and as a bar against what is
//! tolerated, the evidence of both sides, the verdict.

use comfy_table::{Cell, Color, ContentArrangement};

use crate::judge::{ArmTotals, Finding, Judgement, Measure, Scale, Verdict};
use crate::plan::{Guardrail, Kind, Plan, PointBound, Role};

use super::bar::{Bar, drawn};
use super::numbers::{self, NONE};
use super::table;
use super::words::{clear, harm, list, verdict};
use super::{Glyphs, OutputStyle};

/// Where names are broken when nothing else makes the table fit: at the last hyphen before it.
const NARROW_NAME: usize = 14;

/// Columns of a bar: fewer show nothing, more are not read better.
const BAR: std::ops::RangeInclusive<usize> = 12..=32;

/// How the cells of a table are laid out.
#[derive(Debug, Clone, Copy)]
struct Layout {
    form: Form,
    /// Columns of the bar; `None` leaves it out.
    bar: Option<usize>,
    glyphs: Glyphs,
}

/// How much room a cell takes, the roomiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
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

/// The table, a line each, in the roomiest layout that fits; nothing where nothing is compared. The bar
/// takes what room is left.
pub(super) fn lines(plan: &Plan, judgement: &Judgement, output: OutputStyle) -> Vec<String> {
    if judgement.findings.iter().all(is_idle) {
        return Vec::new();
    }
    let render = |form, bar| {
        let glyphs = output.glyphs();
        lines_in(plan, judgement, output, Layout { form, bar, glyphs })
    };
    let width = |lines: &[String]| lines.iter().map(|line| table::width(line)).max();
    let room = |lines: &[String]| output.width.checked_sub(width(lines).unwrap_or(0));
    let least = *BAR.start();
    for form in [Form::Wide, Form::Stacked, Form::Narrow] {
        let lines = render(form, Some(least));
        if let Some(room) = room(&lines) {
            return match (least + room).min(*BAR.end()) {
                columns if columns > least => render(form, Some(columns)),
                _ => lines,
            };
        }
    }
    render(Form::Narrow, None)
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
    table.set_header(header(layout));
    let compared = judgement.findings.iter().filter(|one| !is_idle(one));
    for finding in compared {
        let guardrail = plan.guardrails.iter().find(|g| g.name == finding.name);
        table.add_row(row(finding, guardrail, layout));
    }
    table::as_laid_out(table)
}

fn header(layout: Layout) -> Vec<String> {
    let Glyphs {
        margin, rule_out, ..
    } = layout.glyphs;
    let words: &[&str] = match layout.form {
        Form::Wide => &["guardrail", "verdict", "exposed", "unexposed", "effect"],
        Form::Stacked | Form::Narrow => &["guardrail,\nverdict", "exposed", "unexposed", "effect"],
    };
    let mut header: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    match (layout.form, layout.bar) {
        (Form::Wide, bar) => {
            header.extend(bar.map(|_| String::new()));
            header.push(format!("{margin} margin"));
            header.push(format!("{rule_out} rule out"));
        }
        (Form::Stacked | Form::Narrow, Some(_)) => {
            header.push(format!("{margin} margin,\n{rule_out} rule out"));
        }
        (Form::Stacked | Form::Narrow, None) => header.push("margin,\nrule out".into()),
    }
    match layout.form {
        Form::Wide => header.extend(["harm".into(), "clear".into()]),
        Form::Stacked | Form::Narrow => header.push("harm,\nclear".into()),
    }
    header
}

fn row(finding: &Finding, guardrail: Option<&Guardrail>, layout: Layout) -> Vec<Cell> {
    let form = layout.form;
    let kind = guardrail.map(|g| g.metric.kind);
    let (exposed, unexposed, effect) = match (kind, &finding.measure) {
        (Some(kind), Some(measure)) => (
            arm(kind, Some(&measure.exposed), form),
            arm(kind, measure.unexposed.as_ref(), form),
            effect(kind, measure, form),
        ),
        (None, _) | (_, None) => (NONE.into(), NONE.into(), NONE.into()),
    };
    let color = color(finding.verdict);
    let verdict = match finding.role {
        Role::Guardrail => verdict(finding.verdict).to_owned(),
        Role::Success => beside(verdict(finding.verdict), "(success)", form),
    };
    let mut cells = match form {
        Form::Wide => vec![Cell::new(&finding.name), Cell::new(verdict).fg(color)],
        Form::Stacked | Form::Narrow => {
            vec![Cell::new(format!("{}\n{verdict}", name(finding, form))).fg(color)]
        }
    };
    cells.extend([exposed, unexposed, effect].map(Cell::new));
    let bar = layout.bar.map(|columns| {
        let bar = finding.measure.as_ref().and_then(Bar::of);
        bar.map_or_else(String::new, |bar| drawn(&bar, columns, layout.glyphs))
    });
    let (margin, rule_out) = tolerated(kind, finding, guardrail);
    let (harm, clear) = evidence(finding);
    match form {
        Form::Wide => {
            cells.extend(bar.map(|bar| Cell::new(bar).fg(color)));
            let margin = match &margin[..] {
                [] => NONE.to_owned(),
                parts => parts.join(", "),
            };
            let rule_out = rule_out.unwrap_or_else(|| NONE.into());
            cells.extend([margin, rule_out, harm, clear].map(Cell::new));
        }
        Form::Stacked | Form::Narrow => {
            // The margin and what must be ruled out beside each other, as the header says; what else is
            // tolerated below.
            let mut parts = margin.into_iter();
            let first: Vec<String> = parts.next().into_iter().chain(rule_out).collect();
            let separator = if bar.is_some() { ", " } else { "\n" };
            let first = (!first.is_empty()).then(|| first.join(separator));
            let stacked: Vec<String> = bar
                .filter(|bar| !bar.is_empty())
                .into_iter()
                .chain(first)
                .chain(parts)
                .collect();
            let stacked = match &stacked[..] {
                [] => NONE.to_owned(),
                parts => parts.join("\n"),
            };
            cells.push(Cell::new(stacked).fg(color));
            // Room is short.
            let both = format!("{harm}\n{clear}").replace(" of ", "/");
            cells.push(Cell::new(both));
        }
    }
    cells
}

/// The evidence of harm, and against harm of the size to rule out; nothing where there is none that counts.
pub(super) fn evidence(finding: &Finding) -> (String, String) {
    match (&finding.measure, finding.verdict) {
        (None, _) | (_, Verdict::NoData(_)) => (NONE.into(), NONE.into()),
        (
            Some(_),
            Verdict::Pass | Verdict::Breach | Verdict::Inconclusive | Verdict::NotApplicable,
        ) => (harm(finding.decisive_harm()), clear(finding.clear)),
    }
}

fn name(finding: &Finding, form: Form) -> String {
    if form != Form::Narrow {
        return finding.name.clone();
    }
    let (mut lines, mut line) = (Vec::new(), String::new());
    for part in finding.name.split_inclusive('-') {
        if !line.is_empty() && line.len() + part.len() > NARROW_NAME {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(part);
    }
    lines.push(line);
    lines.join("\n")
}

fn arm(kind: Kind, totals: Option<&ArmTotals>, form: Form) -> String {
    let Some(totals) = totals else {
        return NONE.into();
    };
    let value = numbers::arm(kind, totals);
    match numbers::events(totals, form != Form::Wide) {
        Some(events) => beside(&value, &events, form),
        None => value,
    }
}

fn effect(kind: Kind, measure: &Measure, form: Form) -> String {
    match measure.scale {
        // There is no effect without another arm: the level stands under `exposed`.
        Scale::Level => match (measure.lower, measure.upper) {
            (None, None) => NONE.into(),
            (Some(_), _) | (_, Some(_)) => numbers::interval(kind, measure),
        },
        Scale::Ratio | Scale::Difference => {
            let estimate = numbers::estimate(kind, measure);
            let interval = numbers::interval(kind, measure);
            match form {
                Form::Wide => format!("{estimate} ({interval})"),
                Form::Stacked | Form::Narrow => format!("{estimate}\n{interval}"),
            }
        }
    }
}

/// The margin with the limit, if any, and what must be ruled out.
pub(super) fn tolerated(
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

fn beside(first: &str, second: &str, form: Form) -> String {
    match form {
        Form::Wide => format!("{first} {second}"),
        Form::Stacked | Form::Narrow => format!("{first}\n{second}"),
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

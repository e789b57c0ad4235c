//! The table of plans for people: what needs a person first, the columns as wide as the terminal has room
//! for, and what has no room in a column under its plan.

use std::io::{self, Write};

use anstyle::Style;

use crate::decide::{TargetStanding, TargetState};
use crate::plan::Status;
use crate::units::{Exposure, Period, one_line};

use super::super::numbers::{NONE, counted};
use super::super::table::width;
use super::super::wrapped::wrap;
use super::super::{Glyphs, OutputStyle, Styles};
use super::attention::Attention;
use super::changes::status;
use super::row::Row;

/// Columns between two cells.
const GAP: usize = 2;

/// What a plan waits for has a column of its own where so many columns are left for it.
const LEAST_NEXT: usize = 26;

/// What stands under a plan begins here.
const BELOW: usize = 4;

/// What stands in a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    Mark,
    Plan,
    Stage,
    Exposure,
    Left,
    Nearest,
    Targets,
}

impl Column {
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::Mark => "",
            Self::Plan => "plan",
            Self::Stage => "stage",
            Self::Exposure => "exposure",
            Self::Left => "left",
            Self::Nearest => "nearest guardrail",
            Self::Targets => "targets",
        }
    }
}

/// How much of a row stands in columns, the roomiest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Columns of the way.
    pub(super) way: usize,
    /// The nearest guardrail has a column.
    pub(super) nearest: bool,
    /// What the plan waits for has one.
    pub(super) next: bool,
}

const LAYOUTS: [Layout; 6] = [
    Layout {
        way: 30,
        nearest: true,
        next: true,
    },
    Layout {
        way: 18,
        nearest: true,
        next: true,
    },
    Layout {
        way: 30,
        nearest: true,
        next: false,
    },
    Layout {
        way: 18,
        nearest: true,
        next: false,
    },
    Layout {
        way: 18,
        nearest: false,
        next: false,
    },
    Layout {
        way: 10,
        nearest: false,
        next: false,
    },
];

/// Writes the summary and the table.
///
/// # Errors
/// When the writer fails.
pub fn render(rows: &[Row], output: &OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "no plans yet: `rollout new NAME` writes the first");
    }
    for line in lines(rows, &[], *output) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// `12 plans: 1 for a person, 11 complete`.
#[must_use]
pub fn summary(rows: &[Row]) -> String {
    let parts: Vec<String> = Attention::ALL
        .into_iter()
        .map(|kind| {
            (
                kind,
                rows.iter().filter(|row| row.attention == kind).count(),
            )
        })
        .filter(|(_, plans)| *plans > 0)
        .map(|(kind, plans)| kind.counted(plans))
        .collect();
    format!("{}: {}", counted(rows.len(), "plan"), parts.join(", "))
}

/// The summary and the table as lines, the plans of `changed` marked.
#[must_use]
pub fn lines(rows: &[Row], changed: &[&str], output: OutputStyle) -> Vec<String> {
    let styles = output.styles();
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| row.attention);
    let layout = LAYOUTS
        .into_iter()
        .find(|layout| {
            let (widths, _) = columns(&sorted, *layout, output);
            let taken = total(&widths);
            let needed = if layout.next {
                taken + LEAST_NEXT
            } else {
                taken.saturating_sub(GAP)
            };
            needed <= output.width
        })
        .unwrap_or(LAYOUTS[LAYOUTS.len() - 1]);
    let (widths, cells) = columns(&sorted, layout, output);
    let title = styles.title;
    let mut lines: Vec<String> = wrap(&summary(rows), output.width)
        .into_iter()
        .map(|line| format!("{title}{line}{title:#}"))
        .collect();
    let header: Vec<String> = headers(&sorted, layout)
        .into_iter()
        .map(|column| column.header().to_owned())
        .collect();
    let next = if layout.next { "next" } else { "" };
    let dim = styles.dim;
    let header = format!("{}{next}", joined(&header, &widths, &[]));
    lines.push(format!("{dim}{}{dim:#}", header.trim_end()));
    for (row, cells) in sorted.iter().zip(cells) {
        let is_changed = changed.contains(&row.plan.as_str());
        lines.extend(of_row(
            row, &cells, &widths, is_changed, layout, output, &styles,
        ));
    }
    lines
}

fn of_row(
    row: &Row,
    cells: &[String],
    widths: &[usize],
    is_changed: bool,
    layout: Layout,
    output: OutputStyle,
    styles: &Styles,
) -> Vec<String> {
    let style = match row.attention {
        Attention::Mistakes | Attention::Harm => styles.bad,
        Attention::Person => styles.doubt,
        Attention::Moves | Attention::Done => styles.good,
        Attention::Waits => styles.wait,
        Attention::NotBegun => styles.dim,
    };
    let name = if is_changed { style.underline() } else { style };
    let start = joined(cells, widths, &[style, name]);
    let next = next(row, layout);
    if next.is_empty() {
        return vec![start.trim_end().to_owned()];
    }
    if !layout.next && width(&start) + width(&next) <= output.width {
        return vec![format!("{start}{next}")];
    }
    if !layout.next {
        let mut lines = vec![start.trim_end().to_owned()];
        let room = output.width.saturating_sub(BELOW);
        lines.extend(
            wrap(&next, room)
                .into_iter()
                .map(|line| format!("{:BELOW$}{line}", "")),
        );
        return lines;
    }
    let before = total(widths);
    let room = output.width.saturating_sub(before);
    wrap(&next, room)
        .into_iter()
        .enumerate()
        .map(|(index, line)| match index {
            0 => format!("{start}{line}"),
            _ => format!("{:before$}{line}", ""),
        })
        .collect()
}

/// What the plan waits for, with the word for where it stands unless it goes its way.
pub(super) fn next(row: &Row, layout: Layout) -> String {
    let is_said = row.status != Some(Status::Progressing);
    let nearest = row
        .nearest
        .as_ref()
        .filter(|_| !layout.nearest)
        .map(|nearest| {
            format!(
                "{} {} {}",
                nearest.guardrail,
                nearest.side.key(),
                nearest.words
            )
        });
    let mut text = String::new();
    if is_said {
        text += status(row.status);
    }
    for part in nearest.into_iter().chain(Some(row.waits_for.clone())) {
        if part.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text += if text == status(row.status) {
                ": "
            } else {
                "; "
            };
        }
        text += &part;
    }
    text
}

fn headers(rows: &[&Row], layout: Layout) -> Vec<Column> {
    let mut headers = vec![
        Column::Mark,
        Column::Plan,
        Column::Stage,
        Column::Exposure,
        Column::Left,
    ];
    if layout.nearest && rows.iter().any(|row| row.nearest.is_some()) {
        headers.push(Column::Nearest);
    }
    if rows.iter().any(|row| !row.targets.is_empty()) {
        headers.push(Column::Targets);
    }
    headers
}

/// The widths of the columns, and the cells of each row.
fn columns(rows: &[&Row], layout: Layout, output: OutputStyle) -> (Vec<usize>, Vec<Vec<String>>) {
    let headers = headers(rows, layout);
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| cells(row, &headers, layout, output.glyphs()))
        .collect();
    let widths = headers
        .iter()
        .enumerate()
        .map(|(column, header)| {
            let widest = cells.iter().map(|row| width(&row[column])).max();
            widest.unwrap_or(0).max(header.header().len())
        })
        .collect();
    (widths, cells)
}

fn cells(row: &Row, headers: &[Column], layout: Layout, glyphs: Glyphs) -> Vec<String> {
    headers
        .iter()
        .map(|header| cell(row, *header, layout, glyphs))
        .collect()
}

/// What a plan's row says in a column.
pub(super) fn cell(row: &Row, column: Column, layout: Layout, glyphs: Glyphs) -> String {
    let none = || NONE.to_owned();
    match column {
        Column::Mark => mark(row.attention, glyphs).to_string(),
        Column::Plan => one_line(&row.plan).into_owned(),
        Column::Stage => row
            .way
            .as_ref()
            .map_or_else(none, |way| way.picture(glyphs, layout.way)),
        Column::Exposure => row
            .exposure
            .map_or_else(none, |exposure: Exposure| exposure.to_string()),
        Column::Left => row.left.map_or_else(none, Period::rough),
        Column::Targets => targets(&row.targets),
        Column::Nearest => row.nearest.as_ref().map_or_else(none, |nearest| {
            format!(
                "{} {} {}",
                one_line(&nearest.guardrail),
                nearest.side.key(),
                nearest.words
            )
        }),
    }
}

const fn mark(attention: Attention, glyphs: Glyphs) -> char {
    match attention {
        Attention::Mistakes | Attention::Harm => glyphs.bad,
        Attention::Person => glyphs.person,
        Attention::Moves => glyphs.now,
        Attention::Waits | Attention::NotBegun => glyphs.quiet,
        Attention::Done => glyphs.done,
    }
}

/// The columns of cells of these widths, with the gap behind the last; the one behind the mark is smaller.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + (GAP * widths.len()).saturating_sub(1)
}

/// The cells side by side with a gap behind each, the first ones in these styles.
fn joined(cells: &[String], widths: &[usize], styles: &[Style]) -> String {
    cells
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, columns))| {
            let style = styles.get(column).copied().unwrap_or_default();
            let space = columns.saturating_sub(width(cell)) + GAP;
            // The mark stands close to its plan.
            let space = if column == 0 { space - 1 } else { space };
            format!("{style}{cell}{style:#}{:space$}", "")
        })
        .collect()
}

/// The targets of a plan in short: the first that stands apart, or that none does.
fn targets(targets: &[TargetStanding]) -> String {
    let apart = targets
        .iter()
        .find(|target| target.state != TargetState::AsTold);
    match (targets.len(), apart) {
        (0, _) => NONE.into(),
        (1, None) => "as told".into(),
        (many, None) => format!("{many} as told"),
        (_, Some(target)) => target.state.key().into(),
    }
}

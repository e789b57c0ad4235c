//! The table of plans as Markdown, what needs a person first.

use super::super::Glyphs;
use super::super::markdown::{inline, table};
use super::super::numbers::NONE;
use super::row::Row;
use super::table::{Column, Layout, cell, next, summary};

/// Wide enough for the way of any plan.
const WAY: usize = 60;

/// The summary and the table.
#[must_use]
pub fn markdown(rows: &[Row]) -> String {
    let mut sorted: Vec<&Row> = rows.iter().collect();
    sorted.sort_by_key(|row| row.attention);
    let layout = Layout {
        way: WAY,
        nearest: true,
        next: true,
    };
    let columns = [
        Column::Mark,
        Column::Plan,
        Column::Stage,
        Column::Exposure,
        Column::Left,
        Column::Nearest,
        Column::Targets,
    ];
    let [mark, plan, stage, exposure, left, nearest, targets] = columns.map(Column::header);
    let header = [mark, plan, stage, exposure, left, nearest, targets, "next"];
    let rows_of = sorted.iter().map(|row| {
        let cell = |column| cell(row, column, layout, Glyphs::UNICODE);
        let [mark, plan, stage, exposure, left, nearest, targets] = columns.map(cell);
        let next = next(row, layout);
        let next = if next.is_empty() { NONE.into() } else { next };
        [mark, plan, stage, exposure, left, nearest, targets, next]
    });
    format!("{}\n\n{}", inline(&summary(rows)), table(header, rows_of))
}

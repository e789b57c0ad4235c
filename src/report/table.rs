//! The one renderer of tables on a terminal: no lines but one under the header, columns two apart,
//! indented by two. Does not know what stands in the cells.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::OutputStyle;

/// Spaces before a table.
const INDENT: u16 = 2;

/// A space at which no line is broken.
const UNBROKEN: char = '\u{a0}';

/// Text for a cell: a percent sign stays with its number.
pub(super) fn together(text: &str) -> String {
    text.replace(" %", &format!("{UNBROKEN}%"))
}

/// A table to fill; cells are wrapped where it would be wider than the terminal.
pub(super) fn bare(output: OutputStyle) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(output.width).unwrap_or(u16::MAX));
    if output.color {
        table.enforce_styling().style_text_only();
    } else {
        table.force_no_tty();
    }
    table
}

/// The lines of a table, without spaces at their ends.
pub(super) fn lines(mut table: Table) -> Vec<String> {
    // Two apart: one of padding and one of the junction.
    space(&mut table, 1);
    printed(&table)
}

/// The lines of a table of numbers. The first so many columns are words, to the left, the others
/// numbers, to the right. Cells are never wrapped: columns are closer together where they would
/// not fit.
pub(super) fn numbers<R: Into<Vec<String>>>(
    header: R,
    rows: impl IntoIterator<Item = Vec<String>>,
    words: usize,
    output: OutputStyle,
) -> Vec<String> {
    let mut table = bare(output);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.into());
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(words) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    space(&mut table, 1);
    let roomy = printed(&table);
    if roomy.iter().all(|line| width(line) <= output.width) {
        return roomy;
    }
    space(&mut table, 0);
    printed(&table)
}

fn space(table: &mut Table, padding: u16) {
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if index == 0 { INDENT } else { padding }, 0));
    }
}

fn printed(table: &Table) -> Vec<String> {
    table
        .lines()
        .map(|line| line.trim_end().replace(UNBROKEN, " "))
        .map(|line| match line.strip_prefix("──") {
            Some(rule) => format!("  {rule}"),
            None => line,
        })
        .collect()
}

/// Columns that a line takes, without its colours.
pub(super) fn width(line: &str) -> usize {
    let mut width = 0;
    let mut escape = false;
    for character in line.chars() {
        match (escape, character) {
            (false, '\u{1b}') => escape = true,
            (true, 'm') => escape = false,
            (true, _) => {}
            (false, _) => width += 1,
        }
    }
    width
}

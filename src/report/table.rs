//! The one renderer of tables on a terminal: no lines but one under the header, columns two apart,
//! indented by two. Does not know what stands in the cells.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};

use super::{Glyphs, OutputStyle};

/// Spaces before a table.
const INDENT: u16 = 2;

/// A table to fill; cells are wrapped where it would be wider than the terminal.
pub(super) fn bare(output: OutputStyle) -> Table {
    let mut table = Table::new();
    let rule = output.glyphs().line;
    table
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill(rule).junction(rule)))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(output.width).unwrap_or(u16::MAX));
    if output.color {
        table.enforce_styling().style_text_only();
    } else {
        table.force_no_tty();
    }
    table
}

/// The lines of a table whose cells say themselves where they are broken, without spaces at their ends.
pub(super) fn as_laid_out(mut table: Table) -> Vec<String> {
    // Two apart: one of padding and one of the junction.
    space(&mut table, 1);
    printed(&table)
}

/// The lines of a table, without spaces at their ends. Cells are broken at spaces and nowhere else: where
/// that does not fit columns are closer together, and where it still does not a line is too long.
pub(super) fn lines(mut table: Table, output: OutputStyle) -> Vec<String> {
    let words = longest_words(&table);
    let mut spaced = |padding| {
        space(&mut table, padding);
        for (index, (column, word)) in table.column_iter_mut().zip(&words).enumerate() {
            let before = if index == 0 { INDENT } else { padding };
            let least = u16::try_from(*word).unwrap_or(u16::MAX);
            let least = Width::Fixed(least.saturating_add(before));
            column.set_constraint(ColumnConstraint::LowerBoundary(least));
        }
        printed(&table)
    };
    let roomy = spaced(1);
    if roomy.iter().all(|line| width(line) <= output.width) {
        return roomy;
    }
    spaced(0)
}

/// The longest word of each column.
fn longest_words(table: &Table) -> Vec<usize> {
    let mut longest = Vec::new();
    for row in table.header().into_iter().chain(table.row_iter()) {
        for (index, cell) in row.cell_iter().enumerate() {
            let words = cell.content();
            let words = words.split([' ', '\n']).map(|word| word.chars().count());
            longest.resize(longest.len().max(index + 1), 0);
            longest[index] = longest[index].max(words.max().unwrap_or(0));
        }
    }
    longest
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
        .map(|line| line.trim_end().to_owned())
        .map(|line| match Some(&line).filter(|line| is_rule(line)) {
            Some(rule) => format!("  {}", rule.chars().skip(2).collect::<String>()),
            None => line,
        })
        .collect()
}

/// Whether it is the line under the header.
fn is_rule(line: &str) -> bool {
    let mut rules = [Glyphs::UNICODE.line, Glyphs::ASCII.line].into_iter();
    rules.any(|rule| line.len() > 2 && line.chars().all(|character| character == rule))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_at_spaces_alone() {
        let output = |width| OutputStyle {
            color: false,
            unicode: true,
            width,
        };
        let rows = [
            [
                "checkout-payment-errors",
                "rolled back",
                "a guardrail that guards nothing else",
            ],
            [
                "carts",
                "progressing",
                "12h 5m of its min_duration left; needs more evidence",
            ],
        ];
        for columns in [80, 60, 48, 30] {
            let mut table = bare(output(columns));
            table.set_header(["guardrail", "status", "waits for"]);
            table.add_rows(rows);
            let lines = lines(table, output(columns));
            let printed: Vec<&str> = lines
                .iter()
                .flat_map(|line| line.split_whitespace())
                .collect();
            for word in rows.iter().flatten().flat_map(|cell| cell.split(' ')) {
                assert!(
                    printed.contains(&word),
                    "{columns}: no `{word}` in {lines:#?}"
                );
            }
            // The longest words and two spaces between them need 48 columns.
            let widest = lines.iter().map(|line| width(line)).max().unwrap();
            assert!(columns < 60 || widest <= columns, "{columns}: {lines:#?}");
        }
    }
}

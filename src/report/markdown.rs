//! The one renderer of Markdown. Text from outside is escaped: a plan's name can not end a table's
//! cell, and brings no markup of its own.

use crate::units::one_line;

/// A table with a header and its rows; the cells are escaped.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut text = line(&header.map(inline));
    text.push_str(&line(&[(); N].map(|()| "---".to_owned())));
    for row in rows {
        text.push_str(&line(&row.map(|cell| inline(&cell))));
    }
    text
}

fn line<const N: usize>(cells: &[String; N]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// Text that stays within its cell or line of Markdown and brings no markup of its own.
pub(super) fn inline(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let text = text.replace(['\n', '\r'], " ");
    for character in one_line(&text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '|' | '[' | ']' | '!' | '*' | '\\' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    safe
}

//! Text in lines of some width.

use std::io::{self, Write};

use anstyle::Style;

use crate::units::one_line;

use super::OutputStyle;

/// Columns beyond which lines of text are hard to read; tables may be wider.
const LONGEST: usize = 120;

/// A wrapped paragraph: `first` before its first line, `rest` before the others.
pub(super) fn paragraph(
    text: &str,
    first: &str,
    rest: &str,
    style: Style,
    output: OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = output.width.saturating_sub(rest.len().max(first.len()));
    for (index, line) in wrap(text, width).iter().enumerate() {
        let indent = if index == 0 { first } else { rest };
        writeln!(out, "{indent}{style}{line}{style:#}")?;
    }
    Ok(())
}

/// Breaks at spaces so that no line is longer than `width`, or than is easily read, unless a word is. A percent
/// sign stays with its number.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.min(LONGEST);
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(number) if word.starts_with('%') => {
                number.push(' ');
                number.push_str(&one_line(word));
            }
            Some(_) | None => words.push(one_line(word).into_owned()),
        }
    }
    let mut lines = vec![String::new()];
    for word in &words {
        let line = lines.len() - 1;
        let used = lines[line].chars().count();
        if used == 0 {
            lines[line].push_str(word);
        } else if used + 1 + word.chars().count() <= width {
            lines[line].push(' ');
            lines[line].push_str(word);
        } else {
            lines.push(word.clone());
        }
    }
    lines
}

//! A file's text as a spanned table, with every syntax error of it, and what may still be said of
//! the rest when there are some.

use toml::Spanned;
use toml::de::{DeTable, Error};

use super::fields::Reader;
use super::spanned;
use crate::plan::model::{Mistake, MistakeCode, Parsed};

/// Reads a text with `read`. After a syntax error the rest is still looked at, but only mistakes
/// that stand on other lines and do not speak of missing things are kept: what seems missing may
/// just not have been understood.
pub(super) fn document<T>(
    text: &str,
    read: impl FnOnce(&mut Reader, &Spanned<DeTable<'_>>) -> Option<T>,
) -> Parsed<T> {
    let (root, errors) = spanned::recovered(text);
    let mut reader = Reader::default();
    let value = read(&mut reader, &root);
    if errors.is_empty() {
        return Parsed::new(value, reader.mistakes);
    }
    let mut mistakes: Vec<Mistake> = errors.iter().map(|error| syntax(text, error)).collect();
    let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line_of = |at: usize| breaks.partition_point(|line_break| *line_break < at);
    // One wrong character often makes several errors of one place: the first says it best.
    mistakes.sort_by_key(|mistake| mistake.span.start);
    mistakes.dedup_by_key(|mistake| line_of(mistake.span.start));
    let broken: Vec<usize> = mistakes
        .iter()
        .map(|mistake| line_of(mistake.span.start))
        .collect();
    mistakes.extend(reader.mistakes.into_iter().filter(|mistake| {
        let lines = line_of(mistake.span.start)..=line_of(mistake.span.end);
        !says_absent(mistake.code)
            && !broken[broken.partition_point(|line| line < lines.start())..]
                .first()
                .is_some_and(|line| lines.contains(line))
    }));
    Parsed::new(None, mistakes)
}

/// A mistake that may only mean that the broken line would have said it.
const fn says_absent(code: MistakeCode) -> bool {
    matches!(
        code,
        MistakeCode::MissingKey
            | MistakeCode::MissingGuardrail
            | MistakeCode::MissingMetric
            | MistakeCode::MissingStages
    )
}

fn syntax(text: &str, error: &Error) -> Mistake {
    let span = error.span().unwrap_or(text.len()..text.len());
    let message = error.message();
    let (head, tail) = message.split_once(", ").unwrap_or((message, ""));
    let tail = match tail {
        "expected literal string" => "expected a value",
        other => other,
    };
    let cure = if head.contains("string values must be quoted") {
        "write text in quotes: `key = \"text\"`"
    } else if head.contains("duplicate key") {
        "remove one of the two; a list of tables is written `[[name]]`"
    } else if head.contains("unclosed table") {
        "close the brackets of the table header on its own line"
    } else if head.contains("invalid") && head.contains("string") {
        "close the quotes on the same line, or use three quotes for text over several lines"
    } else if head.contains("date") || head.contains("time") {
        "write a date and time such as `2026-12-20T00:00:00Z`"
    } else {
        "write one `key = value` a line, text in quotes"
    };
    Mistake::error(MistakeCode::Syntax, span, head)
        .label(tail)
        .cure(cure)
}

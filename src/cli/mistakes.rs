//! Mistakes for programs and for pull requests: as JSON, as annotations, as a part of the step
//! summary. For people they are rendered by [`crate::plan::render_mistakes`].

use std::io::Write;

use serde_json::{Value, json};

use crate::plan::{Mistake, Severity};
use crate::report::github::{Annotation, Level, annotate, inline};

use super::context::Context;
use super::desk::{Desk, Sheet};
use super::failure::Failure;

/// 1-based line and column, in characters, of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// The mistakes of a plan, in the order of the text.
pub(super) fn documents(sheet: &Sheet) -> Vec<Value> {
    sheet
        .all_mistakes()
        .iter()
        .map(|mistake| document(&sheet.file.text, mistake))
        .collect()
}

fn document(text: &str, mistake: &Mistake) -> Value {
    let Mistake {
        severity,
        code,
        message,
        span,
        label,
        cure,
        related,
    } = mistake;
    let (line, column) = position(text, span.start);
    let related: Vec<Value> = related
        .iter()
        .map(|(span, words)| {
            let (line, column) = position(text, span.start);
            json!({"line": line, "column": column, "label": words})
        })
        .collect();
    json!({
        "severity": word(*severity), "code": code, "message": message,
        "line": line, "column": column, "start": span.start, "end": span.end,
        "label": label, "cure": cure, "related": related,
    })
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Workflow commands, which GitHub shows at the line in the pull request.
pub(super) fn annotations(sheet: &Sheet, out: &mut dyn Write) -> Result<(), Failure> {
    for mistake in sheet.all_mistakes() {
        let cure = mistake.cure.as_deref().unwrap_or_default();
        let message = format!("{}\n{cure}", mistake.message);
        let annotation = Annotation {
            level: match mistake.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            file: &sheet.shown,
            at: Some(position(&sheet.file.text, mistake.span.start)),
            title: mistake.code,
            message: message.trim_end(),
        };
        annotate(&annotation, out)?;
    }
    Ok(())
}

/// What a reviewer should know of the shared settings, as notices.
pub(super) fn announce(desk: &Desk, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(gate) = &desk.gate else {
        return Ok(());
    };
    for notice in desk.notices() {
        let annotation = Annotation {
            level: Level::Notice,
            file: &gate.config_path,
            at: None,
            title: "shared settings",
            message: notice,
        };
        annotate(&annotation, out)?;
    }
    Ok(())
}

/// A table of all mistakes, in Markdown; empty where there is none.
pub(super) fn summary<'s>(sheets: impl Iterator<Item = &'s Sheet>) -> String {
    let mut rows = String::new();
    for sheet in sheets {
        for mistake in sheet.all_mistakes() {
            let (line, _) = position(&sheet.file.text, mistake.span.start);
            rows.push_str(&format!(
                "| {}:{line} | {} | {} | {} |\n",
                inline(&sheet.shown),
                word(mistake.severity),
                inline(&mistake.message),
                inline(mistake.cure.as_deref().unwrap_or_default()),
            ));
        }
    }
    if rows.is_empty() {
        return rows;
    }
    format!("\n| place | | mistake | cure |\n| --- | --- | --- | --- |\n{rows}")
}

/// Adds Markdown to the file that GitHub Actions names for the step's summary.
///
/// # Errors
/// When it cannot be written.
pub(super) fn summarise(markdown: &str, context: &Context<'_>) -> Result<(), Failure> {
    let Some(path) = context.variables.get("GITHUB_STEP_SUMMARY") else {
        return Ok(());
    };
    let mut file = fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    file.write_all(markdown.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_one_in_characters() {
        assert_eq!(position("abc", 0), (1, 1));
        assert_eq!(position("ä = 1\nb = 2", 8), (2, 2));
        assert_eq!(position("a", 99), (1, 2));
    }
}

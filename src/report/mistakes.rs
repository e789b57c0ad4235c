//! Mistakes for programs and for pull requests: as JSON, as annotations, as a part of the step
//! summary. For people they are rendered by [`crate::plan::render_mistakes`].

use std::io::{self, Write};

use serde::Serialize;

use crate::decide::Exit;
use crate::plan::{Mistake, Severity};

use super::github::{Annotation, Level, annotate};
use super::markdown;

/// A file beside what is wrong with it.
#[derive(Debug, Clone)]
pub struct Marked<'a> {
    /// The path as people want to read it.
    pub file: &'a str,
    /// What the file says.
    pub text: &'a str,
    /// The mistakes of the file and of its change.
    pub mistakes: Vec<Mistake>,
}

/// 1-based line and column, in characters, of a byte offset.
#[must_use]
pub fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// A mistake as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MistakePart {
    severity: &'static str,
    code: &'static str,
    message: String,
    line: usize,
    column: usize,
    start: usize,
    end: usize,
    label: String,
    cure: Option<String>,
    related: Vec<RelatedPart>,
}

/// Another place that a mistake is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct RelatedPart {
    line: usize,
    column: usize,
    label: String,
}

/// The mistakes of a plan, in the order of the text.
#[must_use]
pub fn parts(marked: &Marked<'_>) -> Vec<MistakePart> {
    let text = marked.text;
    marked
        .mistakes
        .iter()
        .map(|mistake| part(text, mistake))
        .collect()
}

fn part(text: &str, mistake: &Mistake) -> MistakePart {
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
    let related = related.iter().map(|(span, words)| {
        let (line, column) = position(text, span.start);
        RelatedPart {
            line,
            column,
            label: words.clone(),
        }
    });
    MistakePart {
        severity: word(*severity),
        code: code.key(),
        message: message.clone(),
        line,
        column,
        start: span.start,
        end: span.end,
        label: label.clone(),
        cure: cure.clone(),
        related: related.collect(),
    }
}

/// What `validate` says of the files, as JSON.
#[derive(Debug, Serialize)]
pub struct Validation {
    format: &'static str,
    exit: u8,
    files: Vec<FilePart>,
}

/// One file of it.
#[derive(Debug, Serialize)]
pub struct FilePart {
    plan: Option<String>,
    file: String,
    mistakes: Vec<MistakePart>,
}

impl FilePart {
    /// Of a plan of this name, or of one of its targets; `None` for the shared settings.
    #[must_use]
    pub fn of(plan: Option<&str>, marked: &Marked<'_>) -> Self {
        Self {
            plan: plan.map(ToOwned::to_owned),
            file: marked.file.to_owned(),
            mistakes: parts(marked),
        }
    }
}

/// All files as one JSON document.
#[must_use]
pub fn validation(exit: Exit, files: Vec<FilePart>) -> Validation {
    Validation {
        format: "rollout-validation/1",
        exit: exit.code(),
        files,
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Workflow commands, which GitHub shows at the line in the pull request.
///
/// # Errors
/// When the writer fails.
pub fn annotations(marked: &Marked<'_>, out: &mut dyn Write) -> io::Result<()> {
    for mistake in &marked.mistakes {
        let cure = mistake.cure.as_deref().unwrap_or_default();
        let message = format!("{}\n{cure}", mistake.message);
        let annotation = Annotation {
            level: match mistake.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
            },
            file: marked.file,
            at: Some(position(marked.text, mistake.span.start)),
            title: mistake.code.key(),
            message: message.trim_end(),
        };
        annotate(&annotation, out)?;
    }
    Ok(())
}

/// Words about a file as a whole, as notices.
///
/// # Errors
/// When the writer fails.
pub fn announce(file: &str, notices: &[String], out: &mut dyn Write) -> io::Result<()> {
    for notice in notices {
        let annotation = Annotation {
            level: Level::Notice,
            file,
            at: None,
            title: "shared settings",
            message: notice,
        };
        annotate(&annotation, out)?;
    }
    Ok(())
}

/// A table of all mistakes, in Markdown; empty where there is none.
#[must_use]
pub fn summary<'a>(files: impl Iterator<Item = Marked<'a>>) -> String {
    let mut rows = Vec::new();
    for marked in files {
        for mistake in &marked.mistakes {
            let (line, _) = position(marked.text, mistake.span.start);
            rows.push([
                format!("{}:{line}", marked.file),
                word(mistake.severity).to_owned(),
                mistake.message.clone(),
                mistake.cure.clone().unwrap_or_default(),
            ]);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let table = markdown::table(["place", "severity", "mistake", "cure"], rows);
    format!("\n{table}")
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

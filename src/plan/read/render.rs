//! Shows mistakes as rustc shows its own: file, line, caret, related places, and the cure.

use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::units::one_line;

use crate::plan::model::{Mistake, MistakeCode, Severity};

/// Narrower than this nothing could be read; the renderer is not asked to try.
const LEAST_WIDTH: usize = 40;

/// The mistakes of one file as text that ends with a line break; empty for no mistakes.
#[must_use]
pub fn render_mistakes(
    path: &str,
    text: &str,
    mistakes: &[Mistake],
    color: bool,
    width: usize,
) -> String {
    let shown = Shown::new(text, mistakes);
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer
        .term_width(width.max(LEAST_WIDTH))
        .decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for mistake in mistakes {
        let Mistake {
            severity,
            code,
            message,
            span,
            label,
            cure,
            related,
        } = mistake;
        let level = match severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut primary = AnnotationKind::Primary.span(shown.place(span));
        if !label.is_empty() {
            primary = primary.label(label.as_str());
        }
        let mut snippet = Snippet::source(shown.text.as_str())
            .path(one_line(path))
            .annotation(primary);
        for (place, words) in related {
            snippet = snippet.annotation(
                AnnotationKind::Context
                    .span(shown.place(place))
                    .label(words.as_str()),
            );
        }
        let mut report = vec![
            level
                .primary_title(message.as_str())
                .id(code.key())
                .element(snippet),
        ];
        if let Some(cure) = cure {
            report.push(Group::with_title(
                Level::HELP.secondary_title(cure.as_str()),
            ));
        }
        out.push_str(&renderer.render(&report));
        out.push_str("\n\n");
    }
    if !out.is_empty() {
        out.pop();
    }
    out
}

/// The text as it may be shown: without a byte order mark, secrets masked, and every place moved
/// onto character boundaries within it.
struct Shown {
    text: String,
    /// Bytes dropped at the start.
    dropped: usize,
}

impl Shown {
    fn new(text: &str, mistakes: &[Mistake]) -> Self {
        const BOM: char = '\u{feff}';
        let body = text.strip_prefix(BOM).unwrap_or(text);
        let mut shown = Self {
            text: body.to_owned(),
            dropped: text.len() - body.len(),
        };
        for mistake in mistakes
            .iter()
            .filter(|m| m.code == MistakeCode::SecretInFile)
        {
            let place = shown.place(&mistake.span);
            // Line breaks stay so that the lines below keep their numbers.
            let mask: String = shown.text[place.clone()]
                .bytes()
                .map(|byte| match byte {
                    b'\n' | b'\r' => char::from(byte),
                    _ => '*',
                })
                .collect();
            shown.text.replace_range(place, &mask);
        }
        shown
    }

    fn place(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.boundary(span.start.saturating_sub(self.dropped));
        let end = self.boundary(span.end.saturating_sub(self.dropped).max(start));
        start..end.max(start)
    }

    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

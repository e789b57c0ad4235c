//! A mistake in a plan or in the shared settings: where it is, what it is, and what to write
//! instead. Rendering is not done here.

use std::borrow::Cow;
use std::ops::Range;

use crate::units::one_line;

use super::mistake_code::MistakeCode;

/// How bad a mistake is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; an error with `--strict`.
    Warning,
    /// There is no plan as long as it stands.
    Error,
}

/// One mistake with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// How bad it is.
    pub severity: Severity,
    /// What it is; a stable kebab-case name for programs.
    pub code: MistakeCode,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// What to say at the caret; may be empty.
    pub label: String,
    /// What to write instead.
    pub cure: Option<String>,
    /// Other places that matter, with what to say there.
    pub related: Vec<(Range<usize>, String)>,
}

impl Mistake {
    /// A mistake that leaves no plan.
    #[must_use]
    pub fn error(code: MistakeCode, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: shown(message),
            span,
            label: String::new(),
            cure: None,
            related: Vec::new(),
        }
    }

    /// A mistake that leaves a plan.
    #[must_use]
    pub fn warning(code: MistakeCode, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, span, message)
        }
    }

    /// With these words at the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = shown(label);
        self
    }

    /// With what to write instead. What is put together, with names of others in it perhaps, is one line;
    /// an example of ours may have several.
    #[must_use]
    pub fn cure(mut self, cure: impl Into<Cow<'static, str>>) -> Self {
        self.cure = Some(match cure.into() {
            Cow::Borrowed(ours) => ours.to_owned(),
            Cow::Owned(cure) => shown(cure),
        });
        self
    }

    /// With another place that matters.
    #[must_use]
    pub fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span, shown(label)));
        self
    }

    /// True when it leaves no value.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        match self.severity {
            Severity::Error => true,
            Severity::Warning => false,
        }
    }
}

/// Words about a file, with what the file says in them.
fn shown(words: impl Into<String>) -> String {
    let words = words.into();
    match one_line(&words) {
        Cow::Borrowed(_) => words,
        Cow::Owned(shown) => shown,
    }
}

/// So many mistakes of one file are shown; whoever sees them has enough to do.
const MOST_MISTAKES: usize = 100;

/// A value with the mistakes found on the way to it. There is no value exactly when one of the
/// mistakes is an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    /// The value, unless a mistake forbids it.
    pub value: Option<T>,
    /// Every mistake up to a hundred of them, errors before warnings, in the order of the text.
    pub mistakes: Vec<Mistake>,
}

impl<T> Parsed<T> {
    /// Keeps the two in step: mistakes in the order of the text, and no value beside an error.
    pub(in crate::plan) fn new(value: Option<T>, mut mistakes: Vec<Mistake>) -> Self {
        let failed = mistakes.iter().any(Mistake::is_error);
        mistakes.sort_by_key(|mistake| (!mistake.is_error(), mistake.span.start));
        if let Some(first) = mistakes.get(MOST_MISTAKES) {
            let more = mistakes.len() - MOST_MISTAKES;
            let mut more = Mistake::error(
                MistakeCode::TooManyMistakes,
                first.span.clone(),
                format!("{more} more mistakes are not shown"),
            )
            .cure("mend the ones above, and look again");
            more.severity = first.severity;
            mistakes.truncate(MOST_MISTAKES);
            mistakes.push(more);
        }
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        Self {
            value: value.filter(|_| !failed),
            mistakes,
        }
    }
}

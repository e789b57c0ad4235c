//! What came back for a question: an answer as it is, or the increments of a counter that were made of
//! several.

use super::answer::Answer;
use super::increments::Counted;

/// The reply to one question.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    /// As the server gave it.
    Answer(Answer),
    /// The increments of a counter.
    Counted(Box<Counted>),
}

impl Reply {
    /// The server's own doubts.
    pub(super) fn warnings(&self) -> &[String] {
        match self {
            Self::Answer(answer) => &answer.warnings,
            Self::Counted(counted) => &counted.warnings,
        }
    }

    /// What was sent for a question with this text.
    pub(super) fn sent(&self, text: &str) -> Vec<String> {
        match self {
            Self::Answer(_) => vec![text.to_owned()],
            Self::Counted(counted) => counted.queries.clone(),
        }
    }
}

//! What came back for a question: an answer as it is, or the increments of a counter that were made of
//! several.

use std::convert::Infallible;

use super::QueryError;
use super::answer::{Answer, interpret};
use super::increments::Counted;
use super::stream::{Read, Splitter};

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

/// Reads an answer in both ways in which answers are read: as a whole, and as it streams in pieces of so many
/// bytes, of which the number of series is given. For tests with damaged answers.
///
/// # Errors
/// When the bytes are no success of a Prometheus.
#[doc(hidden)]
pub fn read_answer(status: u16, body: &[u8], piece: usize) -> (Result<Answer, QueryError>, usize) {
    let mut splitter = Splitter::default();
    let mut series = 0;
    let mut count = |read: Read<'_>| -> Result<(), Infallible> {
        series += usize::from(read.is_ok());
        Ok(())
    };
    for bytes in body.chunks(piece.max(1)) {
        let Ok(()) = splitter.push(bytes, &mut count);
    }
    let Ok(()) = splitter.finish(&mut count);
    drop(interpret("", status, splitter.envelope()));
    (interpret("", status, body), series)
}

//! Whether what was asked when a stage was entered answers what is asked now. Pure.

use crate::plan::Arms;
use crate::snapshot::{AskedHistory, History};
use crate::units::Digest;

use super::Grid;
use super::increments::GROUPS;
use super::query::Question;

/// What is known of a guardrail, where it answers these questions about these blocks.
pub(super) fn fitting<'a>(
    known: &'a AskedHistory,
    questions: &[Question],
    arms: &Arms,
    before: &Grid,
) -> Option<&'a History> {
    let AskedHistory {
        questions: asked,
        history,
    } = known;
    let of = |column| questions.iter().any(|question| question.column == column);
    let has_room = history.groups.iter().all(|group| {
        let mut columns = group.columns.iter();
        group.buckets.is_empty()
            && columns.all(|(column, series)| of(*column) && series.len() == before.len())
    });
    let fits = *asked == digest(questions, arms)
        && history.ends.iter().copied().eq(before.ends())
        && history.groups.len() == GROUPS
        && has_room;
    fits.then_some(history)
}

/// The digest of questions: their texts hold selectors and the length of a block.
pub(super) fn digest(questions: &[Question], arms: &Arms) -> Digest {
    let Arms {
        label,
        exposed,
        unexposed,
    } = arms;
    let mut text = format!(
        "arms {label:?} {:?} {:?}\n",
        exposed.written(),
        unexposed.written()
    );
    for question in questions {
        text.push_str(&format!("{} {:?}\n", question.column.key(), question.text));
    }
    Digest::of(text.as_bytes())
}

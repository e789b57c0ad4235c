//! Whether what was asked when a stage was entered answers what is asked now. Pure.

use crate::plan::Arms;
use crate::snapshot::AskedHistory;
use crate::units::Digest;

use super::Grid;
use super::increments::GROUPS;
use super::query::Question;

/// Whether what is known of a guardrail answers these questions about these blocks.
pub(super) fn fits(
    known: &AskedHistory,
    questions: &[Question],
    arms: &Arms,
    before: &Grid,
) -> bool {
    let of = |column| questions.iter().any(|question| question.column == column);
    known.questions == digest(questions, arms)
        && known.ends().eq(before.ends())
        && known.groups == GROUPS
        && known.columns.iter().all(|column| of(*column))
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

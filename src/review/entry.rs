//! What a change does to a plan, as a whole: its state, which only commands may change, and its
//! declared part, which may be weakened under way only with a reason.

use super::consent::{Given, OR_SAY_WHY, SETTINGS_SAY_WHY, classify_findings};
use super::places::Places;
use super::{arms, course, guardrails, state, targets};
use crate::plan::{Mistake, MistakeCode, Plan, StateKey, Status};

/// A plan file before and after a change.
#[derive(Debug, Clone, Copy)]
pub struct Revised<'a> {
    /// Before; `None` for a new file, or when the old text was no valid plan.
    pub before: Option<&'a Plan>,
    /// After.
    pub after: &'a Plan,
    /// The text of `after`; the mistakes point into it.
    pub text: &'a str,
    /// An evidence record in this change backs the state: a command wrote it, not a hand.
    pub state_backed: bool,
    /// What else differs is the doing of the shared settings.
    pub by_settings: BySettings<'a>,
}

/// How the shared settings are in a plan's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BySettings<'a> {
    /// The plan's own file is part of the change.
    No,
    /// The plan's file is as it was: the settings reach into it, with the reason that this change
    /// gives there.
    Yes(Option<&'a str>),
}

/// What a reviewer must know of a change; the places are in the new text. Refusals of the declared
/// part become warnings when the change gives a new `reason`; a state written by hand is excused by
/// nothing but evidence.
#[must_use]
pub fn compare(revised: &Revised<'_>) -> Vec<Mistake> {
    let Revised {
        before,
        after,
        text,
        state_backed,
        by_settings,
    } = *revised;
    let places = Places::new(text);
    let mut mistakes = Vec::new();
    if !state_backed {
        mistakes.extend(state::by_hand(before, after, &places));
    }
    mistakes.extend(before.and_then(|before| draft(before, after, &places)));
    if let Some(before) = before.filter(|before| under_way(before)) {
        let mut declared = guardrails::weakened(before, after, &places);
        declared.extend(arms::changed(before, after, &places));
        declared.extend(targets::changed(before, after, text, &places));
        declared.extend(course::weakened(before, after, &places));
        let own = Given::new(&before.reason, &after.reason, &places);
        let given = match by_settings {
            BySettings::No => own,
            BySettings::Yes(reason) => {
                for cure in declared.iter_mut().filter_map(|m| m.cure.as_mut()) {
                    *cure = cure.replace(OR_SAY_WHY, SETTINGS_SAY_WHY);
                }
                reason.map(Given::elsewhere)
            }
        };
        mistakes.extend(classify_findings(declared, given));
    }
    mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    mistakes
}

/// A draft that becomes a plan, or the other way round: what a reviewer is asked for, and no mistake.
fn draft(before: &Plan, after: &Plan, places: &Places<'_>) -> Option<Mistake> {
    match (&before.draft, &after.draft) {
        (Some(todo), None) => Some(
            Mistake::warning(
                MistakeCode::DraftRemoved,
                places.start(),
                format!("the change removes `draft`: \"{todo}\""),
            )
            .label("from the merge on the plan advances by itself"),
        ),
        (None, Some(todo)) => Some(
            Mistake::warning(
                MistakeCode::DraftAdded,
                places.key("draft").unwrap_or_else(|| places.start()),
                format!("the change makes the plan a draft: \"{todo}\""),
            )
            .label("from the merge on nobody more is exposed"),
        ),
        (None, None) | (Some(_), Some(_)) => None,
    }
}

/// The refusal to delete a plan that has users; the place is in the old text, for there is no new
/// one.
#[must_use]
pub fn compare_deleted(before: &Plan, before_text: &str) -> Option<Mistake> {
    let exposed = under_way(before)
        .then_some(before.state.as_ref())
        .flatten()?;
    let places = Places::new(before_text);
    Some(
        Mistake::error(
            MistakeCode::DeletedPlan,
            places.state(StateKey::Exposure),
            format!(
                "the change deletes `{}`, which exposes {} of users",
                before.name, exposed.exposure
            ),
        )
        .label("nobody would watch over these users any more")
        .cure(format!(
            "let it finish, or take it back first: `rollout rollback {}`; then delete it",
            before.name
        )),
    )
}

/// The refusal to edit or to delete a record of before: decisions are made from what it says.
#[must_use]
pub fn changed_record(plan: &str, path: &str, deleted: bool, base: &str) -> Mistake {
    let does = if deleted { "deletes" } else { "edits" };
    Mistake::error(
        MistakeCode::ChangedRecord,
        0..0,
        format!("the change {does} a record of `{plan}`"),
    )
    .label("records are evidence: decisions are made from what they say, and nothing else keeps it")
    .cure(format!("restore it: `git checkout {base} -- {path}`"))
}

/// True while a rollout has users and a decision before it.
#[must_use]
pub fn under_way(plan: &Plan) -> bool {
    match plan.status() {
        Status::Progressing | Status::Paused => plan.is_exposed(),
        Status::Pending | Status::RolledBack | Status::Complete => false,
    }
}

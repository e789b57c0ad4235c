//! What a change does to the targets of a plan: which files carry its exposure to users, and what these
//! say.

use super::consent::{Given, OR_SAY_WHY, classify_findings};
use super::places::Places;
use crate::decide::{TargetStanding, TargetState};
use crate::plan::{Mistake, MistakeCode, Plan, Target, place_of_target};

/// Other targets than before, while users are exposed by them.
pub(super) fn changed(
    before: &Plan,
    after: &Plan,
    text: &str,
    places: &Places<'_>,
) -> Vec<Mistake> {
    let is_same = |a: &Target, b: &Target| a.place == b.place && a.normal_file() == b.normal_file();
    let lost: Vec<&Target> = before
        .targets
        .iter()
        .filter(|old| !after.targets.iter().any(|new| is_same(old, new)))
        .collect();
    let mut new = after
        .targets
        .iter()
        .enumerate()
        .filter(|(_, new)| !before.targets.iter().any(|old| is_same(old, new)));
    let exposure = after.exposure();
    let mut mistakes = Vec::new();
    for old in lost {
        let was = format!("{} in {}", old.kind().key(), old.file);
        mistakes.push(match new.next() {
            Some((index, _)) => Mistake::error(
                MistakeCode::TargetMoved,
                place_of_target(text, index),
                format!("the change points a target elsewhere while the rollout is under way; it was {was}"),
            )
            .label(format!("what was left behind goes on exposing {exposure}"))
            .cure(format!("let it be as it was, {OR_SAY_WHY}")),
            None => Mistake::error(
                MistakeCode::TargetRemoved,
                places.start(),
                format!("the change removes the target {was} while the rollout is under way"),
            )
            .label(format!("it goes on exposing {exposure}, and no rollback lowers it"))
            .cure(format!("put it back, {OR_SAY_WHY}")),
        });
    }
    mistakes.extend(new.map(|(index, target)| {
        Mistake::error(
            MistakeCode::TargetAdded,
            place_of_target(text, index),
            format!(
                "the change adds the target {} in {} to a rollout that is under way",
                target.kind().key(),
                target.file
            ),
        )
        .label(format!(
            "the plan exposes {exposure}, and nobody has seen users by this one"
        ))
        .cure(format!(
            "add it before the first user is exposed, {OR_SAY_WHY}"
        ))
    }));
    mistakes
}

/// What a change adds to a target's file beside its numbers that gives users the change, while the plan
/// has users: like other changes of a rollout that is under way it takes a reason.
#[must_use]
pub fn added_beside(
    before: &Plan,
    after: &Plan,
    index: usize,
    text: &str,
    added: &[Mistake],
) -> Vec<Mistake> {
    let Some(target) = after.targets.get(index) else {
        return Vec::new();
    };
    let places = Places::new(text);
    let named = format!("{} in {}", target.kind().key(), target.file);
    let told = |one: &Mistake| {
        Mistake::error(
            MistakeCode::TargetByHand,
            place_of_target(text, index),
            format!(
                "the change adds to {named}, beside the plan's numbers: {}",
                one.message
            ),
        )
        .label("these users would be exposed without evidence")
        .cure(format!(
            "add it before the first user is exposed, {OR_SAY_WHY}"
        ))
    };
    let given = Given::new(&before.reason, &after.reason, &places);
    classify_findings(added.iter().map(told).collect(), given)
}

/// That a change of a target's file moves it away from what its plan says; nothing where it does not.
/// Lowering users is anybody's right, and only pointed out.
#[must_use]
pub fn set_by_hand(target: &TargetStanding, index: usize, text: &str) -> Option<Mistake> {
    let TargetStanding {
        file,
        kind,
        told,
        state,
    } = target;
    let named = format!("{} in {file}", kind.key());
    let place = place_of_target(text, index);
    let code = MistakeCode::TargetByHand;
    Some(match state {
        TargetState::AsTold | TargetState::Lags { .. } => return None,
        TargetState::Braked { shown } => Mistake::warning(
            code,
            place,
            format!("the change lowers {named} to {shown} by hand; the plan says {told}"),
        )
        .label("a brake: from the merge on the plan advances no further"),
        TargetState::Off => Mistake::warning(
            code,
            place,
            format!("the change switches {named} off; the plan says {told}"),
        )
        .label("a brake: from the merge on the plan advances no further"),
        TargetState::Raised { shown } => Mistake::error(
            code,
            place,
            format!("the change raises {named} to {shown} by hand; the plan says {told}"),
        )
        .label("users would be exposed without evidence")
        .cure("restore its numbers; `rollout advance` raises them on evidence"),
        TargetState::Overruled { why } => Mistake::error(
            code,
            place,
            format!("the change lets {named} expose more than its numbers say: {why}"),
        )
        .label("users would be exposed without evidence")
        .cure("take it out again; `rollout advance` raises the numbers on evidence"),
        TargetState::Changed { why } | TargetState::Unreadable { why } => Mistake::error(
            code,
            place,
            format!("the change makes {named} one that cannot be followed: {why}"),
        )
        .label("no rollback could be sure to lower it")
        .cure("restore the file, but for what is beside the numbers; after a release remove the plan's `[[targets]]` entry in the same change"),
    })
}

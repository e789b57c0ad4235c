//! A change of the arms of a rollout that is under way, in its own file or in the shared settings.

use super::consent::OR_SAY_WHY;
use super::places::Places;
use crate::plan::{Arms, Mistake, MistakeCode, Plan};

/// Other arms than before: all evidence would start again, and a swap would judge the wrong users.
pub(super) fn changed(before: &Plan, after: &Plan, places: &Places<'_>) -> Option<Mistake> {
    let (was, now) = (&before.arms, &after.arms);
    if was == now {
        return None;
    }
    let different = different(was, now);
    let is_swapped = was.exposed == now.unexposed && was.unexposed == now.exposed;
    let (code, message, label) = if is_swapped {
        (
            MistakeCode::SwappedArms,
            format!("the change swaps the arms while the rollout is under way; it was {different}"),
            "harm to those who see the change would count as a gain",
        )
    } else {
        (
            MistakeCode::ChangedArms,
            format!(
                "the change sets other arms while the rollout is under way; it was {different}"
            ),
            "the evidence of all guardrails would start again",
        )
    };
    let place = places.key("arms").unwrap_or_else(|| places.start());
    let cure = format!("write {different} under [arms], {OR_SAY_WHY}");
    Some(Mistake::error(code, place, message).label(label).cure(cure))
}

/// The keys that differ, as they were.
fn different(was: &Arms, now: &Arms) -> String {
    let Arms {
        label,
        exposed,
        unexposed,
    } = was;
    let keys = [
        (*label != now.label).then(|| format!("`label = \"{label}\"`")),
        (*exposed != now.exposed).then(|| format!("`exposed = {}`", exposed.written())),
        (*unexposed != now.unexposed).then(|| format!("`unexposed = {}`", unexposed.written())),
    ];
    let keys: Vec<String> = keys.into_iter().flatten().collect();
    keys.join(" and ")
}

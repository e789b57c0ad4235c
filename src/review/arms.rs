//! A change of the arms of a rollout that is under way, in its own file or in the shared settings.

use super::consent::OR_SAY_WHY;
use super::places::Places;
use crate::plan::{Arms, Mistake, Plan};

/// Other arms than before: all evidence would start again, and a swap would judge the wrong users.
pub(super) fn changed(before: &Plan, after: &Plan, places: &Places<'_>) -> Option<Mistake> {
    let (was, now) = (&before.arms, &after.arms);
    if was == now {
        return None;
    }
    let swapped = was.exposed == now.unexposed && was.unexposed == now.exposed;
    let (code, message, label) = if swapped {
        (
            "swapped-arms",
            "the change swaps the arms while the rollout is under way".to_owned(),
            "harm to the users who see the change would count as a gain",
        )
    } else {
        (
            "changed-arms",
            format!(
                "the change tells the arms apart by {} while the rollout is under way; it was {}",
                written(now),
                written(was)
            ),
            "the evidence of all guardrails would start again",
        )
    };
    let place = places.key("arms").unwrap_or_else(|| places.start());
    let cure = format!("write under [arms] {}, {OR_SAY_WHY}", written(was));
    Some(Mistake::error(code, place, message).label(label).cure(cure))
}

fn written(arms: &Arms) -> String {
    let Arms {
        label,
        exposed,
        unexposed,
    } = arms;
    format!(
        "`label = \"{label}\"`, `exposed = {}` and `unexposed = {}`",
        exposed.written(),
        unexposed.written()
    )
}

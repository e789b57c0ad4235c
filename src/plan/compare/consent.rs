//! A reason given in the change: it turns refusals into warnings that repeat it, so that whoever
//! reviews the change reads both together.

use super::places::Places;
use crate::plan::{Mistake, Plan, Severity};

/// What every cure ends with.
pub(super) const OR_SAY_WHY: &str =
    "or say why in this change: `reason = \"...\"` at the top of the plan";

/// Weakens the mistakes when this change gives a reason that was not there before.
pub(super) fn weighed(
    mistakes: Vec<Mistake>,
    before: &Plan,
    after: &Plan,
    places: &Places<'_>,
) -> Vec<Mistake> {
    let Some(reason) = after
        .reason
        .as_ref()
        .filter(|_| after.reason != before.reason)
    else {
        return mistakes;
    };
    let place = places.key("reason").unwrap_or_else(|| places.end());
    mistakes
        .into_iter()
        .map(|mistake| {
            let mut mistake = mistake.related(place.clone(), "the reason given");
            mistake.severity = Severity::Warning;
            mistake.message = format!("{} (reason given: {reason})", mistake.message);
            mistake.cure = None;
            mistake
        })
        .collect()
}

//! A reason given in the change: it turns refusals into warnings that repeat it, so that whoever
//! reviews the change reads both together.

use std::ops::Range;

use super::places::Places;
use crate::plan::{Mistake, Severity};

/// What every cure of a plan ends with.
pub(super) const OR_SAY_WHY: &str =
    "or say why in this change: `reason = \"...\"` at the top of the plan";

/// What every cure of the shared settings ends with, also where they reach into a plan that the
/// change leaves as it is.
pub(super) const SETTINGS_SAY_WHY: &str =
    "or say why in this change: `reason = \"...\"` at the top of config.toml";

/// A reason that this change gives, and where it stands if that is in the same file.
pub(super) struct Given<'a> {
    reason: &'a str,
    place: Option<Range<usize>>,
}

impl<'a> Given<'a> {
    /// The reason of a file, if it was not there before.
    pub(super) fn new(
        before: &Option<String>,
        after: &'a Option<String>,
        places: &Places<'_>,
    ) -> Option<Self> {
        let reason = after.as_ref().filter(|_| after != before)?;
        Some(Self {
            reason,
            place: Some(places.key("reason").unwrap_or_else(|| places.end())),
        })
    }

    /// The reason of another file.
    pub(super) fn elsewhere(reason: &'a str) -> Self {
        Self {
            reason,
            place: None,
        }
    }
}

/// Weakens the mistakes when the change gives a reason.
pub(super) fn classify_findings(mistakes: Vec<Mistake>, given: Option<Given<'_>>) -> Vec<Mistake> {
    let Some(Given { reason, place }) = given else {
        return mistakes;
    };
    mistakes
        .into_iter()
        .map(|mut mistake| {
            if let Some(place) = &place {
                mistake = mistake.related(place.clone(), "the reason given");
            }
            mistake.severity = Severity::Warning;
            mistake.message = format!("{} (reason given: {reason})", mistake.message);
            mistake.cure = None;
            mistake
        })
        .collect()
}

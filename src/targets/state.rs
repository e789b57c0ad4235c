//! From what a target's file says to how the target stands to its plan.

use crate::decide::{TargetStanding, TargetState};
use crate::plan::Target;
use crate::units::Exposure;

use super::entry::compare;
use super::shown::Standing;

/// How a target stands. `text` is what its file says, nothing where there is none, or why it cannot be
/// read; `lags` tells of an exposure below the plan's whether it is one that the latest transition left
/// behind.
pub fn standing(
    target: &Target,
    text: Result<Option<&str>, String>,
    told: Exposure,
    lags: impl FnOnce(Exposure) -> bool,
) -> TargetStanding {
    let state = match text {
        Err(why) => TargetState::Unreadable { why },
        Ok(None) if target.is_whole_file() => below_or_as(Exposure::NONE, told, lags),
        Ok(None) => TargetState::Unreadable {
            why: "there is no such file".into(),
        },
        Ok(Some(text)) => match compare(target, text, told) {
            Err(mistake) => TargetState::Unreadable {
                why: mistake.message,
            },
            Ok(Standing::Same) => TargetState::AsTold,
            Ok(Standing::Less(shown)) => below_or_as(shown, told, lags),
            Ok(Standing::More(shown)) => TargetState::Raised { shown },
            Ok(Standing::Off) => TargetState::Off,
            Ok(Standing::Overruled(mistake)) => TargetState::Overruled {
                why: mistake.message,
            },
            Ok(Standing::Unclear(mistake)) => TargetState::Changed {
                why: mistake.message,
            },
        },
    };
    TargetStanding {
        file: target.file.clone(),
        kind: target.kind(),
        told,
        state,
    }
}

fn below_or_as(
    shown: Exposure,
    told: Exposure,
    lags: impl FnOnce(Exposure) -> bool,
) -> TargetState {
    if shown >= told {
        TargetState::AsTold
    } else if lags(shown) {
        TargetState::Lags { shown }
    } else {
        TargetState::Braked { shown }
    }
}

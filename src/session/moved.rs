//! What becomes of commits that were made here when the branch moves on to its upstream: what is said
//! of it, and what a report then shows.

use crate::plan::standing_of;
use crate::report::Change;
use crate::workspace::git::Moved;
use crate::workspace::{Directory, PlanFile};

use super::context::Context;
use super::failure::Failure;

/// Says what was taken along when the branch moved on to its upstream.
///
/// # Errors
/// When it cannot be said.
pub(crate) fn report_moved(moved: &Moved, context: &mut Context<'_>) -> Result<(), Failure> {
    let Moved {
        carried,
        dropped,
        lapsed,
    } = moved;
    for one in carried {
        let how = if one.anew {
            "applied to what somebody else pushed, who changed it too"
        } else {
            "put on top of what somebody else pushed"
        };
        let short = one.commit.get(..12).unwrap_or(&one.commit);
        context
            .ui
            .note(&format!("{}: {how}; commit {short}", one.subject))?;
    }
    for plan in dropped {
        context.ui.note(&format!(
            "{plan}: somebody else pushed first; what was decided is decided again"
        ))?;
    }
    for why in lapsed {
        context.ui.warn(why)?;
    }
    Ok(())
}

/// A change after the branch moved: its commit has another name now, and may have another text.
pub(crate) fn followed(change: &mut Change, moved: &Moved, directory: &Directory, file: &PlanFile) {
    let Some(carried) = change.commit.as_ref().and_then(|commit| moved.now(commit)) else {
        return;
    };
    change.commit = Some(carried.commit.clone());
    if let Ok(plan) = directory.read_plan(&file.path) {
        change.evidence = standing_of(&plan.text)
            .flatten()
            .and_then(|state| state.evidence);
        change.after = plan.text;
    }
}

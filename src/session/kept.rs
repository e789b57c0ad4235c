//! The history of a stage as its record keeps it, and why it is not believed where it is not.

use crate::judge::VERSION;
use crate::plan::Plan;
use crate::snapshot::EntryHistory;
use crate::workspace::{KeptHistory, history_of};

use super::loaded::LoadedPlan;
use super::plan_set::PlanSet;

/// What the record of a plan's stage says of the time before it; nothing where it says nothing that can be
/// believed. A change under review is believed nothing: its records may say anything.
pub(crate) fn known(plan_set: &PlanSet, loaded: &LoadedPlan, plan: &Plan) -> Option<EntryHistory> {
    if plan_set.gate.is_some() || !plan.needs_data() {
        return None;
    }
    let read = || -> Result<Option<EntryHistory>, String> {
        let state = plan.state.as_ref();
        let kept = match state {
            Some(state) => history_of(&plan_set.directory, &loaded.file, state)?,
            None => None,
        };
        let Some(KeptHistory { value, judge }) = kept else {
            return Ok(None);
        };
        if judge != VERSION {
            return Err(format!("it was asked for judge {judge}"));
        }
        let history = EntryHistory::read(&value).map_err(|error| error.to_string())?;
        let is_of_the_stage = state.is_some_and(|state| state.entered_at == history.entered_at);
        Ok(Some(history).filter(|_| is_of_the_stage))
    };
    match read() {
        Ok(Some(history)) => Some(history),
        Ok(None) => {
            tracing::debug!(plan = %plan.name, "no record keeps the history of this stage: it is asked for");
            None
        }
        Err(why) => {
            tracing::debug!(plan = %plan.name, %why, "the history in the record is not used: it is asked for");
            None
        }
    }
}

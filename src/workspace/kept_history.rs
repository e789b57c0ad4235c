//! Where the history of a stage is kept: in the record that entered it. Every later record of the stage
//! refers to that one, so that a ramp of 200 moves holds it once and no reader follows 200 records.

use serde_json::Value;

use crate::plan::State;
use crate::units::Digest;

use super::glance::{Glance, glance};
use super::records;
use super::same_stage::{is_same_stage, reference};
use super::{Directory, PlanFile};

/// The history that a record keeps for its stage.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptHistory {
    /// The JSON, as it was handed in with the grounds.
    pub value: Value,
    /// The version of the judge for which it was asked.
    pub judge: u32,
}

/// The history that is kept for the stage of this state; nothing where its record keeps none.
///
/// # Errors
/// Why it cannot be believed: the record is missing or is not the one that was written, or this is
/// not the state it led to.
pub fn history_of(
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
) -> Result<Option<KeptHistory>, String> {
    let Some(path) = &state.evidence else {
        return Ok(None);
    };
    let read = |path: &str, expected: Option<&Digest>| -> Result<Glance, String> {
        let text = records::read_text(directory, path)
            .map_err(|error| format!("{path} cannot be read: {error}"))?;
        let glance = glance(&text, expected).map_err(|why| format!("{path}: {why}"))?;
        if glance.plan != plan.name {
            return Err(format!("{path} belongs to the plan {}", glance.plan));
        }
        Ok(glance)
    };
    let named = read(path, None)?;
    if named.after != *state {
        return Err(format!(
            "the state after {path} is not the one it wrote: somebody changed it by hand"
        ));
    }
    let holder = match named.history.as_ref().map(reference) {
        Some(Some((path, digest))) => read(path, Some(&digest))?,
        Some(None) => named,
        None => return Ok(None),
    };
    let judge = holder.judge;
    let is_of_the_stage = is_same_stage(&holder.after, state);
    Ok(holder
        .history
        .filter(|value| is_of_the_stage && reference(value).is_none())
        .map(|value| KeptHistory { value, judge }))
}

//! Where the history of a stage is kept: in the record that entered it. Every later record of the stage
//! refers to that one, so that a ramp of 200 moves holds it once and no reader follows 200 records.

use serde_json::{Value, json};

use crate::plan::{State, Status};
use crate::units::Digest;

use super::chain::read_link;
use super::{Directory, PlanFile, Record};

/// The key of a reference: the record that has the history, relative to the directory.
const IN: &str = "in";

/// The key of the digest of that record's file.
const DIGEST: &str = "digest";

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
    let read = |path: &str, expected: Option<&Digest>| {
        read_link(directory, plan, path, expected).map_err(|broken| broken.to_string())
    };
    let named = read(path, None)?.record;
    if named.after != *state {
        return Err(format!(
            "the state after {path} is not the one it wrote: somebody changed it by hand"
        ));
    }
    let holder = match named.grounds.history.as_ref().map(reference) {
        Some(Some((path, digest))) => read(path, Some(&digest))?.record,
        Some(None) => named,
        None => return Ok(None),
    };
    let judge = holder.judge;
    let is_of_the_stage = is_same_stage(&holder.after, state);
    let value = holder.grounds.history;
    Ok(value
        .filter(|value| is_of_the_stage && reference(value).is_none())
        .map(|value| KeptHistory { value, judge }))
}

/// What a record of the same stage says of the history, after the record with this path and text; nothing
/// where that keeps none, or where nobody will be judged by it.
pub(super) fn referred(before: &State, after: &State, path: &str, text: &str) -> Option<Value> {
    let goes_on = match after.status {
        Status::Progressing | Status::Paused => is_same_stage(before, after),
        Status::Pending | Status::RolledBack | Status::Complete => false,
    };
    if !goes_on {
        return None;
    }
    let history = Record::read(text).ok()?.grounds.history?;
    if reference(&history).is_some() {
        return Some(history);
    }
    let digest = Record::file_digest(text);
    Some(json!({ IN: path, DIGEST: digest.as_str() }))
}

fn is_same_stage(one: &State, other: &State) -> bool {
    (one.stage, one.entered_at) == (other.stage, other.entered_at)
}

/// The record that is referred to, and the digest of its file; `None` where this is the history itself.
fn reference(history: &Value) -> Option<(&str, Digest)> {
    let digest = Digest::parse(history.get(DIGEST)?.as_str()?)?;
    Some((history.get(IN)?.as_str()?, digest))
}

//! What a later record of a stage says of the history that the stage is judged by: which record has it.

use serde_json::{Value, json};

use crate::plan::{State, Status};
use crate::units::Digest;

use super::Record;
use super::glance::glance;

/// The key of a reference: the record that has the history, relative to the directory.
const IN: &str = "in";

/// The key of the digest of that record's file.
const DIGEST: &str = "digest";

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
    let history = glance(text, None).ok()?.history?;
    if reference(&history).is_some() {
        return Some(history);
    }
    let digest = Record::file_digest(text);
    Some(json!({ IN: path, DIGEST: digest.as_str() }))
}

pub(super) fn is_same_stage(one: &State, other: &State) -> bool {
    (one.stage, one.entered_at) == (other.stage, other.entered_at)
}

/// The record that is referred to, and the digest of its file; `None` where this is the history itself.
pub(super) fn reference(history: &Value) -> Option<(&str, Digest)> {
    let digest = Digest::parse(history.get(DIGEST)?.as_str()?)?;
    Some((history.get(IN)?.as_str()?, digest))
}

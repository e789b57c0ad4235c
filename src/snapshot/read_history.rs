//! What a snapshot says of the unexposed arm in groups of instances, from JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::plan::{Column, Word};
use crate::units::{Instant, Period};

use super::beside::Beside;
use super::numbers::{arm, ends};
use super::place::{Place, array, block, object, required, text, whole};
use super::{AskedHistory, EntryHistory, History, InstanceCounts, SnapshotError, Unsplit, sums};

/// Of which stage a snapshot speaks.
pub(super) struct Stage<'a> {
    /// When it was entered.
    pub(super) entered_at: Instant,
    /// Length of its blocks.
    pub(super) block: Period,
    /// The history of the stage that the record of the snapshot enters.
    pub(super) entered: Option<&'a EntryHistory>,
}

/// The history of before the stage, and that within it. In older snapshots they are one, in blocks as long
/// as the stage's.
pub(super) fn both(
    place: &Place,
    table: &Map<String, Value>,
    (stage, name): (&Stage<'_>, &str),
) -> Result<(Option<History>, Option<History>), SnapshotError> {
    let one = |key: &str, other: Option<&History>| match table.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => history(&place.key(key), value, stage, other).map(Some),
    };
    let other = stage
        .entered
        .and_then(|entered| entered.guardrails.get(name));
    let other = other.and_then(AskedHistory::history);
    let (before, during) = (one("history", other.as_ref())?, one("during", None)?);
    match before {
        Some(older) if !is_of_now(table) && during.is_none() => {
            let [before, during] = older.split_at(stage.entered_at.timestamp());
            let is_there = |part: &History| !part.ends.is_empty();
            Ok((Some(before).filter(is_there), Some(during).filter(is_there)))
        }
        before => Ok((before, during)),
    }
}

/// Whether a history says how long its blocks are, as older ones do not.
fn is_of_now(table: &Map<String, Value>) -> bool {
    let history = table.get("history").and_then(Value::as_object);
    history.is_some_and(|history| history.contains_key("block_seconds"))
}

fn history(
    place: &Place,
    value: &Value,
    stage: &Stage<'_>,
    other: Option<&History>,
) -> Result<History, SnapshotError> {
    let table = object(place, value)?;
    let block = match table.get("block_seconds") {
        None => stage.block,
        Some(_) => block(place, table)?,
    };
    let ends = ends(place, table)?;
    let beside = Beside::of(other, ends.first().copied(), block);
    if !table.contains_key("groups") {
        let half = |key: &str, index: usize| {
            let value = required(place, table, key)?;
            arm(&place.key(key), value, ends.len(), beside.group(index))
        };
        let (first, second) = (half("first", 0)?, half("second", 1)?);
        return Ok(History::of_halves(ends, block, first, second));
    }
    let groups = {
        let place = place.key("groups");
        array(&place, required(&place, table, "groups")?)?
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let other = beside.group(index);
                arm(&place.index(index), value, ends.len(), other)
            })
            .collect::<Result<Vec<_>, _>>()?
    };
    let instances = match table.get("instances") {
        None | Some(Value::Null) if table.contains_key(sums::NAMES) => sums::read(place, table)?,
        None | Some(Value::Null) => BTreeMap::new(),
        Some(value) => {
            let place = place.key("instances");
            object(&place, value)?
                .iter()
                .map(|(name, sums)| Ok((name.clone(), column_sums(&place.key(name), sums)?)))
                .collect::<Result<_, SnapshotError>>()?
        }
    };
    Ok(History {
        ends,
        block,
        groups,
        instances,
    })
}

fn column_sums(place: &Place, value: &Value) -> Result<BTreeMap<Column, f64>, SnapshotError> {
    let table = object(place, value)?;
    let mut sums = BTreeMap::new();
    for column in Column::ALL {
        let key = column.series();
        if let Some(value) = table.get(key) {
            match value.as_f64().filter(|sum| sum.is_finite()) {
                Some(sum) => sums.insert(*column, sum),
                None => return place.key(key).fail("expected a number"),
            };
        }
    }
    Ok(sums)
}

/// The instances of both arms.
pub(super) fn instance_counts(
    place: &Place,
    value: &Value,
) -> Result<InstanceCounts, SnapshotError> {
    let table = object(place, value)?;
    let is_there = |key: &str| table.get(key).is_some_and(|value| !value.is_null());
    Ok(InstanceCounts {
        exposed: whole(place, table, "exposed")?,
        unexposed: whole(place, table, "unexposed")?,
        shared: match is_there("shared") {
            true => Some(whole(place, table, "shared")?),
            false => None,
        },
        label: match is_there("label") {
            true => Some(text(place, table, "label")?),
            false => None,
        },
    })
}

/// Why there are no groups. What a later version says is not known here, and is no reason to refuse.
pub(super) fn unsplit(
    place: &Place,
    table: &Map<String, Value>,
) -> Result<Option<Unsplit>, SnapshotError> {
    match table.get("unsplit") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => Ok(Unsplit::from_word(&text(place, table, "unsplit")?)),
    }
}

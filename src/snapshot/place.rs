//! Values of a JSON document, each with the place that a complaint about it names.

use serde_json::{Map, Value};

use crate::units::{Instant, Period};

use super::SnapshotError;

/// Where in the document a value stands.
#[derive(Debug, Clone)]
pub(super) struct Place(String);

impl Place {
    pub(super) fn root() -> Self {
        Self(String::new())
    }

    pub(super) fn key(&self, key: &str) -> Self {
        if self.0.is_empty() {
            Self(key.to_owned())
        } else {
            Self(format!("{}.{key}", self.0))
        }
    }

    pub(super) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    pub(super) fn fail<T>(&self, problem: impl Into<String>) -> Result<T, SnapshotError> {
        Err(SnapshotError::Shape {
            path: if self.0.is_empty() {
                "document".into()
            } else {
                self.0.clone()
            },
            problem: problem.into(),
        })
    }
}

pub(super) fn texts(
    place: &Place,
    table: &Map<String, Value>,
    key: &str,
) -> Result<Vec<String>, SnapshotError> {
    let place = place.key(key);
    match table.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(value) => array(&place, value)?
            .iter()
            .enumerate()
            .map(|(index, item)| match item {
                Value::String(text) => Ok(text.clone()),
                other => place
                    .index(index)
                    .fail(format!("expected a text, found {}", kind(other))),
            })
            .collect(),
    }
}

pub(super) fn required<'a>(
    place: &Place,
    table: &'a Map<String, Value>,
    key: &str,
) -> Result<&'a Value, SnapshotError> {
    table.get(key).map_or_else(|| place.fail("is missing"), Ok)
}

pub(super) fn object<'a>(
    place: &Place,
    value: &'a Value,
) -> Result<&'a Map<String, Value>, SnapshotError> {
    value.as_object().map_or_else(
        || place.fail(format!("expected an object, found {}", kind(value))),
        Ok,
    )
}

pub(super) fn array<'a>(place: &Place, value: &'a Value) -> Result<&'a Vec<Value>, SnapshotError> {
    value.as_array().map_or_else(
        || place.fail(format!("expected an array, found {}", kind(value))),
        Ok,
    )
}

pub(super) fn text(
    place: &Place,
    table: &Map<String, Value>,
    key: &str,
) -> Result<String, SnapshotError> {
    let place = place.key(key);
    let value = required(&place, table, key)?;
    value.as_str().map_or_else(
        || place.fail(format!("expected a text, found {}", kind(value))),
        |text| Ok(text.to_owned()),
    )
}

pub(super) fn whole(
    place: &Place,
    table: &Map<String, Value>,
    key: &str,
) -> Result<u32, SnapshotError> {
    let place = place.key(key);
    let value = required(&place, table, key)?;
    value
        .as_u64()
        .and_then(|number| u32::try_from(number).ok())
        .map_or_else(|| place.fail("expected a whole number"), Ok)
}

/// The length of a block.
pub(super) fn block(place: &Place, table: &Map<String, Value>) -> Result<Period, SnapshotError> {
    const KEY: &str = "block_seconds";
    match whole(place, table, KEY)? {
        0 => place.key(KEY).fail("a block has a length above 0"),
        seconds => Ok(Period::from_seconds(seconds)),
    }
}

pub(super) fn instant(
    place: &Place,
    table: &Map<String, Value>,
    key: &str,
) -> Result<Instant, SnapshotError> {
    let written = text(place, table, key)?;
    match chrono::DateTime::parse_from_rfc3339(&written) {
        Ok(instant) => Ok(instant.to_utc()),
        Err(_) => place.key(key).fail(format!(
            "`{written}` is not an instant such as 2026-11-22T12:00:00Z"
        )),
    }
}

pub(super) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Runs of blocks: the ends of the first and the last of each.
pub(super) fn runs(place: &Place, value: &Value) -> Result<Vec<(i64, i64)>, SnapshotError> {
    let run = |(index, value): (usize, &Value)| {
        let place = place.index(index);
        let ends: Vec<Option<i64>> = array(&place, value)?.iter().map(Value::as_i64).collect();
        match ends.as_slice() {
            [Some(first), Some(last)] if first <= last => Ok((*first, *last)),
            _ => place.fail("expected the ends of a first and a last block, in whole Unix seconds"),
        }
    };
    array(place, value)?.iter().enumerate().map(run).collect()
}

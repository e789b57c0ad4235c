//! The numbers of an arm from JSON: its columns, its buckets, and the ends of its blocks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::plan::{Column, Word as _};

use super::apart::together;
use super::beside::OtherGroup;
use super::entry::BETWEEN;
use super::packed::{Numbers, Other, unpacked};
use super::place::{Place, array, kind, object, required};
use super::{ArmSeries, Series, SnapshotError};

/// One arm's columns and buckets; of a group of a history, beside the other that its texts refer to.
pub(super) fn arm(
    place: &Place,
    value: &Value,
    blocks: usize,
    other: OtherGroup<'_>,
) -> Result<ArmSeries, SnapshotError> {
    let table = object(place, value)?;
    let mut columns = BTreeMap::new();
    // Other keys are for later versions.
    for column in Column::ALL.iter().filter(|c| **c != Column::Histogram) {
        let key = column.series();
        if let Some(value) = table.get(key) {
            let (numbers, other) = (Numbers::of(*column), other.column(*column));
            let series = series(&place.key(key), value, blocks, (numbers, other))?;
            columns.insert(*column, series);
        }
    }
    // Counts between bounds fall below zero where those up to them are uneven.
    let is_apart = table.get(BETWEEN).and_then(Value::as_bool) == Some(true);
    let counts = if is_apart {
        Numbers::Any
    } else {
        Numbers::Counts
    };
    let mut buckets = Vec::new();
    if let Some(value) = table.get("le") {
        let place = place.key("le");
        for (bound, value) in object(&place, value)? {
            let place = place.key(bound);
            let bound = upper_bound(&place, bound)?;
            let counts = (counts, other.bucket(bound));
            buckets.push((bound, series(&place, value, blocks, counts)?));
        }
        buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        merge_equal_bounds(&mut buckets);
        if buckets
            .last()
            .is_none_or(|(bound, _)| *bound != f64::INFINITY)
        {
            return place.fail("the bucket `+Inf` is missing: it holds all observations");
        }
    }
    let group = ArmSeries { columns, buckets };
    if !is_apart {
        return Ok(group);
    }
    together(group).map_or_else(|| place.key("le").fail("a count is below zero"), Ok)
}

/// `1` and `1.0` are one bucket: what both count adds up.
fn merge_equal_bounds(buckets: &mut Vec<(f64, Series)>) {
    buckets.dedup_by(|later, first| {
        let same = later.0.total_cmp(&first.0).is_eq();
        if same {
            for (sum, value) in first.1.iter_mut().zip(&later.1) {
                *sum = match (*sum, *value) {
                    (Some(a), Some(b)) => Some(a + b),
                    (one, other) => one.or(other),
                };
            }
        }
        same
    });
}

/// A bucket's upper bound as it is written.
pub(super) fn upper_bound(place: &Place, text: &str) -> Result<f64, SnapshotError> {
    match text.parse::<f64>() {
        Ok(bound) if !bound.is_nan() && bound != f64::NEG_INFINITY => Ok(bound),
        Ok(_) | Err(_) => place.fail("the bound of a bucket is a number or `+Inf`"),
    }
}

/// The ends of blocks in Unix seconds, which increase.
pub(super) fn ends(place: &Place, table: &Map<String, Value>) -> Result<Vec<i64>, SnapshotError> {
    let place = place.key("ends");
    if let Some(run) = table.get("ends").and_then(Value::as_object) {
        return gapless(&place, run);
    }
    let items = array(&place, required(&place, table, "ends")?)?;
    let mut ends: Vec<i64> = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let Some(end) = item.as_i64() else {
            return place
                .index(index)
                .fail("a block's end is a whole number of Unix seconds");
        };
        if ends.last().is_some_and(|before| *before >= end) {
            return place
                .index(index)
                .fail("block ends increase, and this one does not");
        }
        ends.push(end);
    }
    Ok(ends)
}

/// One number a block: an array, or the text of [`super::packed`] of such numbers beside another series.
pub(super) fn series(
    place: &Place,
    value: &Value,
    blocks: usize,
    (numbers, other): (Numbers, Other<'_>),
) -> Result<Series, SnapshotError> {
    if let Some(text) = value.as_str() {
        return match unpacked(text, blocks, numbers, other) {
            Some(series) => Ok(series),
            None => place.fail("expected a number for each block, such as `0*40 1 -`"),
        };
    }
    let items = array(place, value)?;
    if items.len() != blocks {
        return place.fail(format!(
            "{} {}, but ends has {blocks}",
            items.len(),
            if items.len() == 1 { "entry" } else { "entries" },
        ));
    }
    items
        .iter()
        .enumerate()
        .map(|(index, item)| match item {
            Value::Null => Ok(None),
            Value::Number(number) => match number.as_f64().filter(|n| n.is_finite()) {
                Some(number) => Ok(Some(number)),
                None => place.index(index).fail("the number is not finite"),
            },
            Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => place
                .index(index)
                .fail(format!("expected a number or null, found {}", kind(item))),
        })
        .collect()
}

/// Ends that follow one another, from the first to the last.
fn gapless(place: &Place, run: &Map<String, Value>) -> Result<Vec<i64>, SnapshotError> {
    /// Months of the shortest blocks.
    const MOST: i64 = 1_000_000;
    let number = |key: &str| match run.get(key).and_then(Value::as_i64) {
        Some(number) => Ok(number),
        None => place.key(key).fail("expected whole Unix seconds"),
    };
    let (first, last, every) = (number("first")?, number("last")?, number("every")?);
    let blocks = last
        .checked_sub(first)
        .filter(|span| every > 0 && *span >= 0 && span % every == 0 && span / every < MOST);
    match blocks {
        Some(span) => Ok((0..=span / every).map(|k| first + k * every).collect()),
        None => place.fail("expected the first end, the last, and seconds between two of them"),
    }
}

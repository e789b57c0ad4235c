//! The history of a stage from the JSON of its record. Every complaint names the place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::plan::{Column, Word as _};
use crate::units::{Digest, Period};

use super::apart::together;
use super::entry::{BETWEEN, FORMAT};
use super::numbers::upper_bound;
use super::packed::{Numbers, Other, unpacked};
use super::place::{Place, array, block, instant, object, required, text, texts, whole};
use super::read_history::unsplit;
use super::{ArmSeries, AskedHistory, EntryHistory, History, SnapshotError, sums};

/// The format before, whose numbers are made alike and take more characters.
const BEFORE: &str = "rollout-entry-history/2";

/// Blocks of one guardrail that are read at most: months of the shortest.
const MOST_BLOCKS: u32 = 200_000;

impl EntryHistory {
    /// Reads one.
    ///
    /// # Errors
    /// When it is of another version or does not have the right shape.
    pub fn read(value: &Value) -> Result<Self, SnapshotError> {
        let place = Place::root();
        let table = object(&place, value)?;
        let format = text(&place, table, "format")?;
        if ![FORMAT, BEFORE].contains(&format.as_str()) {
            return place.key("format").fail(format!(
                "`{format}` is not a format this version reads; it reads `{FORMAT}`"
            ));
        }
        let block = block(&place, table)?;
        let guardrails = {
            let place = place.key("guardrails");
            object(&place, required(&place, table, "guardrails")?)?
                .iter()
                .map(|(name, value)| Ok((name.clone(), asked(&place.key(name), value, block)?)))
                .collect::<Result<_, SnapshotError>>()?
        };
        Ok(Self {
            asked_at: instant(&place, table, "asked_at")?,
            source: text(&place, table, "source")?,
            entered_at: instant(&place, table, "entered_at")?,
            block,
            guardrails,
        })
    }
}

impl AskedHistory {
    pub(super) fn unpacked(
        &self,
        place: &Place,
        table: &Map<String, Value>,
    ) -> Result<History, SnapshotError> {
        let groups = {
            let place = place.key("groups");
            let is_apart = table.get(BETWEEN).and_then(Value::as_bool) == Some(true);
            array(&place, required(&place, table, "groups")?)?
                .iter()
                .enumerate()
                .map(|(index, value)| group(&place.index(index), value, (self, is_apart)))
                .collect::<Result<_, _>>()?
        };
        let instances = match table.get("instances") {
            None => sums::read(place, table)?,
            Some(value) => {
                let place = place.key("instances");
                object(&place, value)?
                    .iter()
                    .map(|(name, value)| {
                        let sums = older_sums(&place.key(name), value, &self.columns)?;
                        Ok((name.clone(), sums))
                    })
                    .collect::<Result<_, SnapshotError>>()?
            }
        };
        Ok(History {
            ends: self.ends().collect(),
            block: self.block,
            groups,
            instances,
        })
    }
}

fn asked(place: &Place, value: &Value, block: Period) -> Result<AskedHistory, SnapshotError> {
    let table = object(place, value)?;
    let Some(questions) = Digest::parse(&text(place, table, "questions")?) else {
        return place.key("questions").fail("expected a digest");
    };
    let blocks = whole(place, table, "blocks")?;
    if blocks > MOST_BLOCKS {
        return place.key("blocks").fail("there are too many");
    }
    let first_end = table.get("first_end").and_then(Value::as_i64);
    if first_end.is_none() && blocks > 0 {
        return place.key("first_end").fail("expected whole Unix seconds");
    }
    let asked = AskedHistory {
        questions,
        first_end,
        blocks: blocks as usize,
        columns: columns(place, table)?,
        bounds: match table.get("bounds") {
            None => Vec::new(),
            Some(_) => texts(place, table, "bounds")?
                .iter()
                .map(|text| upper_bound(&place.key("bounds"), text))
                .collect::<Result<_, _>>()?,
        },
        unsplit: unsplit(place, table)?,
        block,
        packed: value.clone(),
    };
    asked.unpacked(place, table)?;
    Ok(asked)
}

fn columns(place: &Place, table: &Map<String, Value>) -> Result<Vec<Column>, SnapshotError> {
    let place = place.key("columns");
    array(&place, required(&place, table, "columns")?)?
        .iter()
        .enumerate()
        .map(|(index, value)| {
            let known = Column::ALL
                .iter()
                .find(|column| Some(column.series()) == value.as_str());
            known.map_or_else(
                || place.index(index).fail("expected the name of a column"),
                |column| Ok(*column),
            )
        })
        .collect()
}

/// One group: a text for each column, then one for each bound, or nothing at all.
fn group(
    place: &Place,
    value: &Value,
    (of, is_apart): (&AskedHistory, bool),
) -> Result<ArmSeries, SnapshotError> {
    let texts = array(place, value)?;
    let (columns, bounds) = (&of.columns, &of.bounds);
    if !texts.is_empty() && texts.len() != columns.len() + bounds.len() {
        return place.fail("expected one text for each column and bound");
    }
    let read = |(index, value): (usize, &Value), numbers: Numbers| {
        if value.is_null() {
            return Ok(None);
        }
        let series = value.as_str();
        let series = series.and_then(|text| unpacked(text, of.blocks, numbers, Other::default()));
        match series {
            Some(series) => Ok(Some(series)),
            None => place.index(index).fail("expected a number for each block"),
        }
    };
    let mut group = ArmSeries::default();
    let mut texts = texts.iter().enumerate();
    for (column, text) in columns.iter().zip(texts.by_ref()) {
        if let Some(series) = read(text, Numbers::of(*column))? {
            group.columns.insert(*column, series);
        }
    }
    // Counts between bounds fall below zero where those up to them are uneven.
    let counts = if is_apart {
        Numbers::Any
    } else {
        Numbers::Counts
    };
    for (bound, text) in bounds.iter().zip(texts) {
        if let Some(series) = read(text, counts)? {
            group.buckets.push((*bound, series));
        }
    }
    if !is_apart {
        return Ok(group);
    }
    together(group).map_or_else(|| place.fail("a count is below zero"), Ok)
}

/// What an instance adds up to, in the order of the columns, as older records have it.
fn older_sums(
    place: &Place,
    value: &Value,
    columns: &[Column],
) -> Result<BTreeMap<Column, f64>, SnapshotError> {
    let values = array(place, value)?;
    if values.len() != columns.len() {
        return place.fail("expected one number for each column");
    }
    let mut sums = BTreeMap::new();
    for (index, (column, value)) in columns.iter().zip(values).enumerate() {
        match value.as_f64().filter(|sum| sum.is_finite()) {
            _ if value.is_null() => None,
            Some(sum) => sums.insert(*column, sum),
            None => return place.index(index).fail("expected a number"),
        };
    }
    Ok(sums)
}

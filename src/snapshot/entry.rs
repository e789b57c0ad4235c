//! The history of the unexposed arm as it was when a stage was entered: asked for once, kept in the record
//! of the decision that entered it, and read from there as long as the stage lasts.
//!
//! In a record it is a JSON object in columns, a text for each ([`super::packed`]):
//!
//! ```text
//! {"format": "rollout-history/2", "asked_at": "...", "source": "http://...", "entered_at": "...", "block_seconds": 300,
//!  "guardrails": {"checkout-errors": {"questions": "sha256:...", "first_end": 1795262700, "blocks": 287,
//!    "columns": ["events", "total"], "groups": [["0*80 1 0*206", "290 288*2 ..."], [], ...],
//!    "instances": {"pod-a": [12, 83520]}}}}
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::plan::{Column, Word as _};
use crate::units::{Digest, Instant, Period};

use super::packed::{packed, unpacked};
use super::place::{Place, array, instant, object, required, text, whole};
use super::wire::{number, rfc3339};
use super::{ArmSeries, History, Series, SnapshotError};

/// The format's name and version. The version also stands for how the numbers are made: groups, sums and
/// the rules of increments.
const FORMAT: &str = "rollout-history/2";

/// Blocks of one guardrail that are read at most: months of the shortest.
const MOST_BLOCKS: u32 = 200_000;

/// What was asked of the time before a stage.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryHistory {
    /// When it was asked.
    pub asked_at: Instant,
    /// Whom: the base URL without credentials.
    pub source: String,
    /// When the stage was entered.
    pub entered_at: Instant,
    /// Length of a block.
    pub block: Period,
    /// By guardrail name.
    pub guardrails: BTreeMap<String, AskedHistory>,
}

/// What was asked for one guardrail.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedHistory {
    /// The digest of the questions: the selectors, the arms and the length of a block.
    pub questions: Digest,
    /// What came back, as it came: what the blocks of the stage may still show of the source is not
    /// taken out.
    pub history: History,
}

impl EntryHistory {
    /// The JSON document that [`EntryHistory::read`] reads back.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let Self {
            asked_at,
            source,
            entered_at,
            block,
            guardrails,
        } = self;
        let guardrails: Map<String, Value> = guardrails
            .iter()
            .map(|(name, asked)| (name.clone(), asked.to_json()))
            .collect();
        json!({
            "format": FORMAT,
            "asked_at": rfc3339(*asked_at),
            "source": source,
            "entered_at": rfc3339(*entered_at),
            "block_seconds": block.seconds(),
            "guardrails": guardrails,
        })
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is of another version or does not have the right shape.
    pub fn read(value: &Value) -> Result<Self, SnapshotError> {
        let place = Place::root();
        let table = object(&place, value)?;
        let format = text(&place, table, "format")?;
        if format != FORMAT {
            return place.key("format").fail(format!(
                "`{format}` is not a format this version reads; it reads `{FORMAT}`"
            ));
        }
        let block = match whole(&place, table, "block_seconds")? {
            0 => {
                return place
                    .key("block_seconds")
                    .fail("a block has a length above 0");
            }
            seconds => Period::from_seconds(seconds),
        };
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
    fn to_json(&self) -> Value {
        let Self { questions, history } = self;
        let History {
            ends,
            groups,
            instances,
        } = history;
        let columns: Vec<Column> = Column::ALL
            .iter()
            .copied()
            .filter(|column| {
                groups.iter().any(|group| group.column(*column).is_some())
                    || instances.values().any(|sums| sums.contains_key(column))
            })
            .collect();
        let group = |group: &ArmSeries| -> Vec<Value> {
            if group.is_empty() {
                return Vec::new();
            }
            let column = |column: &Column| group.column(*column).map(packed);
            columns.iter().map(|one| json!(column(one))).collect()
        };
        let sums = |sums: &BTreeMap<Column, f64>| -> Vec<Value> {
            let sum = |column: &Column| number(sums.get(column).copied());
            columns.iter().map(sum).collect()
        };
        json!({
            "questions": questions.as_str(),
            "first_end": ends.first(),
            "blocks": ends.len(),
            "columns": columns.iter().map(|column| column.series()).collect::<Vec<_>>(),
            "groups": groups.iter().map(group).collect::<Vec<_>>(),
            "instances": instances
                .iter()
                .map(|(name, of)| (name.clone(), Value::from(sums(of))))
                .collect::<Map<_, _>>(),
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
    let ends: Vec<i64> = match table.get("first_end").and_then(Value::as_i64) {
        Some(first) => (0..i64::from(blocks))
            .map(|block_number| first.saturating_add(block_number * i64::from(block.seconds())))
            .collect(),
        None if blocks == 0 => Vec::new(),
        None => return place.key("first_end").fail("expected whole Unix seconds"),
    };
    let columns = columns(place, table)?;
    let lists = |key: &str| -> Result<Vec<Value>, SnapshotError> {
        let place = place.key(key);
        Ok(array(&place, required(&place, table, key)?)?.clone())
    };
    let groups = lists("groups")?
        .iter()
        .enumerate()
        .map(|(index, value)| {
            group(
                &place.key("groups").index(index),
                value,
                &columns,
                ends.len(),
            )
        })
        .collect::<Result<_, _>>()?;
    let instances = {
        let place = place.key("instances");
        object(&place, required(&place, table, "instances")?)?
            .iter()
            .map(|(name, value)| Ok((name.clone(), sums(&place.key(name), value, &columns)?)))
            .collect::<Result<_, SnapshotError>>()?
    };
    Ok(AskedHistory {
        questions,
        history: History {
            ends,
            groups,
            instances,
        },
    })
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

/// One group: a text for each column, or nothing at all.
fn group(
    place: &Place,
    value: &Value,
    columns: &[Column],
    blocks: usize,
) -> Result<ArmSeries, SnapshotError> {
    let texts = array(place, value)?;
    if !texts.is_empty() && texts.len() != columns.len() {
        return place.fail("expected one text for each column");
    }
    let mut group = ArmSeries::default();
    for (index, (column, value)) in columns.iter().zip(texts).enumerate() {
        if value.is_null() {
            continue;
        }
        let series: Option<Series> = value.as_str().and_then(|text| unpacked(text, blocks));
        match series {
            Some(series) => group.columns.insert(*column, series),
            None => return place.index(index).fail("expected a number for each block"),
        };
    }
    Ok(group)
}

/// What an instance adds up to, in the order of the columns.
fn sums(
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

#[cfg(test)]
mod tests {
    use super::*;

    /// 24 hours in blocks of five minutes, eight groups, and so many guardrails.
    fn day(guardrails: usize) -> EntryHistory {
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let mut draw = 7_u64;
        let mut roll = |sides: u64| {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from(u32::try_from((draw >> 33) % sides).unwrap())
        };
        let mut group = || ArmSeries {
            columns: [
                (
                    Column::Events,
                    (0..288).map(|_| Some(f64::from(roll(10) < 2.0))).collect(),
                ),
                (
                    Column::Total,
                    (0..288).map(|_| Some(3_000.0 + roll(200))).collect(),
                ),
            ]
            .into(),
            buckets: Vec::new(),
        };
        let mut history = || History {
            ends: (1..=288).map(|k| 1_700_000_100 + 300 * k).collect(),
            groups: (0..8).map(|_| group()).collect(),
            instances: (0..40)
                .map(|k| {
                    let sums = [(Column::Events, 12.0), (Column::Total, 864_000.0)];
                    (format!("checkout-7f9c6d5b8-{k:05}"), sums.into())
                })
                .collect(),
        };
        EntryHistory {
            asked_at: at(1_700_086_500),
            source: "http://localhost:9090".into(),
            entered_at: at(1_700_086_500),
            block: Period::from_minutes(5),
            guardrails: (0..guardrails)
                .map(|k| {
                    let asked = AskedHistory {
                        questions: Digest::of(&[0]),
                        history: history(),
                    };
                    (format!("guardrail-{k}"), asked)
                })
                .collect(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut history = day(2);
        let asked = history.guardrails.get_mut("guardrail-0").unwrap();
        asked.history.groups[3] = ArmSeries::default();
        asked.history.groups[4].columns.remove(&Column::Events);
        asked
            .history
            .instances
            .insert("idle".into(), [(Column::Total, 0.5)].into());
        assert_eq!(EntryHistory::read(&history.to_json()).unwrap(), history);
    }

    #[test]
    fn a_day_of_five_guardrails_is_below_a_hundred_kilobytes() {
        let bytes = day(5).to_json().to_string().len();
        assert!((50_000..100_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn what_has_another_shape_is_not_read() {
        let changes: [(&str, Value); 7] = [
            ("/format", json!("rollout-history/1")),
            ("/block_seconds", json!(0)),
            ("/guardrails/guardrail-0/questions", json!("sha256:no")),
            ("/guardrails/guardrail-0/blocks", json!(287)),
            ("/guardrails/guardrail-0/blocks", json!(4_000_000_000_u32)),
            ("/guardrails/guardrail-0/columns", json!(["events"])),
            ("/guardrails/guardrail-0/groups/1/0", json!("0*287 -1")),
        ];
        for (pointer, value) in changes {
            let mut document = day(1).to_json();
            *document.pointer_mut(pointer).unwrap() = value;
            assert!(EntryHistory::read(&document).is_err(), "{pointer}");
        }
    }
}

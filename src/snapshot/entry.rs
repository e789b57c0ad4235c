//! The history of the unexposed arm as it was when a stage was entered: asked for once, kept in the record
//! of the decision that entered it, and read from there as long as the stage lasts.
//!
//! In a record it is a JSON object in columns, a text for each ([`super::packed`]):
//!
//! ```text
//! {"format": "rollout-entry-history/2", "asked_at": "...", "source": "http://...", "entered_at": "...", "block_seconds": 300,
//!  "guardrails": {"checkout-errors": {"questions": "sha256:...", "first_end": 1795262700, "blocks": 287,
//!    "columns": ["events", "total"], "groups": [["0*80 1 0*206", "290 288*2 ..."], [], ...],
//!    "instances": {"pod-a": [12, 83520]}}}}
//! ```
//!
//! A histogram has `bounds`, and a text for each of them after those of the columns; what is not there in
//! groups says why (`unsplit`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::plan::{Column, Word as _};
use crate::units::{Digest, Instant, Period};

use super::numbers::upper_bound;
use super::packed::{packed, unpacked};
use super::place::{Place, array, instant, object, required, text, texts, whole};
use super::read_history::unsplit;
use super::wire::{bound_text, number, rfc3339};
use super::{ArmSeries, History, SnapshotError, Unsplit};

/// The format's name and version. The version also stands for how the numbers are made: groups, sums and
/// the rules of increments.
const FORMAT: &str = "rollout-entry-history/2";

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

/// What was asked for one guardrail. It stays as short as it is in a record until somebody judges by it:
/// a thousand plans have some.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedHistory {
    /// The digest of the questions: the selectors, the arms and the length of a block.
    pub questions: Digest,
    /// The end of the first block in Unix seconds; `None` where there is no block.
    pub first_end: Option<i64>,
    /// Number of blocks, one after the other.
    pub blocks: usize,
    /// Which numbers there are besides a histogram's.
    pub columns: Vec<Column>,
    /// Upper bounds of a histogram's buckets.
    pub bounds: Vec<f64>,
    /// Why there are no groups, where there are none.
    pub unsplit: Option<Unsplit>,
    /// Length of a block.
    block: Period,
    /// The JSON, whose shape is known to be right.
    packed: Value,
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
            .map(|(name, asked)| (name.clone(), asked.packed.clone()))
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

    /// What was asked, without what came back: of thousands of plans that is all that is held at a time.
    #[must_use]
    pub fn outline(mut self) -> Self {
        for asked in self.guardrails.values_mut() {
            asked.packed = Value::Null;
        }
        self
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
    /// What came back for questions with this digest, as it came: what the blocks of the stage may still show
    /// of the source is not taken out. The blocks have this length and follow one another.
    #[must_use]
    pub fn of(
        questions: Digest,
        history: Option<&History>,
        unsplit: Option<Unsplit>,
        block: Period,
    ) -> Self {
        let nothing = History::default();
        let History {
            ends,
            block: _,
            groups,
            instances,
        } = history.unwrap_or(&nothing);
        let columns: Vec<Column> = Column::ALL
            .iter()
            .copied()
            .filter(|column| {
                groups.iter().any(|group| group.column(*column).is_some())
                    || instances.values().any(|sums| sums.contains_key(column))
            })
            .collect();
        let mut bounds: Vec<f64> = Vec::new();
        for (bound, _) in groups.iter().flat_map(|group| &group.buckets) {
            if !bounds.iter().any(|known| known.total_cmp(bound).is_eq()) {
                bounds.push(*bound);
            }
        }
        bounds.sort_by(f64::total_cmp);
        let group = |group: &ArmSeries| -> Vec<Value> {
            if group.is_empty() {
                return Vec::new();
            }
            let column = |column: &Column| group.column(*column).map(packed);
            let bucket = |bound: &f64| {
                let mut known = group.buckets.iter();
                let found = known.find(|(known, _)| known.total_cmp(bound).is_eq());
                found.map(|(_, series)| packed(series))
            };
            let columns = columns.iter().map(|one| json!(column(one)));
            columns
                .chain(bounds.iter().map(|one| json!(bucket(one))))
                .collect()
        };
        let sums = |sums: &BTreeMap<Column, f64>| -> Vec<Value> {
            let sum = |column: &Column| number(sums.get(column).copied());
            columns.iter().map(sum).collect()
        };
        let mut packed = json!({
            "questions": questions.as_str(),
            "first_end": ends.first(),
            "blocks": ends.len(),
            "columns": columns.iter().map(|column| column.series()).collect::<Vec<_>>(),
            "groups": groups.iter().map(group).collect::<Vec<_>>(),
            "instances": instances
                .iter()
                .map(|(name, of)| (name.clone(), Value::from(sums(of))))
                .collect::<Map<_, _>>(),
        });
        if !bounds.is_empty() {
            let texts = bounds.iter().map(|bound| bound_text(*bound));
            packed["bounds"] = texts.collect();
        }
        if let Some(why) = unsplit {
            packed["unsplit"] = why.word().into();
        }
        Self {
            questions,
            first_end: ends.first().copied(),
            blocks: ends.len(),
            columns,
            bounds,
            unsplit,
            block,
            packed,
        }
    }

    /// Length of a block.
    #[must_use]
    pub const fn block(&self) -> Period {
        self.block
    }

    /// Block ends in Unix seconds, increasing.
    pub fn ends(&self) -> impl Iterator<Item = i64> + use<> {
        let step = i64::from(self.block.seconds());
        let ends = std::iter::successors(self.first_end, move |end| end.checked_add(step));
        ends.take(self.blocks)
    }

    /// Whether this is an outline of one: see [`EntryHistory::outline`].
    #[must_use]
    pub fn is_outline(&self) -> bool {
        self.packed.is_null()
    }

    /// Whether this is the whole of such an outline.
    #[must_use]
    pub fn fills(&self, outline: &Self) -> bool {
        let Self {
            questions,
            first_end,
            blocks,
            columns,
            bounds,
            unsplit,
            block,
            packed: _,
        } = self;
        *questions == outline.questions
            && (*first_end, *blocks, *block) == (outline.first_end, outline.blocks, outline.block)
            && (columns, bounds, unsplit) == (&outline.columns, &outline.bounds, &outline.unsplit)
            && !self.is_outline()
    }

    /// What came back; `None` in an outline, and where the JSON is not what [`EntryHistory::read`] has seen.
    #[must_use]
    pub fn history(&self) -> Option<History> {
        if self.blocks == 0 {
            return None;
        }
        let place = Place::root();
        let table = object(&place, &self.packed).ok()?;
        self.unpacked(&place, table).ok()
    }

    fn unpacked(
        &self,
        place: &Place,
        table: &Map<String, Value>,
    ) -> Result<History, SnapshotError> {
        let groups = {
            let place = place.key("groups");
            array(&place, required(&place, table, "groups")?)?
                .iter()
                .enumerate()
                .map(|(index, value)| group(&place.index(index), value, self))
                .collect::<Result<_, _>>()?
        };
        let instances = {
            let place = place.key("instances");
            object(&place, required(&place, table, "instances")?)?
                .iter()
                .map(|(name, value)| {
                    Ok((name.clone(), sums(&place.key(name), value, &self.columns)?))
                })
                .collect::<Result<_, SnapshotError>>()?
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
fn group(place: &Place, value: &Value, of: &AskedHistory) -> Result<ArmSeries, SnapshotError> {
    let texts = array(place, value)?;
    let (columns, bounds) = (&of.columns, &of.bounds);
    if !texts.is_empty() && texts.len() != columns.len() + bounds.len() {
        return place.fail("expected one text for each column and bound");
    }
    let numbers = |(index, value): (usize, &Value)| {
        if value.is_null() {
            return Ok(None);
        }
        let text = value.as_str();
        match text.and_then(|text| unpacked(text, of.blocks)) {
            Some(series) => Ok(Some(series)),
            None => place.index(index).fail("expected a number for each block"),
        }
    };
    let mut group = ArmSeries::default();
    let mut texts = texts.iter().enumerate();
    for (column, text) in columns.iter().zip(texts.by_ref()) {
        if let Some(series) = numbers(text)? {
            group.columns.insert(*column, series);
        }
    }
    for (bound, text) in bounds.iter().zip(texts) {
        if let Some(series) = numbers(text)? {
            group.buckets.push((*bound, series));
        }
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
mod tests;

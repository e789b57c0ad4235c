//! The history of the unexposed arm as it was when a stage was entered: asked for once, kept in the record
//! of the decision that entered it, and read from there as long as the stage lasts.
//!
//! In a record it is a JSON object in columns, a text for each ([`super::packed`]), with what each instance
//! adds up to ([`super::sums`]):
//!
//! ```text
//! {"format": "rollout-entry-history/3", "asked_at": "...", "source": "http://...", "entered_at": "...", "block_seconds": 300,
//!  "guardrails": {"checkout-errors": {"questions": "sha256:...", "first_end": 1795262700, "blocks": 287,
//!    "columns": ["events", "total"], "groups": [["0*80 1 0*206", "~287,0,3,5,290,<Z85>"], [], ...],
//!    "names": ["0:pod-a"], "sums": {"events": "12", "total": "83520"}}}}
//! ```
//!
//! A histogram has `bounds`, and a text for each of them after those of the columns, of the counts between
//! them where it says so (`between`); what is not there in groups says why (`unsplit`). How it is read is
//! [`super::read_entry`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::plan::{Column, Word as _};
use crate::units::{Digest, Instant, Period};

use super::apart::apart;
use super::packed::{Other, packed};
use super::place::{Place, object};
use super::wire::{bound_text, rfc3339};
use super::{ArmSeries, History, Series, Unsplit, sums};

/// The format's name and version. The version also stands for how the numbers are made: groups, sums and
/// the rules of increments.
pub(super) const FORMAT: &str = "rollout-entry-history/3";

/// The key that says that a histogram's counts are those between its bounds.
pub(super) const BETWEEN: &str = "between";

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
    pub(super) block: Period,
    /// The JSON, whose shape is known to be right; null in an outline.
    pub(super) packed: Value,
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
        let apart: Option<Vec<ArmSeries>> = groups.iter().map(apart).collect();
        let is_apart = apart.is_some() && !bounds.is_empty();
        let written = apart.as_deref().unwrap_or(groups);
        let group = |group: &ArmSeries| -> Vec<Value> {
            if group.is_empty() {
                return Vec::new();
            }
            let text = |series: &Series| packed(series, Other::default());
            let column = |column: &Column| group.column(*column).map(text);
            let bucket = |bound: &f64| {
                let mut known = group.buckets.iter();
                let found = known.find(|(known, _)| known.total_cmp(bound).is_eq());
                found.map(|(_, series)| text(series))
            };
            let columns = columns.iter().map(|one| json!(column(one)));
            columns
                .chain(bounds.iter().map(|one| json!(bucket(one))))
                .collect()
        };
        let mut packed = Map::new();
        packed.insert("questions".into(), questions.as_str().into());
        packed.insert("first_end".into(), json!(ends.first()));
        packed.insert("blocks".into(), ends.len().into());
        let names = columns.iter().map(|column| column.series());
        packed.insert("columns".into(), names.collect());
        let texts = written.iter().map(group);
        packed.insert("groups".into(), texts.collect());
        sums::put(instances, &mut packed);
        if !bounds.is_empty() {
            let texts = bounds.iter().map(|bound| bound_text(*bound));
            packed.insert("bounds".into(), texts.collect());
        }
        if is_apart {
            packed.insert(BETWEEN.into(), true.into());
        }
        if let Some(why) = unsplit {
            packed.insert("unsplit".into(), why.word().into());
        }
        Self {
            questions,
            first_end: ends.first().copied(),
            blocks: ends.len(),
            columns,
            bounds,
            unsplit,
            block,
            packed: packed.into(),
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

    /// Whether this is an outline of one that holds something: see [`EntryHistory::outline`].
    #[must_use]
    pub fn is_outline(&self) -> bool {
        self.blocks > 0 && self.packed.is_null()
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
}

#[cfg(test)]
mod tests;

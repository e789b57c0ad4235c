//! The series of one answer as they stream in: labels once each, one number a block. Pure.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::rc::Rc;

// Every label of every series of an answer is looked up.
use foldhash::fast::RandomState;

use super::counted::Unknown;
use super::series::{ABSENT, UNKNOWN};
use crate::prometheus::Grid;
use crate::prometheus::stream::Streamed;

/// Numbers that are kept of one counter: 128 MiB.
pub(in crate::prometheus) const MOST_VALUES: usize = 16 * 1_024 * 1_024;

/// A text that was met, by number.
pub(super) type Symbol = u32;

/// Each text once.
#[derive(Debug, Default)]
pub(super) struct Texts {
    numbers: HashMap<Rc<str>, Symbol, RandomState>,
    texts: Vec<Rc<str>>,
}

impl Texts {
    pub(super) fn number(&mut self, text: &str) -> Symbol {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Rc<str> = text.into();
        let number = Symbol::try_from(self.texts.len()).unwrap_or(Symbol::MAX);
        self.numbers.insert(Rc::clone(&text), number);
        self.texts.push(text);
        number
    }

    pub(super) fn text(&self, number: Symbol) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// All of them, by number.
    pub(super) fn all(&self) -> &[Rc<str>] {
        &self.texts
    }

    pub(super) fn known(&self, text: &str) -> Option<Symbol> {
        self.numbers.get(text).copied()
    }
}

/// Names and values, by number, in the order of the names' numbers.
pub(super) type Named = Box<[(Symbol, Symbol)]>;

/// One series.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) labels: Named,
    /// The last value within each block; see [`super::series`].
    pub(super) values: Vec<f64>,
    /// How many blocks before the first it was seen last.
    pub(super) seen_before: Option<usize>,
    /// Samples around the restarts of its process.
    pub(super) samples: Vec<(i64, f64)>,
    /// What was asked of the time before the values.
    pub(super) memory: Option<Memory>,
}

/// When a series was seen before its values begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    /// Everything from this block end on was asked about.
    pub(super) since: i64,
    /// The last block end at which it was there.
    pub(super) seen: Option<i64>,
}

impl Series {
    /// The value of a label, by number.
    pub(super) fn label(&self, name: Symbol) -> Option<Symbol> {
        let place = self
            .labels
            .binary_search_by_key(&name, |(name, _)| *name)
            .ok()?;
        Some(self.labels[place].1)
    }
}

/// The series of one counter at the ends of equal blocks.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) texts: Texts,
    pub(super) series: Vec<Series>,
    by_labels: HashMap<Named, usize, RandomState>,
    /// The blocks that are wanted, those of the lead included.
    pub(super) grid: Grid,
    /// The blocks of the values: those, and what a cache holds besides.
    pub(super) span: Grid,
    /// How many series came with native histograms.
    pub(super) native: usize,
    /// Values that are taken for missing: series, block and what they were.
    masked: Vec<(usize, usize, f64)>,
}

impl Store {
    /// What it holds at most, in MiB.
    pub(super) const LIMIT_MIB: usize = MOST_VALUES * size_of::<f64>() / (1_024 * 1_024);

    /// For these blocks, those of the lead included.
    pub(super) fn new(grid: Grid) -> Self {
        Self {
            texts: Texts::default(),
            series: Vec::new(),
            by_labels: HashMap::default(),
            grid,
            span: grid,
            native: 0,
            masked: Vec::new(),
        }
    }

    /// For these blocks, among more of which values are known already.
    pub(super) fn within(span: Grid, grid: Grid) -> Self {
        Self {
            span: span.union(&grid),
            ..Self::new(grid)
        }
    }

    /// The values of a series in the blocks that are wanted.
    pub(super) fn values<'a>(&self, series: &'a Series) -> &'a [f64] {
        &series.values[self.span.places(&self.grid)]
    }

    /// The series by number, in the order of their labels. Sums of fractions depend on the order, and must not
    /// depend on which series was met first.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut by_text: Vec<usize> = (0..self.texts.texts.len()).collect();
        by_text.sort_unstable_by_key(|place| &self.texts.texts[*place]);
        let mut ranks = vec![0; by_text.len()];
        for (rank, place) in by_text.into_iter().enumerate() {
            ranks[place] = rank;
        }
        let rank = |symbol: &Symbol| ranks.get(*symbol as usize).copied();
        let mut series: Vec<usize> = (0..self.series.len()).collect();
        series.sort_by_cached_key(|place| {
            let pairs = self.series[*place].labels.iter();
            let mut pairs: Vec<_> = pairs
                .map(|(name, value)| (rank(name), rank(value)))
                .collect();
            pairs.sort_unstable();
            pairs
        });
        series
    }

    /// Takes in what Q1 says of a series. The same may come twice, where a question was asked again.
    pub(super) fn take(&mut self, streamed: &Streamed<'_>) -> ControlFlow<()> {
        if streamed.is_native && streamed.points.is_empty() {
            self.native += 1;
            return ControlFlow::Continue(());
        }
        let labels = self.named(streamed.labels());
        let Some(place) = self.enter(labels) else {
            return ControlFlow::Break(());
        };
        let span = self.span;
        let values = &mut self.series[place].values;
        for &(at_ms, value) in &streamed.points {
            if let Some(block) = span.index(at_ms) {
                put(&mut values[block], value);
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes in what Q2 says of a series: when it was seen last before the first block.
    pub(super) fn remember(&mut self, streamed: &Streamed<'_>) {
        let labels = self.named(streamed.labels());
        let first_ms = self.grid.first() * 1_000;
        let step_ms = i64::from(self.grid.block().seconds()) * 1_000;
        let Some(series) = self.find(&labels) else {
            return;
        };
        for &(at_ms, _) in &streamed.points {
            let blocks = usize::try_from((first_ms - at_ms) / step_ms).unwrap_or(0);
            let nearer = series.seen_before.is_none_or(|known| blocks < known);
            if blocks > 0 && nearer {
                series.seen_before = Some(blocks);
            }
        }
    }

    /// Takes in what Q3 says of a series: its samples.
    pub(super) fn sample(&mut self, streamed: &Streamed<'_>) {
        let labels = self.named(streamed.labels());
        if let Some(series) = self.find(&labels) {
            let finite = streamed
                .points
                .iter()
                .filter(|(_, value)| value.is_finite());
            series.samples.extend(finite);
        }
    }

    /// Puts the samples into the order of time, each once.
    pub(super) fn order_samples(&mut self) {
        for series in &mut self.series {
            series.samples.sort_by_key(|(at, _)| *at);
            series.samples.dedup_by_key(|(at, _)| *at);
        }
    }

    /// Where series were no numbers. That of most is nowhere.
    pub(super) fn unknown(&self) -> Unknown {
        self.series
            .iter()
            .filter(|series| self.values(series).contains(&UNKNOWN))
            .map(|series| {
                let values = self.values(series).iter().zip(self.grid.ends());
                let ends = values
                    .filter(|(value, _)| value.is_infinite())
                    .map(|(_, end)| end);
                (self.written(&series.labels), ends.collect())
            })
            .collect()
    }

    /// Makes samples missing where those of other series with the same labels are no numbers.
    pub(super) fn mask(&mut self, unknown: &Unknown) {
        if unknown.is_empty() {
            return;
        }
        for place in 0..self.series.len() {
            let labels = self.written(&self.series[place].labels);
            for end in unknown.get(&labels).into_iter().flatten() {
                if self.grid.index(end * 1_000).is_none() {
                    continue;
                }
                if let Some(block) = self.span.index(end * 1_000) {
                    let value = &mut self.series[place].values[block];
                    if value.is_finite() {
                        self.masked.push((place, block, *value));
                        *value = UNKNOWN;
                    }
                }
            }
        }
    }

    /// Takes back what [`Store::mask`] did.
    pub(super) fn unmask(&mut self) {
        for (place, block, value) in self.masked.drain(..) {
            self.series[place].values[block] = value;
        }
    }

    /// The value of a label.
    pub(super) fn label(&self, series: &Series, name: Symbol) -> Option<&str> {
        series.label(name).map(|value| self.texts.text(value))
    }

    /// The labels but for the metric's name, alike in every store.
    fn written(&self, labels: &Named) -> String {
        let texts: BTreeMap<&str, &str> = labels
            .iter()
            .map(|(name, value)| (self.texts.text(*name), self.texts.text(*value)))
            .filter(|(name, _)| *name != "__name__")
            .collect();
        format!("{texts:?}")
    }

    /// The place of the series with these labels, made if it is new; `None` where there is no room.
    pub(super) fn place_of<'a>(
        &mut self,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Option<usize> {
        let labels = self.named(labels);
        self.enter(labels)
    }

    /// The labels as they tell series apart: bounds of buckets that are equal as numbers are equal.
    fn named<'a>(&mut self, labels: impl Iterator<Item = (&'a str, &'a str)>) -> Named {
        let mut named: Vec<(Symbol, Symbol)> = labels
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| {
                let bound = (name == "le").then(|| value.parse::<f64>().ok()).flatten();
                let value = match bound {
                    Some(bound) => self.texts.number(&bound.to_string()),
                    None => self.texts.number(value),
                };
                (self.texts.number(name), value)
            })
            .collect();
        named.sort_unstable();
        named.into()
    }

    /// The place of the series with these labels, made if it is new; `None` where there is no room.
    fn enter(&mut self, labels: Named) -> Option<usize> {
        let next = self.series.len();
        if let Some(place) = self.by_labels.get(&labels) {
            return Some(*place);
        }
        if (next + 1).saturating_mul(self.span.len()) > MOST_VALUES {
            return None;
        }
        self.by_labels.insert(labels.clone(), next);
        self.series.push(Series {
            labels,
            values: vec![ABSENT; self.span.len()],
            seen_before: None,
            samples: Vec::new(),
            memory: None,
        });
        Some(next)
    }

    fn find(&mut self, labels: &Named) -> Option<&mut Series> {
        let place = *self.by_labels.get(labels)?;
        self.series.get_mut(place)
    }
}

/// Puts the value at the end of a block down. Two spellings of one bound may both have one where the
/// spelling changes: the higher is the later, unless the process began anew, and then it falls later.
fn put(place: &mut f64, value: f64) {
    *place = match (place.is_finite(), value.is_finite()) {
        (true, true) => place.max(value),
        (true, false) => *place,
        (false, true) => value,
        (false, false) => UNKNOWN,
    };
}

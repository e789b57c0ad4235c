//! The series of one counter added up by arm, by bound and by group of instances, in one pass. Pure.

use std::collections::{BTreeMap, HashMap};

use crate::prometheus::Grid;
use crate::snapshot::{Arm, SeriesFault};

use super::counted::{Bound, ByBound, Counted, GROUPS};
use super::instance;
use super::query::Counter;
use super::series::{Increment, Known, increments};
use super::store::{Series, Store, Symbol};
use super::window::Window;

/// Adds everything up over these blocks; over those of the past also by instance.
pub(super) fn add_up(
    store: &Store,
    counter: &Counter,
    window: &Window,
    grid: &Grid,
    past: Option<&Grid>,
) -> Counted {
    let mut labels = Labels::new(store, counter);
    let mut arms = [Sums::default(), Sums::default()];
    let mut groups: Vec<Sums> = (0..if past.is_some() { GROUPS } else { 0 })
        .map(|_| Sums::default())
        .collect();
    let mut instances: BTreeMap<Symbol, f64> = BTreeMap::new();
    let mut last_seen: [BTreeMap<Symbol, i64>; 2] = [BTreeMap::new(), BTreeMap::new()];
    let past = past.map_or(0..0, |past| grid.places(past));
    let mut boundless = false;
    let mut row = Vec::new();
    for series in &store.series {
        let Some(bound) = labels.bound(series) else {
            boundless = true;
            continue;
        };
        row.clear();
        row.resize(grid.len(), f64::NAN);
        let known = Known {
            values: &series.values,
            seen_before: series.seen_before,
            samples: &series.samples,
            first_ms: store.grid.first() * 1_000,
        };
        let mut born = 0.0;
        increments(window, known, |block, increment| {
            row[block] = increment.value();
            if let (Increment::Born(value), true) = (increment, past.contains(&block)) {
                born += value;
            }
        });
        let Some(last) = row.iter().rposition(|value| !value.is_nan()) else {
            continue;
        };
        let end = grid.ends().nth(last).unwrap_or(0);
        let name = labels.instance(series);
        for arm in [Arm::Exposed, Arm::Unexposed] {
            if !labels.is_of(series, arm) {
                continue;
            }
            arms[arm as usize].add(bound, &row, 0..row.len());
            let Some(name) = name else {
                continue;
            };
            let last = last_seen[arm as usize].entry(name).or_insert(end);
            *last = end.max(*last);
            if arm == Arm::Unexposed && !past.is_empty() {
                groups[labels.group(name)].add(bound, &row, past.clone());
                if labels.counts_all(bound) {
                    let within = row[past.clone()].iter().filter(|value| !value.is_nan());
                    *instances.entry(name).or_default() += within.sum::<f64>() - born;
                }
            }
        }
    }
    let by_bound = |sums: Sums| sums.sorted(|symbol| labels.as_bound(symbol));
    let name = |symbol: Symbol| store.texts.text(symbol).to_owned();
    Counted {
        grid: *grid,
        arms: arms.map(by_bound),
        groups: groups.into_iter().map(by_bound).collect(),
        instances: instances
            .into_iter()
            .map(|(key, sum)| (name(key), sum))
            .collect(),
        last_seen: last_seen.map(|ends| ends.into_values().collect()),
        unknown: store.unknown(),
        fault: match (store.native, boundless) {
            (0, false) => None,
            (0, true) => Some(SeriesFault::NoBound),
            (_, _) => Some(SeriesFault::NativeHistogram),
        },
        warnings: Vec::new(),
        queries: Vec::new(),
    }
}

/// Sums by bound, in the order in which the bounds were met.
#[derive(Default)]
struct Sums {
    places: HashMap<Option<Symbol>, usize>,
    sums: Vec<(Option<Symbol>, Vec<f64>)>,
}

impl Sums {
    /// Adds the blocks of a row that are wanted.
    fn add(&mut self, bound: Option<Symbol>, row: &[f64], wanted: std::ops::Range<usize>) {
        let next = self.sums.len();
        let place = *self.places.entry(bound).or_insert(next);
        if place == next {
            self.sums.push((bound, vec![f64::NAN; row.len()]));
        }
        let sums = &mut self.sums[place].1[wanted.clone()];
        for (sum, value) in sums.iter_mut().zip(&row[wanted]) {
            if sum.is_nan() {
                *sum = *value;
            } else if !value.is_nan() {
                *sum += value;
            }
        }
    }

    fn sorted(self, bound: impl Fn(Option<Symbol>) -> Bound) -> ByBound {
        let sums = self.sums.into_iter();
        let mut sums: ByBound = sums.map(|(symbol, sums)| (bound(symbol), sums)).collect();
        let order = |bound: &Bound| bound.0.unwrap_or(f64::NEG_INFINITY);
        sums.sort_by(|(a, _), (b, _)| order(a).total_cmp(&order(b)));
        sums
    }
}

/// The labels that matter, by number.
struct Labels<'a> {
    store: &'a Store,
    counter: &'a Counter,
    arm: Option<Symbol>,
    bound: Option<Symbol>,
    instance: Vec<Symbol>,
    groups: HashMap<Symbol, usize>,
}

impl<'a> Labels<'a> {
    fn new(store: &'a Store, counter: &'a Counter) -> Self {
        let known = |name: &str| store.texts.known(name);
        Self {
            store,
            counter,
            arm: known(&counter.arms.label),
            bound: known("le"),
            instance: instance::LABELS
                .iter()
                .filter_map(|name| known(name))
                .collect(),
            groups: HashMap::new(),
        }
    }

    fn is_of(&self, series: &Series, arm: Arm) -> bool {
        let value = self.arm.and_then(|label| self.store.label(series, label));
        let wanted = match arm {
            Arm::Exposed => &self.counter.arms.exposed,
            Arm::Unexposed => &self.counter.arms.unexposed,
        };
        // An empty value and no label are the same to Prometheus.
        value.unwrap_or_default() == wanted
    }

    /// Under which bound a series is counted; `None` where it has none and should.
    fn bound(&self, series: &Series) -> Option<Option<Symbol>> {
        if !self.counter.by_bound {
            return Some(None);
        }
        let symbol = series.label(self.bound?)?;
        let readable = self.store.texts.text(symbol).parse::<f64>();
        readable
            .is_ok_and(|bound| !bound.is_nan())
            .then_some(Some(symbol))
    }

    fn as_bound(&self, symbol: Option<Symbol>) -> Bound {
        Bound(symbol.and_then(|symbol| self.store.texts.text(symbol).parse().ok()))
    }

    /// Whether what is counted under this bound is all there is.
    fn counts_all(&self, bound: Option<Symbol>) -> bool {
        self.as_bound(bound).0.is_none_or(f64::is_infinite)
    }

    fn instance(&self, series: &Series) -> Option<Symbol> {
        self.instance.iter().find_map(|label| series.label(*label))
    }

    fn group(&mut self, name: Symbol) -> usize {
        let text = self.store.texts.text(name);
        *self
            .groups
            .entry(name)
            .or_insert_with(|| instance::group(text))
    }
}

//! The series of one counter added up by arm, by bound and by group of instances, in one pass. Pure.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::plan::Membership;
use crate::prometheus::Grid;
use crate::snapshot::{Arm, SeriesFault};

use super::by_bound::Sums;
use super::counted::{Bound, Counted, GROUPS, Grouping};
use super::instance::{Names, without_births};
use super::liveliest::liveliest;
use super::query::Counter;
use super::restarts::Found;
use super::series::{By, Increment, increments};
use super::store::{Series, Store, Symbol};
use super::window::Window;

/// Adds everything up over these blocks; over those of the past also by groups of instances, which are
/// these, and over parts of it by instance.
pub(super) fn add_up(
    store: &Store,
    counter: &Counter,
    window: &Window,
    grid: &Grid,
    (past, grouping, parts): (Option<&Grid>, Grouping, &[Grid]),
    (found, naming): (&Found, Option<&'static str>),
) -> Counted {
    let mut labels = Labels::new(store, counter);
    let mut arms = [Sums::default(), Sums::default()];
    let mut groups: Vec<Sums> = Vec::new();
    if past.is_some() && grouping == Grouping::Alike {
        groups.resize_with(GROUPS, Sums::default);
    }
    let mut instances: Vec<BTreeMap<usize, f64>> = vec![BTreeMap::new(); parts.len()];
    let mut last_seen: [BTreeMap<usize, i64>; 2] = [BTreeMap::new(), BTreeMap::new()];
    let past = past.map_or(0..0, |past| grid.places(past));
    let places: Vec<Range<usize>> = parts.iter().map(|part| grid.places(part)).collect();
    let mut births: Vec<(usize, f64)> = Vec::new();
    let mut boundless = false;
    let mut misplaced = None;
    let mut row = Vec::new();
    let in_order = store.in_order();
    let mut wanting = None;
    // What a cache knows of other blocks is not in this answer.
    let is_there = |place: &usize| {
        let values = store.values(&store.series[*place]);
        values.iter().any(|value| !value.is_nan())
    };
    let there: Vec<usize> = in_order.iter().copied().filter(is_there).collect();
    let mut names = Names::new(store, &there, naming);
    for place in there {
        let series = &store.series[place];
        let in_arms: &[Arm] = match labels.membership(series) {
            Membership::One(Arm::Exposed) => &[Arm::Exposed],
            Membership::One(Arm::Unexposed) => &[Arm::Unexposed],
            Membership::Both => &[Arm::Exposed, Arm::Unexposed],
            Membership::Neither => &[],
        };
        let is_wrong = in_arms.len() > 1 || in_arms.is_empty() && !counter.arms.are_texts();
        if is_wrong && misplaced.is_none() {
            misplaced = Some((labels.value(series), in_arms.to_vec()));
        }
        let Some(bound) = labels.bound(series) else {
            boundless = true;
            continue;
        };
        row.clear();
        row.resize(grid.len(), f64::NAN);
        births.clear();
        increments(window, found.known(store, place), |block, increment, by| {
            row[block] = increment.value();
            if let Increment::Born(value) = increment {
                births.push((block, value));
            }
            if by == By::Want && block + window.lead() >= found.last_part() {
                wanting.get_or_insert(place);
            }
        });
        let Some(last) = row.iter().rposition(|value| !value.is_nan()) else {
            continue;
        };
        let end = grid.ends().nth(last).unwrap_or(0);
        let name = names.number(series);
        for arm in in_arms.iter().copied() {
            arms[arm as usize].add(bound, &row, 0..row.len());
            let Some(name) = name else {
                continue;
            };
            let last = last_seen[arm as usize].entry(name).or_insert(end);
            *last = end.max(*last);
            if arm == Arm::Unexposed && !past.is_empty() {
                let group = match grouping {
                    Grouping::Alike => names.group(name),
                    Grouping::Each => name,
                };
                if groups.len() <= group {
                    groups.resize_with(group + 1, Sums::default);
                }
                groups[group].add(bound, &row, past.clone());
                if labels.counts_all(bound) {
                    for (part, sums) in places.iter().zip(&mut instances) {
                        if let Some(sum) = without_births(&row, part, &births) {
                            *sums.entry(name).or_default() += sum;
                        }
                    }
                }
            }
        }
    }
    let by_bound = |sums: Sums| sums.sorted(|symbol| labels.as_bound(symbol));
    let name = |number: usize| names.name(number).to_owned();
    let [exposed, unexposed] = &last_seen;
    let shared = exposed.iter().filter_map(|(name, last)| {
        let other = unexposed.get(name)?;
        Some(*last.min(other))
    });
    Counted {
        grid: *grid,
        arms: arms.map(by_bound),
        names: match grouping {
            Grouping::Alike => Vec::new(),
            Grouping::Each => (0..groups.len()).map(name).collect(),
        },
        groups: groups.into_iter().map(by_bound).collect(),
        instances: parts
            .iter()
            .zip(instances)
            .map(|(part, sums)| {
                let sums = sums.into_iter().map(|(key, sum)| (name(key), sum));
                (*part, sums.collect())
            })
            .collect(),
        shared: shared.collect(),
        naming: names.label(),
        last_seen: last_seen.map(|ends| ends.into_values().collect()),
        unknown: store.unknown(),
        liveliest: liveliest(store, &in_order, grid, |series, arm| {
            labels.known_membership(series) == Membership::One(arm)
        }),
        misplaced,
        restarts: found.told(store),
        fault: match (store.native, boundless) {
            (0, false) => wanting.map(|place| SeriesFault::RestartsUncounted {
                process: found.name(place).map(ToOwned::to_owned),
            }),
            (0, true) => Some(SeriesFault::NoBound),
            (_, _) => Some(SeriesFault::NativeHistogram),
        },
        warnings: Vec::new(),
        queries: Vec::new(),
    }
}

/// The labels that matter, by number.
struct Labels<'a> {
    store: &'a Store,
    counter: &'a Counter,
    arm: Option<Symbol>,
    bound: Option<Symbol>,
    members: HashMap<Option<Symbol>, Membership>,
}

impl<'a> Labels<'a> {
    fn new(store: &'a Store, counter: &'a Counter) -> Self {
        let known = |name: &str| store.texts.known(name);
        Self {
            store,
            counter,
            arm: known(&counter.arms.label),
            bound: known("le"),
            members: HashMap::new(),
        }
    }

    /// Which arm a series belongs to.
    fn membership(&mut self, series: &Series) -> Membership {
        let value = self.arm.and_then(|label| series.label(label));
        let (store, arms) = (self.store, &self.counter.arms);
        // An empty value and no label are the same to Prometheus.
        let text = value.map_or("", |value| store.texts.text(value));
        *self
            .members
            .entry(value)
            .or_insert_with(|| arms.arm_of(text))
    }

    /// The same of a series that was met before.
    fn known_membership(&self, series: &Series) -> Membership {
        let value = self.arm.and_then(|label| series.label(label));
        let known = self.members.get(&value);
        known.copied().unwrap_or(Membership::Neither)
    }

    /// The value of the arms' label.
    fn value(&self, series: &Series) -> String {
        let value = self.arm.and_then(|label| self.store.label(series, label));
        value.unwrap_or_default().to_owned()
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
}

#[cfg(test)]
mod tests;

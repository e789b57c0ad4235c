//! The series of one counter added up by arm, by bound and by group of instances, in one pass. Pure.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::plan::Membership;
use crate::prometheus::Grid;
use crate::snapshot::{Arm, SeriesFault};

use super::by_bound::Sums;
use super::counted::{Bound, Counted, GROUPS};
use super::instance;
use super::liveliest::liveliest;
use super::query::Counter;
use super::series::{Increment, Known, increments};
use super::store::{Series, Store, Symbol};
use super::window::Window;

/// Adds everything up over these blocks; over those of the past also by group of instances, and over
/// parts of it by instance.
pub(super) fn add_up(
    store: &Store,
    counter: &Counter,
    window: &Window,
    grid: &Grid,
    (past, parts): (Option<&Grid>, &[Grid]),
) -> Counted {
    let mut labels = Labels::new(store, counter);
    let mut arms = [Sums::default(), Sums::default()];
    let mut groups: Vec<Sums> = (0..if past.is_some() { GROUPS } else { 0 })
        .map(|_| Sums::default())
        .collect();
    let mut instances: Vec<BTreeMap<Symbol, f64>> = vec![BTreeMap::new(); parts.len()];
    let mut last_seen: [BTreeMap<Symbol, i64>; 2] = [BTreeMap::new(), BTreeMap::new()];
    let past = past.map_or(0..0, |past| grid.places(past));
    let places: Vec<Range<usize>> = parts.iter().map(|part| grid.places(part)).collect();
    let mut births: Vec<(usize, f64)> = Vec::new();
    let mut boundless = false;
    let mut misplaced = None;
    let mut row = Vec::new();
    let in_order = store.in_order();
    for series in in_order.iter().copied() {
        let values = store.values(series);
        // What a cache knows of other blocks is not in this answer.
        if values.iter().all(|value| value.is_nan()) {
            continue;
        }
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
        let known = Known {
            values,
            seen_before: series.seen_before,
            samples: &series.samples,
            counted: store.counted(series),
            first_ms: store.grid.first() * 1_000,
        };
        births.clear();
        increments(window, known, |block, increment| {
            row[block] = increment.value();
            if let Increment::Born(value) = increment {
                births.push((block, value));
            }
        });
        let Some(last) = row.iter().rposition(|value| !value.is_nan()) else {
            continue;
        };
        let end = grid.ends().nth(last).unwrap_or(0);
        let name = labels.instance(series);
        for arm in in_arms.iter().copied() {
            arms[arm as usize].add(bound, &row, 0..row.len());
            let Some(name) = name else {
                continue;
            };
            let last = last_seen[arm as usize].entry(name).or_insert(end);
            *last = end.max(*last);
            if arm == Arm::Unexposed && !past.is_empty() {
                groups[labels.group(name)].add(bound, &row, past.clone());
                if labels.counts_all(bound) {
                    for (part, sums) in places.iter().zip(&mut instances) {
                        if let Some(sum) = instance::without_births(&row, part, &births) {
                            *sums.entry(name).or_default() += sum;
                        }
                    }
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
        instances: parts
            .iter()
            .zip(instances)
            .map(|(part, sums)| {
                let sums = sums.into_iter().map(|(key, sum)| (name(key), sum));
                (*part, sums.collect())
            })
            .collect(),
        last_seen: last_seen.map(|ends| ends.into_values().collect()),
        unknown: store.unknown(),
        liveliest: liveliest(store, &in_order, grid, |series, arm| {
            labels.known_membership(series) == Membership::One(arm)
        }),
        misplaced,
        fault: match (store.native, boundless) {
            (0, false) => None,
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
    instance: Vec<Symbol>,
    groups: HashMap<Symbol, usize>,
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
            instance: instance::LABELS
                .iter()
                .filter_map(|name| known(name))
                .collect(),
            groups: HashMap::new(),
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

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::*;
    use crate::plan::{Arms, Selector};
    use crate::prometheus::stream;

    const STEP: i64 = 300;

    fn stage() -> Grid {
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
        let block = crate::units::Period::from_seconds(300);
        Grid::new(at(36_000), at(36_000 + 3 * STEP), block)
    }

    fn counter(by_bound: bool) -> Counter {
        Counter {
            selector: Selector::parse("x_total").unwrap().vector().clone(),
            arms: Arms::default(),
            by_bound,
            of_sum: None,
        }
    }

    /// A store of these series: labels as JSON, and the values at the ends of the lead and the stage.
    fn store(series: &[(&str, Vec<f64>)]) -> Store {
        let grid = stage().since_before(Window::of(300).lead());
        let mut store = Store::new(grid);
        for (labels, values) in series {
            let points: Vec<String> = grid
                .ends()
                .zip(values)
                .filter(|(_, value)| !value.is_infinite())
                .map(|(end, value)| format!("[{end},\"{value}\"]"))
                .collect();
            let text = format!("{{\"metric\":{labels},\"values\":[{}]}}", points.join(","));
            let taken = store.take(&stream::series(text.as_bytes()).unwrap());
            assert!(taken.is_continue());
        }
        store
    }

    /// It counts so many a block; infinity is an absent value.
    fn steady(each: f64) -> Vec<f64> {
        (0..15).map(|block| f64::from(block) * each).collect()
    }

    fn summed(series: &[(&str, Vec<f64>)], by_bound: bool) -> Counted {
        let grid = stage();
        add_up(
            &store(series),
            &counter(by_bound),
            &Window::of(300),
            &grid,
            (Some(&grid), &[grid]),
        )
    }

    #[test]
    fn series_are_summed_by_arm_group_and_instance() {
        let series = [
            (r#"{"variant":"treatment","pod":"a"}"#, steady(1.0)),
            (
                r#"{"variant":"control","pod":"a","code":"200"}"#,
                steady(2.0),
            ),
            (
                r#"{"variant":"control","pod":"a","code":"503"}"#,
                steady(3.0),
            ),
            (r#"{"variant":"control","instance":"b"}"#, steady(4.0)),
            (r#"{"variant":"other","pod":"a"}"#, steady(5.0)),
        ];
        let counted = summed(&series, false);
        let grid = stage();
        assert_eq!(counted.number(Arm::Exposed, &grid), vec![Some(1.0); 3]);
        assert_eq!(counted.number(Arm::Unexposed, &grid), vec![Some(9.0); 3]);
        assert_eq!(
            counted.group(instance::group("a"), &grid),
            Some(vec![Some(5.0); 3])
        );
        assert_eq!(
            counted.group(instance::group("b"), &grid),
            Some(vec![Some(4.0); 3])
        );
        assert_eq!(counted.group(0, &grid), None);
        let sums: Vec<(&str, f64)> = counted
            .instances(&grid)
            .map(|(name, sum)| (name.as_str(), *sum))
            .collect();
        assert_eq!(sums, [("a", 15.0), ("b", 12.0)]);
        let counts = [Arm::Exposed, Arm::Unexposed].map(|arm| counted.instances_of(arm, &grid));
        assert_eq!(counts, [1, 2]);
    }

    #[test]
    fn a_bound_that_changes_its_spelling_is_one_bucket_without_a_birth() {
        let mut before = steady(2.0);
        before[13..].fill(f64::INFINITY);
        let mut after = steady(2.0);
        after[..13].fill(f64::INFINITY);
        let series = [
            (r#"{"variant":"treatment","le":"1"}"#, before),
            (r#"{"variant":"treatment","le":"1.0"}"#, after),
            (r#"{"variant":"treatment","le":"+Inf"}"#, steady(3.0)),
        ];
        let counted = summed(&series, true);
        let buckets = counted.buckets(Arm::Exposed, &stage());
        assert_eq!(
            buckets,
            [
                (1.0, vec![Some(2.0); 3]),
                (f64::INFINITY, vec![Some(3.0); 3])
            ]
        );
        assert_eq!(counted.fault, None);
    }

    #[test]
    fn a_bucket_without_a_bound_is_a_fault() {
        let counted = summed(&[(r#"{"variant":"treatment"}"#, steady(1.0))], true);
        assert_eq!(counted.fault, Some(SeriesFault::NoBound));
    }

    #[test]
    fn a_count_is_missing_where_its_sum_is_no_number() {
        let mut sum = steady(1.0);
        sum[13] = f64::NAN;
        let sums = store(&[(
            r#"{"__name__":"x_sum","variant":"treatment","pod":"a"}"#,
            sum,
        )]);
        let mut counts = store(&[(
            r#"{"__name__":"x_count","pod":"a","variant":"treatment"}"#,
            steady(1.0),
        )]);
        counts.mask(&sums.unknown());
        let grid = stage();
        let counted = add_up(
            &counts,
            &counter(false),
            &Window::of(300),
            &grid,
            (None, &[]),
        );
        // What it missed is in the next block, as it is in the sum's.
        assert_eq!(
            counted.number(Arm::Exposed, &grid),
            [Some(1.0), None, Some(2.0)]
        );
    }

    #[test]
    fn a_hundred_thousand_series_are_folded_or_refused_in_no_time() {
        let started = std::time::Instant::now();
        let grid = stage().since_before(12);
        let mut store = Store::new(grid);
        for k in 0..100_000 {
            let text = format!(
                "{{\"metric\":{{\"variant\":\"control\",\"pod\":\"p{}\",\"path\":\"/{k}\"}},\"values\":[[36300,\"1\"],[36600,\"{k}\"]]}}",
                k % 500
            );
            let taken = store.take(&stream::series(text.as_bytes()).unwrap());
            assert!(taken.is_continue());
        }
        let window = Window::of(300);
        let counted = add_up(&store, &counter(false), &window, &stage(), (None, &[]));
        assert!(counted.has(Arm::Unexposed, &stage()));
        // Slow machines without optimisation get ten times the time.
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
        // More than a day of blocks for as many is refused before it is held.
        let mut store = Store::new(stage().since_before(600));
        let taken = (0..100_000).try_for_each(|k| {
            let text = format!("{{\"metric\":{{\"path\":\"/{k}\"}},\"values\":[]}}");
            store.take(&stream::series(text.as_bytes()).unwrap())
        });
        assert!(taken.is_break());
    }
}

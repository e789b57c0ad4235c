//! Sums of whole answers, and how long they take.

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
        restarts_of: None,
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
    grouped(series, by_bound, Grouping::Alike)
}

fn grouped(series: &[(&str, Vec<f64>)], by_bound: bool, grouping: Grouping) -> Counted {
    let grid = stage();
    let (store, window) = (store(series), Window::of(300));
    let found = Found::by_ends(&store, &window, (&[], None));
    let parts = (Some(&grid), grouping, &[grid][..]);
    add_up(
        &store,
        &counter(by_bound),
        &window,
        &grid,
        parts,
        (&found, None),
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
        counted.group(super::super::instance::group("a"), &grid),
        Some(vec![Some(5.0); 3])
    );
    assert_eq!(
        counted.group(super::super::instance::group("b"), &grid),
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
fn each_instance_may_be_a_group_of_its_own() {
    let mut late = steady(4.0);
    late[..13].fill(f64::INFINITY);
    let series = [
        (r#"{"variant":"treatment","pod":"c"}"#, steady(1.0)),
        (
            r#"{"variant":"control","pod":"a","code":"200"}"#,
            steady(2.0),
        ),
        (
            r#"{"variant":"control","pod":"a","code":"503"}"#,
            steady(3.0),
        ),
        (r#"{"variant":"control","pod":"b"}"#, late),
    ];
    let counted = grouped(&series, false, Grouping::Each);
    let grid = stage();
    let place = |name: &str| counted.names.iter().position(|one| one == name).unwrap();
    let ends: Vec<i64> = grid.ends().collect();
    assert_eq!(counted.group(place("a"), &grid), Some(vec![Some(5.0); 3]));
    assert_eq!(counted.life(place("a")), Some((ends[0], ends[2])));
    assert_eq!(counted.life(place("b")), Some((ends[1], ends[2])));
    // One of the exposed arm alone is in no group of the unexposed one.
    let exposed = counted.names.iter().position(|one| one == "c");
    assert_eq!(exposed.and_then(|place| counted.life(place)), None);
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
    let window = Window::of(300);
    let found = Found::by_ends(&counts, &window, (&[], None));
    let counted = add_up(
        &counts,
        &counter(false),
        &window,
        &grid,
        (None, Grouping::Alike, &[]),
        (&found, None),
    );
    // What it missed is in the next block, as it is in the sum's.
    assert_eq!(
        counted.number(Arm::Exposed, &grid),
        [Some(1.0), None, Some(2.0)]
    );
}

/// For how many seconds this thread was on a processor, where the kernel counts it: what else the machine
/// does counts for nothing.
fn on_processor() -> Option<f64> {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = counted.split(' ').next()?.parse().ok()?;
    Some(nanoseconds * 1e-9)
}

#[test]
fn a_hundred_thousand_series_are_folded_or_refused_in_no_time() {
    let started = on_processor();
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
    let found = Found::by_ends(&store, &window, (&[], None));
    let counted = add_up(
        &store,
        &counter(false),
        &window,
        &stage(),
        (None, Grouping::Alike, &[]),
        (&found, None),
    );
    assert!(counted.has(Arm::Unexposed, &stage()));
    // Slow machines without optimisation get ten times the time.
    let took = on_processor().zip(started).map(|(now, then)| now - then);
    assert!(took.is_none_or(|took| took < 20.0), "{took:?} s");
    // More than a day of blocks for as many is refused before it is held.
    let mut store = Store::new(stage().since_before(600));
    let taken = (0..100_000).try_for_each(|k| {
        let text = format!("{{\"metric\":{{\"path\":\"/{k}\"}},\"values\":[]}}");
        store.take(&stream::series(text.as_bytes()).unwrap())
    });
    assert!(taken.is_break());
}

//! Events of which the exposed arm has no series: when that is evidence, and when it is not.

use crate::plan::{Column, Kind};
use crate::snapshot::GuardrailSeries;
use crate::units::{Effect, Worse};

use super::fixture::*;
use super::{Finding, Issue, Verdict};

/// Traffic in which the exposed arm has no series of events in these blocks, and no event in any.
fn silent(assumed: std::ops::RangeInclusive<i64>, share: f64, blocks: i64) -> GuardrailSeries {
    let mut silent = traffic(0.0, blocks);
    silent.exposed = steady(-2.0, 10_000.0 * share, blocks);
    let end = |k: i64| ENTERED + k * BLOCK;
    silent.assumed = vec![(end(*assumed.start()), end(*assumed.end()))];
    silent
}

fn unborn(found: &Finding) -> Option<f64> {
    found.issues.iter().find_map(|issue| match issue {
        Issue::EventsUnborn { expected } => Some(*expected),
        _ => None,
    })
}

#[test]
fn no_series_of_events_where_many_are_expected_is_no_evidence() {
    let found = one(errors(), silent(1..=100, 0.1, 100), 100);
    assert!(matches!(found.verdict, Verdict::NoData(_)), "{}", found.why);
    // Two blocks of warm-up are not judged.
    assert!((unborn(&found).unwrap() - 980.0).abs() < 1.0, "{found:?}");
    // The same zeros, read from a series that says 0, are evidence.
    let mut read = silent(1..=100, 0.1, 100);
    read.assumed.clear();
    let found = one(errors(), read, 100);
    assert_eq!((found.verdict, unborn(&found)), (Verdict::Pass, None));
}

#[test]
fn no_series_of_events_where_few_are_expected_is_none_yet() {
    let found = one(errors(), silent(1..=100, 0.001, 100), 100);
    assert_eq!(unborn(&found), None);
    assert_eq!(found.verdict, Verdict::Inconclusive, "{}", found.why);
}

#[test]
fn a_series_of_events_that_ends_in_the_stage_leaves_no_evidence_after_it() {
    let mut ends = traffic(1.0, 100);
    for value in &mut ends.exposed.columns.get_mut(&Column::Events).unwrap()[60..] {
        *value = Some(0.0);
    }
    ends.assumed = vec![(ENTERED + 61 * BLOCK, ENTERED + 100 * BLOCK)];
    let found = one(errors(), ends, 100);
    assert!(matches!(found.verdict, Verdict::NoData(_)), "{}", found.why);
}

#[test]
fn zeros_from_before_a_name_was_mended_are_not_judged() {
    let mut mended = traffic(3.0, 100);
    for value in &mut mended.exposed.columns.get_mut(&Column::Events).unwrap()[..80] {
        *value = Some(0.0);
    }
    mended.assumed = vec![(ENTERED + BLOCK, ENTERED + 80 * BLOCK)];
    let found = one(errors(), mended, 100);
    assert_eq!(found.verdict, Verdict::Breach, "{}", found.why);
    assert_eq!((found.blocks, found.blocks_missing), (20, 78));
}

#[test]
fn where_less_is_worse_no_series_is_the_worst() {
    let mut sales = errors();
    sales.metric.kind = Kind::Ratio {
        worse: Worse::Lower,
    };
    sales.margin = Some(Effect::Ratio(0.9));
    let found = one(sales, silent(1..=100, 0.1, 100), 100);
    assert_eq!(found.verdict, Verdict::Breach, "{}", found.why);
}

#[test]
fn what_passed_while_anybody_was_exposed_is_no_pass_once_nobody_is() {
    let stopping = |from: usize, shared: bool| {
        let mut series = traffic(1.0, 400);
        let arms = [&mut series.exposed, &mut series.unexposed];
        for arm in arms.into_iter().take(if shared { 2 } else { 1 }) {
            for column in arm.columns.values_mut() {
                for value in &mut column[from..] {
                    *value = Some(0.0);
                }
            }
        }
        series
    };
    let at = |series: GuardrailSeries, blocks| one(errors(), series, blocks);
    assert_eq!(at(stopping(300, false), 300).verdict, Verdict::Pass);
    // Three blocks may be a restart.
    assert_eq!(at(stopping(300, false), 303).verdict, Verdict::Pass);
    let gone = at(stopping(300, false), 340);
    assert!(matches!(gone.verdict, Verdict::NoData(_)), "{}", gone.why);
    let said = gone.why.to_string();
    assert!(
        said.contains("nobody has been exposed for 3h 20m"),
        "{said}"
    );
    // At night there is nobody to be exposed.
    assert_eq!(at(stopping(300, true), 340).verdict, Verdict::Pass);
    // Harm that was proven stays proven.
    let mut harmful = traffic(3.0, 400);
    for column in harmful.exposed.columns.values_mut() {
        for value in &mut column[300..] {
            *value = Some(0.0);
        }
    }
    assert_eq!(at(harmful, 400).verdict, Verdict::Breach);
}

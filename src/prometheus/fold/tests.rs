//! Folding: zeros, contradictions, shared bounds.

use super::super::answer::{Answer, Labels, Point};
use super::*;
use crate::plan::Selector;
use crate::snapshot::Series;
use crate::units::Period;

const BLOCKS: usize = 4;

fn grid() -> Grid {
    let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    Grid::new(at(0), at(60 * 4), Period::from_minutes(1))
}

fn question(column: Column, selector: &str) -> Question {
    Question {
        column,
        speaks: Speaks::OfBoth,
        shape: if column == Column::Histogram {
            Shape::Buckets
        } else {
            Shape::Number
        },
        text: "".into(),
        selector: Some(Selector::parse(selector).unwrap().vector().clone().into()),
        counter: None,
    }
}

/// One series; `None` is a block without a sample.
fn series(labels: &[(&str, &str)], values: [Option<f64>; BLOCKS]) -> Returned {
    Returned {
        labels: labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Labels>(),
        points: values
            .iter()
            .zip(grid().ends())
            .filter_map(|(value, end)| {
                value.map(|value| Point {
                    at_ms: end * 1_000,
                    value,
                })
            })
            .collect(),
        histograms: Vec::new(),
    }
}

fn answer(series: Vec<Returned>) -> Result<Reply, QueryError> {
    Ok(Reply::Answer(Answer {
        series,
        warnings: Vec::new(),
    }))
}

const EXPOSED: (&str, &str) = ("variant", "treatment");
const UNEXPOSED: (&str, &str) = ("variant", "control");
const ALL: [Option<f64>; BLOCKS] = [Some(100.0); BLOCKS];

fn folded(
    events: &str,
    exposed: [Option<f64>; BLOCKS],
    unexposed: [Option<f64>; BLOCKS],
) -> [Series; 2] {
    let events = question(Column::Events, events);
    let total = question(Column::Total, "requests_total{app=\"a\"}");
    let events_answer = answer(vec![
        series(&[EXPOSED], exposed),
        series(&[UNEXPOSED], unexposed),
    ]);
    let total_answer = answer(vec![series(&[EXPOSED], ALL), series(&[UNEXPOSED], ALL)]);
    let asked = [(&events, &events_answer), (&total, &total_answer)];
    let folded = fold(
        &asked,
        &Arms::default(),
        &grid(),
        &[Arm::Exposed, Arm::Unexposed],
        None,
    );
    assert_eq!(folded.issues, []);
    [folded.exposed, folded.unexposed].map(|mut arm| arm.columns.remove(&Column::Events).unwrap())
}

#[test]
fn no_event_series_beside_a_total_means_no_events() {
    let some = [None, Some(2.0), None, Some(3.0)];
    let [exposed, unexposed] = folded("errors_total", [None; BLOCKS], some);
    assert_eq!(exposed[..2], [Some(0.0), Some(0.0)]);
    assert_eq!(unexposed[..2], [Some(0.0), Some(2.0)]);
}

#[test]
fn which_zeros_of_the_exposed_arm_were_assumed_is_told() {
    let events = question(Column::Events, "errors_total");
    let total = question(Column::Total, "requests_total");
    let exposed = series(&[EXPOSED], [None, Some(0.0), None, None]);
    let events_answer = answer(vec![exposed, series(&[UNEXPOSED], ALL)]);
    let total_answer = answer(vec![series(&[EXPOSED], ALL), series(&[UNEXPOSED], ALL)]);
    let asked = [(&events, &events_answer), (&total, &total_answer)];
    let needed = [Arm::Exposed, Arm::Unexposed];
    let folded = fold(&asked, &Arms::default(), &grid(), &needed, None);
    assert_eq!(folded.assumed, [(60, 60), (180, 240)]);
}

#[test]
fn events_of_another_metric_that_stop_in_both_arms_are_missing() {
    let stops = [Some(1.0), Some(2.0), None, None];
    let [exposed, unexposed] = folded("proxy_errors_total", stops, stops);
    assert_eq!(exposed, stops);
    assert_eq!(unexposed, stops);
}

#[test]
fn events_of_the_same_metric_cannot_stop_alone() {
    let stops = [Some(1.0), Some(2.0), None, None];
    let [exposed, _] = folded("requests_total{code=\"500\"}", stops, stops);
    assert_eq!(exposed, [Some(1.0), Some(2.0), Some(0.0), Some(0.0)]);
}

fn histogram(bounds: &[(&str, &str, f64)]) -> Folded<'static> {
    let question = question(Column::Histogram, "x_bucket");
    let series = bounds
        .iter()
        .map(|(variant, le, count)| {
            series(
                &[("variant", *variant), ("le", *le)],
                [Some(*count); BLOCKS],
            )
        })
        .collect();
    let answer = answer(series);
    let Folded {
        exposed,
        unexposed,
        issues,
        absent: _,
        assumed: _,
    } = fold(
        &[(&question, &answer)],
        &Arms::default(),
        &grid(),
        &[Arm::Exposed],
        None,
    );
    Folded {
        exposed,
        unexposed,
        issues,
        absent: Vec::new(),
        assumed: Vec::new(),
    }
}

#[test]
fn each_arm_keeps_its_own_bounds() {
    let folded = histogram(&[
        ("treatment", "0.1", 1.0),
        ("treatment", "0.5", 2.0),
        ("treatment", "+Inf", 3.0),
        ("control", "0.5", 2.0),
        ("control", "1", 2.0),
        ("control", "+Inf", 3.0),
    ]);
    assert_eq!(folded.issues, []);
    let bounds: Vec<f64> = folded.exposed.buckets.iter().map(|(le, _)| *le).collect();
    assert_eq!(bounds, [0.1, 0.5, f64::INFINITY]);
    let bounds: Vec<f64> = folded.unexposed.buckets.iter().map(|(le, _)| *le).collect();
    assert_eq!(bounds, [0.5, 1.0, f64::INFINITY]);
}

#[test]
fn bounds_that_are_equal_as_numbers_are_one_bucket() {
    let folded = histogram(&[
        ("treatment", "1", 1.0),
        ("treatment", "1.0", 2.0),
        ("treatment", "1e0", 0.5),
        ("treatment", "+Inf", 4.0),
        ("control", "1.0", 2.0),
        ("control", "+Inf", 3.0),
    ]);
    assert_eq!(folded.issues, []);
    assert_eq!(folded.exposed.buckets[0].1[0], Some(3.5));
    assert_eq!(folded.exposed.buckets.len(), 2);
}

#[test]
fn buckets_that_fall_are_a_contradiction() {
    let folded = histogram(&[
        ("treatment", "0.1", 9.0),
        ("treatment", "0.5", 2.0),
        ("treatment", "+Inf", 9.0),
    ]);
    assert!(
        folded.issues[0]
            .to_string()
            .contains("different bucket bounds"),
        "{:?}",
        folded.issues
    );
}

#[test]
fn buckets_without_infinity_have_no_total() {
    let folded = histogram(&[("treatment", "0.1", 9.0), ("treatment", "0.5", 9.0)]);
    assert!(
        folded.issues[0].to_string().contains("+Inf"),
        "{:?}",
        folded.issues
    );
}

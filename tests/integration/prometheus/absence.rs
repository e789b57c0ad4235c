//! What is not there is said in the newcomer's words.

use rollout::plan::{ArmQuery, Arms, Column, Kind, PointBound, Source};
use rollout::prometheus::CollectError;
use rollout::snapshot::GuardrailSeries;
use rollout::units::{Bound, Exposure, Worse};

use crate::prometheus::shop::{
    ENTERED, NOW, app, collect_at, collect_from, measured, requests, server,
};
use crate::support::plans::{at, guardrail, plan, ratio, selectors};

/// A gauge of one application.
fn level(app: &str) -> rollout::plan::Guardrail {
    let worse = Worse::Higher;
    let selector = format!("level{{app=\"{app}\"}}");
    guardrail(
        app,
        Kind::Gauge { worse },
        selectors(&[(Column::Query, &selector)]),
    )
}

/// What is wrong, in sentences.
fn said(series: &GuardrailSeries) -> Vec<String> {
    series.issues.iter().map(ToString::to_string).collect()
}

#[test]
fn no_series_at_all_points_at_the_selector() {
    let series = measured(app("nowhere"));
    assert_eq!(
        said(&series),
        [
            "`events`: no series matches `errors_total{app=\"nowhere\"}`; initialise the counter at 0 \
             in both arms, or check the selector",
            "`total`: no series matches `requests_total{app=\"nowhere\"}`; check the selector",
        ]
    );
}

#[test]
fn events_that_neither_arm_has_are_not_zero_events() {
    let series = measured(ratio(
        "errors",
        "errors_total{app=\"reset\"}",
        "requests_total{app=\"reset\"}",
    ));
    assert_eq!(series.issues.len(), 1);
    assert!(
        series.issues[0]
            .to_string()
            .contains("initialise the counter at 0")
    );
    assert_eq!(series.exposed.column(Column::Events), None);
}

#[test]
fn other_label_values_are_listed() {
    let series = measured(requests("named"));
    assert!(
        series.issues[0].to_string().contains(
            "has variant=\"treatment\" or variant=\"control\"; values seen: canary, stable"
        ),
        "{:?}",
        series.issues
    );
}

#[test]
fn one_missing_arm_is_named() {
    let series = measured(requests("lonely"));
    assert!(
        series.issues[0]
            .to_string()
            .contains("has variant=\"treatment\"; values seen: control"),
        "{:?}",
        series.issues
    );
}

#[test]
fn a_metric_without_the_label_says_so() {
    let series = measured(requests("unlabelled"));
    assert!(
        series.issues[0]
            .to_string()
            .contains("none has the label `variant`"),
        "{:?}",
        series.issues
    );
}

#[test]
fn the_arms_may_have_any_label_values() {
    let mut plan = plan(ENTERED, vec![requests("named")]);
    plan.arms = Arms {
        label: "variant".into(),
        exposed: "canary".into(),
        unexposed: "stable".into(),
    };
    let server = server();
    let snapshot = collect_from(server.url(), &plan).unwrap();
    let series = &snapshot.guardrails["named"];
    assert_eq!(series.issues, []);
    assert!(
        series
            .exposed
            .column(Column::Total)
            .unwrap()
            .iter()
            .all(|v| *v == Some(20.0))
    );
}

#[test]
fn at_full_exposure_nobody_misses_the_unexposed_arm() {
    let server = server();
    let mut plan = plan(ENTERED, vec![requests("lonely")]);
    plan.arms.exposed = "control".into();
    plan.arms.unexposed = "nobody".into();
    let partial = collect_from(server.url(), &plan).unwrap();
    assert_eq!(partial.guardrails["lonely"].issues.len(), 1);
    plan.state.as_mut().unwrap().exposure = Exposure::FULL;
    let full = collect_from(server.url(), &plan).unwrap();
    assert_eq!(full.guardrails["lonely"].issues, []);
}

#[test]
fn until_a_judged_block_has_closed_an_absent_arm_is_no_issue() {
    let server = server();
    let plan = plan(ENTERED, vec![app("nowhere")]);
    let warming = collect_at(server.url(), &plan, at(ENTERED + 600)).unwrap();
    assert_eq!(warming.guardrails["nowhere"].issues, []);
    let judged = collect_at(server.url(), &plan, at(ENTERED + 900)).unwrap();
    assert_eq!(judged.guardrails["nowhere"].issues.len(), 2);
}

#[test]
fn a_stage_just_entered_has_no_blocks_and_no_issues() {
    let server = server();
    let plan = plan(ENTERED, vec![app("healthy")]);
    let snapshot = collect_at(server.url(), &plan, at(ENTERED + 299)).unwrap();
    let series = &snapshot.guardrails["healthy"];
    assert!(series.ends.is_empty() && series.issues.is_empty());
    assert_eq!(series.queries.len(), 2);
}

#[test]
fn a_pending_plan_has_nothing_to_collect() {
    let server = server();
    let mut plan = plan(ENTERED, vec![app("healthy")]);
    plan.state = None;
    let error = collect_from(server.url(), &plan).unwrap_err();
    assert!(matches!(error, CollectError::Pending { .. }));
}

#[test]
fn nan_and_infinity_are_missing_and_never_values() {
    for name in ["nan", "infinite"] {
        let series = measured(level(name));
        assert_eq!(series.issues.len(), 2, "{:?}", series.issues);
        assert!(series.issues[0].to_string().contains("NaN or infinite"));
        assert!(
            series
                .exposed
                .column(Column::Query)
                .unwrap()
                .iter()
                .all(Option::is_none)
        );
    }
    let series = measured(level("half-nan"));
    assert_eq!(series.issues, []);
    let values = series.exposed.column(Column::Query).unwrap();
    assert_eq!(values[0], None);
    assert_eq!(*values.last().unwrap(), Some(0.5));
}

#[test]
fn several_series_where_one_is_expected_name_the_labels_that_differ() {
    let bound = PointBound::Max(Bound::plain(1.0).unwrap());
    let kind = Kind::Point {
        bound,
        consecutive: 5,
    };
    let query = "requests_total{app=\"healthy\",variant=\"treatment\"}";
    let series = measured(guardrail(
        "raw",
        kind,
        Source::PerArm {
            exposed: vec![(Column::Query, ArmQuery::parse(query).unwrap())],
            unexposed: Vec::new(),
        },
    ));
    assert_eq!(
        said(&series),
        [
            "`query` of the exposed arm: 2 series where one is expected; they differ by `pod` (a, b); \
             aggregate them, with sum() for instance"
        ]
    );
}

#[test]
fn promql_of_the_user_is_asked_as_it_is_with_the_block_put_in() {
    let query = |variant: &str| {
        format!("sum(increase(requests_total{{app=\"healthy\",variant=\"{variant}\"}}[$block]))")
    };
    let columns = |variant: &str| {
        vec![
            (Column::Events, ArmQuery::parse(&query(variant)).unwrap()),
            (Column::Total, ArmQuery::parse(&query(variant)).unwrap()),
        ]
    };
    let series = measured(guardrail(
        "own",
        Kind::Ratio {
            worse: Worse::Higher,
        },
        Source::PerArm {
            exposed: columns("treatment"),
            unexposed: columns("control"),
        },
    ));
    assert_eq!(series.issues, []);
    assert!(series.queries.iter().all(|query| query.contains("[5m]")));
    let total = series.exposed.column(Column::Total).unwrap();
    let last = total.last().unwrap().unwrap();
    assert!((last - 120.0).abs() < 6.5, "{last}");
    assert_eq!(
        series.ends.len(),
        usize::try_from((NOW - ENTERED) / 300).unwrap()
    );
}

//! What stands in the way before the first user, and what does not.

use std::collections::BTreeMap;

use super::*;
use crate::judge::fixture::{errors, plan, series, snapshot, steady};
use crate::plan::Selector;

fn seen(values: &[&str], recent: &[&str]) -> LabelSeen {
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    LabelSeen {
        values: texts(values),
        recent: texts(recent),
        ..LabelSeen::default()
    }
}

/// What is in the way when these values were seen of events and total.
fn obstacles(events: LabelSeen, total: LabelSeen) -> Vec<Obstruction> {
    let mut errors = errors();
    errors.metric.source = Source::Selectors(Vec::new());
    let plan = plan(vec![errors]);
    let guardrail = GuardrailSeries {
        preflight: BTreeMap::from([(Column::Events, events), (Column::Total, total)]),
        ..GuardrailSeries::default()
    };
    let found = preflight(&plan, &snapshot(vec![("errors", guardrail)]));
    found.into_iter().map(|obstacle| obstacle.what).collect()
}

const BOTH: &[&str] = &["control", "treatment"];

#[test]
fn a_service_that_is_measured_is_ready() {
    let control = || seen(&["control"], &["control"]);
    assert_eq!(obstacles(control(), control()), []);
    // An error counter without an error yet, and an exposed arm that is there already.
    assert_eq!(obstacles(seen(&[], &[]), control()), []);
    assert_eq!(obstacles(seen(BOTH, BOTH), seen(BOTH, BOTH)), []);
    // Another experiment on the same label.
    let others = || seen(&["control", "blue"], &["control", "blue"]);
    assert_eq!(obstacles(others(), others()), []);
}

#[test]
fn what_is_not_there_yet_is_waited_for() {
    let nothing = || seen(&[], &[]);
    let found = obstacles(nothing(), nothing());
    assert_eq!(found, [Obstruction::NotThere, Obstruction::NotThere]);
    let silent = obstacles(seen(&["control"], &[]), seen(&["control"], &[]));
    let gone = || Obstruction::Silent { last_seen: None };
    assert_eq!(silent, [gone(), gone()]);
    assert!(found.iter().chain(&silent).all(|what| !what.contradicts()));
}

#[test]
fn what_says_something_else_than_the_plan_is_a_contradiction() {
    let good = || seen(&["control"], &["control"]);
    for (bad, expected) in [
        (seen(&[""], &[""]), "NoLabel"),
        (seen(&["old", "new"], &["old", "new"]), "NoUnexposed"),
        (
            seen(&["control", "Treatment"], &["control"]),
            "OtherSpelling",
        ),
        (
            seen(&["control", "treatmnt"], &["control"]),
            "OtherSpelling",
        ),
    ] {
        for found in [
            obstacles(bad.clone(), good()),
            obstacles(good(), bad.clone()),
        ] {
            assert_eq!(found.len(), 1, "{bad:?}");
            assert!(found[0].contradicts());
            assert!(format!("{:?}", found[0]).starts_with(expected), "{found:?}");
        }
    }
}

#[test]
fn errors_of_others_say_nothing_of_the_arms_and_another_label_does() {
    let total = || seen(&["blue", "control"], &["blue", "control"]);
    // The arms have had no error yet.
    assert_eq!(obstacles(seen(&["blue"], &["blue"]), total()), []);
    // Nor does an error that is over say that the counter has stopped.
    let mut over = seen(&[], &[]);
    over.last_seen = Some(0);
    assert_eq!(obstacles(over, total()), []);
    let found = obstacles(seen(&["Control"], &["Control"]), total());
    let [Obstruction::NoUnexposed { meant, .. }] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(meant.as_deref(), Some("Control"));
    let found = obstacles(seen(&["", "x"], &["", "x"]), total());
    assert!(found[0].contradicts(), "{found:?}");
}

#[test]
fn another_version_is_no_misspelling_of_the_exposed_one() {
    let mut plan = plan(vec![errors()]);
    plan.guardrails[0].metric.source = Source::Selectors(Vec::new());
    plan.arms.exposed = "v2024-11-20".into();
    plan.arms.unexposed = "v2024-11-18".into();
    let total = seen(&["v2024-11-18", "v2024-11-19"], &["v2024-11-18"]);
    let guardrail = GuardrailSeries {
        preflight: BTreeMap::from([(Column::Total, total)]),
        ..GuardrailSeries::default()
    };
    assert_eq!(preflight(&plan, &snapshot(vec![("errors", guardrail)])), []);
}

#[test]
fn what_ended_was_there() {
    let mut ended = seen(&[], &[]);
    ended.last_seen = Some(1_767_225_600);
    let mut replaced = seen(&["blue"], &["blue"]);
    replaced.last_seen = ended.last_seen;
    for ended in [ended, replaced] {
        let found = obstacles(seen(&["control"], &["control"]), ended);
        let last_seen = Some(1_767_225_600);
        assert_eq!(found, [Obstruction::Silent { last_seen }]);
    }
}

#[test]
fn a_limit_needs_its_metric_and_the_label_and_not_the_unexposed_arm() {
    let mut errors = errors();
    errors.margin = None;
    errors.metric.source = Source::Selectors(Vec::new());
    let plan = plan(vec![errors]);
    let of = |total: LabelSeen| {
        let guardrail = GuardrailSeries {
            preflight: BTreeMap::from([(Column::Total, total)]),
            ..GuardrailSeries::default()
        };
        let found = preflight(&plan, &snapshot(vec![("errors", guardrail)]));
        found.into_iter().map(|o| o.what).collect::<Vec<_>>()
    };
    assert_eq!(of(seen(&["control"], &["control"])), []);
    assert_eq!(of(seen(&["blue"], &["blue"])), []);
    assert_eq!(of(seen(&[], &[])), [Obstruction::NothingOfExposed]);
    assert!(!Obstruction::NothingOfExposed.contradicts());
    assert!(of(seen(&[""], &[""]))[0].contradicts());
    assert!(of(seen(&["Treatment"], &["Treatment"]))[0].contradicts());
}

#[test]
fn a_flaw_stands_in_the_way_and_only_what_may_pass_is_waited_for() {
    for flaw in Flaw::ALL {
        let mut total = seen(&["control"], &["control"]);
        total.flaw = Some(flaw);
        let found = obstacles(seen(&["control"], &["control"]), total);
        assert_eq!(found, [Obstruction::Flawed(flaw)]);
        assert_eq!(found[0].contradicts(), flaw != Flaw::NoNumber);
    }
}

#[test]
fn a_snapshot_without_these_facts_is_taken_for_what_was_measured() {
    let plan = plan(vec![errors()]);
    let there = series(Default::default(), steady(9.0, 900.0, 3), 3);
    assert_eq!(preflight(&plan, &snapshot(vec![("errors", there)])), []);
    let nothing = series(Default::default(), Default::default(), 3);
    let found = preflight(&plan, &snapshot(vec![("errors", nothing)]));
    assert_eq!(found[0].what, Obstruction::NotThere);
    assert_eq!(
        preflight(&plan, &snapshot(Vec::new()))[0].what,
        Obstruction::NotThere
    );
}

/// What is in the way when there are no events, and these are the names of the metrics.
fn of_names(events: &str, total: &str) -> Vec<Obstruction> {
    let mut errors = errors();
    let columns = [(Column::Events, events), (Column::Total, total)];
    let columns = columns.map(|(column, text)| (column, Selector::parse(text).unwrap()));
    errors.metric.source = Source::Selectors(columns.to_vec());
    let plan = plan(vec![errors]);
    let control = seen(&["control"], &["control"]);
    let guardrail = GuardrailSeries {
        preflight: BTreeMap::from([(Column::Events, seen(&[], &[])), (Column::Total, control)]),
        ..GuardrailSeries::default()
    };
    let found = preflight(&plan, &snapshot(vec![("errors", guardrail)]));
    found.into_iter().map(|obstacle| obstacle.what).collect()
}

#[test]
fn events_that_never_were_and_whose_name_is_nearly_the_totals_are_misspelt() {
    let total = "lookup_requests_total";
    let found = of_names(r#"lookup_request_total{outcome="error"}"#, total);
    let meant = |wanted: &str| Obstruction::OtherName {
        wanted: wanted.into(),
        meant: total.into(),
    };
    assert_eq!(found, [meant("lookup_request_total")]);
    assert!(found[0].contradicts());
    assert_eq!(
        of_names("lookup_requets_total", total),
        [meant("lookup_requets_total")]
    );
    // Another counter that has had no event, another label of the same one, and names that differ by design.
    assert_eq!(of_names("lookup_errors_total", total), []);
    assert_eq!(
        of_names(r#"lookup_requests_total{outcome="error"}"#, total),
        []
    );
    assert_eq!(of_names("responses_5xx_total", "responses_2xx_total"), []);
}

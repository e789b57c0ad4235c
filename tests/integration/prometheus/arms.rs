//! Arms of a plan's own against a real server: pod hashes by regular expression, several values an arm,
//! values in both, and exact increments in queries of somebody's own.

use rollout::plan::{ArmQuery, ArmValue, Arms, Column, Guardrail, Kind, Pattern, Source};
use rollout::snapshot::{Arm, EvidenceIssue, GuardrailSeries, Snapshot};
use rollout::units::Worse;

use crate::prometheus::shop::{ENTERED, EVENT, HOUR, collect_from, measured, old, unusual};
use crate::support::Rollout;
use crate::support::openmetrics::{Metrics, SCRAPE, START};
use crate::support::plans::{guardrail, plan, ratio, selectors};
use crate::support::server::Server;

/// Values of the label, requests a scrape, and how busy: pods of two releases and of a third.
const VERSIONS: [(&str, i64, f64); 5] = [
    ("7f9c-a", 1, 0.1),
    ("7f9c-b", 2, 0.3),
    ("5b1d-a", 10, 0.5),
    ("5b1d-b", 20, 0.6),
    ("e000-a", 100, 0.9),
];

fn server() -> Server {
    let mut metrics = Metrics::new(8);
    for (version, rate, busy) in VERSIONS {
        let labels = format!("version=\"{version}\"");
        metrics = metrics
            .counter("requests_total", &labels, old(rate))
            .counter("errors_total", &labels, move |t| {
                Some((rate * (t / SCRAPE) / 10) as f64)
            })
            .gauge("busy", &labels, move |_| Some(busy));
    }
    // A second pod of one version, so that the mean of means is not the mean.
    Server::start(metrics.gauge("busy", "version=\"7f9c-a\",pod=\"second\"", |_| Some(0.1)))
}

fn regex(text: &str) -> ArmValue {
    ArmValue::Regex(Pattern::parse(text).unwrap())
}

fn both() -> Vec<Guardrail> {
    let worse = Worse::Higher;
    vec![
        ratio("errors", "errors_total", "requests_total"),
        guardrail(
            "busy",
            Kind::Gauge { worse },
            selectors(&[(Column::Query, "busy")]),
        ),
    ]
}

fn measured_with(exposed: ArmValue, unexposed: ArmValue) -> Snapshot {
    let mut plan = plan(ENTERED, both());
    plan.arms = Arms {
        label: "version".into(),
        exposed,
        unexposed,
    };
    collect_from(server().url(), &plan).unwrap()
}

fn all_are(series: &[Option<f64>], expected: f64) -> bool {
    series
        .iter()
        .all(|value| value.is_some_and(|value| (value - expected).abs() < 1e-9))
}

#[test]
fn several_values_of_an_arm_are_one_arm() {
    let snapshot = measured_with(regex("7f9c.*"), regex("5b1d-(a|b)"));
    let of = |name: &str| &snapshot.guardrails[name];
    for (name, series) in &snapshot.guardrails {
        assert_eq!(series.issues, [], "{name}");
    }
    let total = Column::Total;
    // 20 scrapes a block.
    assert!(all_are(of("errors").exposed.column(total).unwrap(), 60.0));
    assert!(all_are(
        of("errors").unexposed.column(total).unwrap(),
        600.0
    ));
    // Of three series and of two.
    let query = Column::Query;
    assert!(all_are(
        of("busy").exposed.column(query).unwrap(),
        0.5 / 3.0
    ));
    assert!(all_are(of("busy").unexposed.column(query).unwrap(), 0.55));
}

#[test]
fn a_text_and_a_regular_expression_may_stand_side_by_side() {
    let snapshot = measured_with("7f9c-b".into(), regex("5b1d-.*"));
    let errors = &snapshot.guardrails["errors"];
    assert_eq!(errors.issues, []);
    assert!(all_are(errors.exposed.column(Column::Total).unwrap(), 40.0));
    assert!(all_are(
        errors.unexposed.column(Column::Total).unwrap(),
        600.0
    ));
}

#[test]
fn a_value_in_both_arms_voids_the_evidence() {
    let snapshot = measured_with(regex("7f9c.*"), regex("5b1d.*|.*-b"));
    for (name, column) in [("errors", Column::Total), ("busy", Column::Query)] {
        let expected = EvidenceIssue::InNoOneArm {
            column,
            label: "version".into(),
            value: "7f9c-b".into(),
            arms: vec![Arm::Exposed, Arm::Unexposed],
        };
        let issues = &snapshot.guardrails[name].issues;
        assert!(issues.contains(&expected), "{name}: {issues:?}");
    }
}

#[test]
fn absent_values_are_named_by_their_regular_expression() {
    let snapshot = measured_with(regex("cafe.*"), regex("5b1d.*"));
    for name in ["errors", "busy"] {
        let issues = &snapshot.guardrails[name].issues;
        assert!(!issues.is_empty(), "{name}");
        for issue in issues {
            let said = issue.to_string();
            assert!(
                said.contains("version=~\"cafe.*\"") && said.contains("7f9c-a"),
                "{said}"
            );
        }
    }
}

/// One column of the shared server's applications by queries of somebody's own.
fn own(exposed: &str, unexposed: &str) -> GuardrailSeries {
    let columns = |text: &str| {
        let query = ArmQuery::parse(text).unwrap();
        vec![(Column::Events, query.clone()), (Column::Total, query)]
    };
    measured(guardrail(
        "own",
        Kind::Ratio {
            worse: Worse::Higher,
        },
        Source::PerArm {
            exposed: columns(exposed),
            unexposed: columns(unexposed),
        },
    ))
}

fn of_app(app: &str) -> GuardrailSeries {
    own(
        &format!("sum($increments(requests_total{{app=\"{app}\",variant=~\"treat.*\"}}))"),
        &format!("sum($increments(requests_total{{app=\"{app}\",variant=\"control\"}}))"),
    )
}

#[test]
fn increments_in_own_queries_keep_births_and_resets() {
    let birth = of_app("birth");
    assert_eq!(birth.issues, []);
    let odd = unusual(&birth, &birth.exposed, 40.0);
    // The first block of the new pod holds the values 1, 2, 3 and 4; `increase` would say 3 and more.
    assert_eq!(odd.last(), Some(&(5, Some(24.0))));
    let reset = of_app("reset");
    assert_eq!(reset.issues, []);
    // Of the block of the restart what was counted since: 13, and 20 of the other pod.
    assert_eq!(unusual(&reset, &reset.exposed, 40.0), [(5, Some(33.0))]);
    assert_eq!(unusual(&reset, &reset.unexposed, 200.0), []);
}

#[test]
fn increments_can_be_joined() {
    let joined = |variant: &str| {
        format!(
            "sum($increments(requests_total{{app=\"birth\"}}) * on (app, pod, variant) group_left () \
             group by (app, pod, variant) (requests_total{{app=\"birth\",variant=\"{variant}\"}}))"
        )
    };
    let series = own(&joined("treatment"), &joined("control"));
    assert_eq!(series.issues, []);
    let odd = unusual(&series, &series.exposed, 40.0);
    assert_eq!(odd.last(), Some(&(5, Some(24.0))));
}

#[test]
fn a_series_counted_for_both_arms_voids_the_evidence() {
    let series = own(
        "sum($increments(requests_total{app=\"healthy\"}))",
        "sum($increments(requests_total{app=\"healthy\",variant=\"control\"}))",
    );
    let both = [Arm::Exposed, Arm::Unexposed];
    assert!(
        series.issues.iter().any(|issue| matches!(
            issue,
            EvidenceIssue::InNoOneArm { column: Column::Total, arms, .. } if *arms == both
        )),
        "{:?}",
        series.issues
    );
}

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(START + seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[test]
fn other_arms_within_a_stage_start_the_evidence_again_and_a_pending_plan_preflights() {
    let server = server();
    let arms = |exposed: &str| {
        format!(
            "[arms]\nlabel = \"version\"\nexposed = {{ regex = \"{exposed}.*\" }}\nunexposed = {{ regex = \"5b1d.*\" }}\n"
        )
    };
    let plan = |exposed: &str| {
        format!(
            "[[stages]]\nexposure = 10\nmin_duration = \"2h\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"50%\"\nratio = {{ events = 'errors_total', total = 'requests_total' }}\n\n{}",
            arms(exposed)
        )
    };
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", &plan("7f9c"));
    let advance = |seconds: i64| {
        let now = rfc(seconds);
        rollout.run(["advance", "--now", &now, "--prometheus-url", server.url()])
    };
    advance(ENTERED).exits(0);
    let text = rollout.read("rollouts/shop.toml");
    assert!(text.contains("[state]"), "{text}");
    let held = advance(EVENT - 2 * HOUR);
    held.exits(3);
    assert!(!held.stdout.contains("starts again"), "{}", held.stdout);
    let other = text.replacen("7f9c", "e000", 1);
    let rollout = rollout.file("rollouts/shop.toml", &other);
    let now = rfc(EVENT - 2 * HOUR + 600);
    let restarted = rollout.run(["advance", "--now", &now, "--prometheus-url", server.url()]);
    restarted.exits(3);
    assert!(
        restarted
            .stdout
            .contains("the definition of errors changed within the stage"),
        "{}",
        restarted.stdout
    );
    assert!(rollout.read("rollouts/shop.toml").contains("restarts"));
}

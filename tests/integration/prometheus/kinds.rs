//! Every kind of metric from a real server: what the judge gets to see.

use rollout::plan::{
    ArmQuery, Column, Compared, Guardrail, Kind, KindName, PointBound, Source, Word as _,
};
use rollout::prometheus::inspect;
use rollout::snapshot::ArmSeries;
use rollout::units::{Bound, Worse};

use crate::prometheus::shop::{ENTERED, EVENT, NOW, app, client, collect_from};
use crate::support::openmetrics::{Metrics, SCRAPE};
use crate::support::plans::{at, block_on, guardrail, plan, selectors};
use crate::support::server::Server;

const BOUNDS: [f64; 5] = [0.1, 0.25, 0.5, 1.0, 2.5];

/// Of 100 requests a scrape 90 take 80 ms, 7 take 200 ms and 3 take `slow` seconds.
fn latencies(slow: f64) -> impl Fn(i64) -> Vec<(f64, f64)> {
    move |t| {
        let n = (t / SCRAPE) as f64;
        vec![(0.08, 90.0 * n), (0.2, 7.0 * n), (slow, 3.0 * n)]
    }
}

pub(crate) fn metrics() -> Metrics {
    let mut metrics = Metrics::new(8);
    for (variant, rate) in [("treatment", 1), ("control", 10)] {
        for pod in ["a", "b"] {
            let labels = format!("variant=\"{variant}\",pod=\"{pod}\"");
            let slow = if variant == "treatment" { 0.7 } else { 0.3 };
            let steps = move |t: i64| t / SCRAPE;
            metrics = metrics
                .histogram("latency_seconds", &labels, &BOUNDS, latencies(slow))
                .counter("order_value_total", &labels, move |t| {
                    Some(12.5 * (rate * steps(t)) as f64)
                })
                .counter("orders_total", &labels, move |t| {
                    Some((rate * steps(t)) as f64)
                })
                .counter("crashes_total", &labels, move |t| {
                    Some((rate * steps(t) / 40) as f64)
                })
                .counter("user_hours_total", &labels, move |t| {
                    Some(0.25 * (rate * steps(t)) as f64)
                })
                .counter("users_total", &labels, move |t| {
                    Some((rate * steps(t)) as f64)
                })
                .gauge("cpu", &labels, move |t| {
                    let busy = if pod == "a" { 0.4 } else { 0.6 };
                    Some(if t < EVENT { busy } else { busy + 0.1 })
                });
        }
    }
    metrics
}

pub(crate) fn everything() -> Vec<Guardrail> {
    let worse = Worse::Higher;
    vec![
        guardrail(
            "latency",
            Kind::Latency {
                quantile: 0.99,
                compare: Compared::Share,
                unit: rollout::plan::TimeUnit::Seconds,
            },
            selectors(&[(Column::Histogram, "latency_seconds_bucket")]),
        ),
        guardrail(
            "order-value",
            Kind::Mean {
                worse: Worse::Lower,
            },
            selectors(&[
                (Column::Sum, "order_value_total"),
                (Column::Count, "orders_total"),
            ]),
        ),
        guardrail(
            "crashes",
            Kind::Rate { worse },
            selectors(&[
                (Column::Events, "crashes_total"),
                (Column::Per, "user_hours_total"),
            ]),
        ),
        guardrail(
            "cpu",
            Kind::Gauge { worse },
            selectors(&[(Column::Query, "cpu")]),
        ),
        guardrail(
            "crash-share",
            Kind::Ratio { worse },
            selectors(&[
                (Column::Events, "crashes_total"),
                (Column::Total, "orders_total"),
            ]),
        ),
        guardrail(
            "cpu-now",
            Kind::Point {
                bound: PointBound::Max(Bound::plain(0.9).unwrap()),
                consecutive: 3,
            },
            Source::PerArm {
                exposed: vec![(
                    Column::Query,
                    ArmQuery::parse("avg(cpu{variant=\"treatment\"})").unwrap(),
                )],
                unexposed: Vec::new(),
            },
        ),
    ]
}

#[test]
fn no_kind_is_forgotten_here() {
    let asked: Vec<KindName> = everything().iter().map(|g| g.metric.kind.name()).collect();
    let missing: Vec<&KindName> = KindName::ALL
        .iter()
        .filter(|kind| !asked.contains(kind))
        .collect();
    assert!(
        missing.is_empty(),
        "no real server is asked for {missing:?}"
    );
}

fn all(arm: &ArmSeries, key: Column, expected: f64) {
    let column = arm.column(key).unwrap();
    assert!(
        column.iter().all(|value| *value == Some(expected)),
        "{key:?}: {column:?}"
    );
}

#[test]
fn every_kind_gives_the_judge_its_columns() {
    let server = Server::start(metrics());
    let mut plan = plan(ENTERED, everything());
    plan.assignment = Some(rollout::plan::Assignment {
        users: rollout::plan::Selector::parse("users_total").unwrap(),
    });
    let snapshot = collect_from(server.url(), &plan).unwrap();
    for (name, series) in &snapshot.guardrails {
        assert_eq!(series.issues, [], "{name}");
    }
    let of = |name: &str| &snapshot.guardrails[name];
    // Two pods, 20 scrapes a block.
    all(&of("order-value").exposed, Column::Sum, 500.0);
    all(&of("order-value").exposed, Column::Count, 40.0);
    all(&of("order-value").unexposed, Column::Sum, 5_000.0);
    all(&of("crashes").exposed, Column::Per, 10.0);
    let crashes: f64 = of("crashes")
        .exposed
        .column(Column::Events)
        .unwrap()
        .iter()
        .flatten()
        .sum();
    assert!(
        (crashes - (NOW - ENTERED) as f64 / 15.0 / 40.0 * 2.0).abs() <= 2.0,
        "{crashes}"
    );
    let cpu = of("cpu").exposed.column(Column::Query).unwrap();
    assert!((cpu[0].unwrap() - 0.5).abs() < 1e-9);
    assert!((cpu.last().unwrap().unwrap() - 0.6).abs() < 1e-9);
    all(&of("crash-share").exposed, Column::Total, 40.0);
    let now = of("cpu-now").exposed.column(Column::Query).unwrap();
    assert!((now.last().unwrap().unwrap() - 0.6).abs() < 1e-9);
    let latency = of("latency");
    let bounds: Vec<f64> = latency.exposed.buckets.iter().map(|(le, _)| *le).collect();
    assert_eq!(bounds, [0.1, 0.25, 0.5, 1.0, 2.5, f64::INFINITY]);
    let counts = |arm: &ArmSeries| -> Vec<f64> {
        arm.buckets
            .iter()
            .map(|(_, series)| series[0].unwrap())
            .collect()
    };
    assert_eq!(
        counts(&latency.exposed),
        [3_600.0, 3_880.0, 3_880.0, 4_000.0, 4_000.0, 4_000.0]
    );
    assert_eq!(
        counts(&latency.unexposed),
        [3_600.0, 3_880.0, 4_000.0, 4_000.0, 4_000.0, 4_000.0]
    );
    let users = snapshot.assignment.unwrap();
    assert_eq!(users.issues, []);
    assert!(users.exposed.iter().all(|value| *value == Some(40.0)));
    assert!(users.unexposed.iter().all(|value| *value == Some(400.0)));
}

#[test]
fn inspecting_shows_series_and_problems_before_the_rollout_begins() {
    let server = Server::start(metrics());
    let mut guardrails = everything();
    guardrails.push(app("nowhere"));
    let mut plan = plan(ENTERED, guardrails);
    plan.state = None;
    let inspect = |name| {
        block_on(inspect(
            &client(server.url()),
            &plan,
            name,
            at(NOW),
            &|_, _| {},
        ))
    };
    let found = inspect(None).unwrap();
    assert_eq!(found.len(), 11);
    let mean: Vec<_> = found
        .iter()
        .filter(|one| one.guardrail == "order-value")
        .collect();
    assert_eq!(mean.len(), 2);
    assert_eq!(mean[0].series.len(), 2);
    assert_eq!(mean[0].series[0].points.len(), 12);
    assert!(
        found[..9].iter().all(|one| one.problems.is_empty()),
        "{found:?}"
    );
    assert!(
        found[9].problems[0].contains("no series matches"),
        "{found:?}"
    );
    assert_eq!(inspect(Some("cpu")).unwrap().len(), 1);
    let nobody = client("http://127.0.0.1:1");
    assert!(
        block_on(rollout::prometheus::inspect(
            &nobody,
            &plan,
            None,
            at(NOW),
            &|_, _| {}
        ))
        .is_err()
    );
}

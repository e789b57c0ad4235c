//! Every kind of metric from a real server: what the judge gets to see.

use rollout::plan::{
    ArmQuery, Column, Compared, Guardrail, Kind, KindName, PointBound, Source, Word as _,
};
use rollout::prometheus::inspect;
use rollout::snapshot::{ArmSeries, GuardrailSeries, Housing, Series, Unsplit};
use rollout::units::{Bound, Worse};

use crate::prometheus::shop::{
    ENTERED, EVENT, HOUR, NOW, app, client, collect_at, collect_from, measured,
};
use crate::support::openmetrics::{Metrics, SCRAPE};
use crate::support::plans::{at, block_on, guardrail, plan, ratio, selectors};
use crate::support::remote_write::{Counts, Native, write};
use crate::support::server::{Options, Server};
use crate::support::victoria::Victoria;

const BOUNDS: [f64; 5] = [0.1, 0.25, 0.5, 1.0, 2.5];

/// Of 100 requests a scrape 90 take 80 ms, 7 take 200 ms and 3 take `slow` seconds.
fn latencies(slow: f64) -> impl Fn(i64) -> Vec<(f64, f64)> {
    move |t| {
        let n = (t / SCRAPE) as f64;
        vec![(0.08, 90.0 * n), (0.2, 7.0 * n), (slow, 3.0 * n)]
    }
}

fn metrics() -> Metrics {
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

fn everything() -> Vec<Guardrail> {
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
fn the_unexposed_arm_is_split_by_pod_before_the_stage_and_during_it() {
    let healthy = measured(app("healthy"));
    assert_eq!(healthy.unsplit, None);
    let counts = healthy.instances.clone().unwrap();
    assert_eq!((counts.exposed, counts.unexposed), (2, 2));
    assert_eq!(
        (counts.shared, counts.label.as_deref()),
        (Some(2), Some("pod"))
    );
    assert_eq!(counts.housing(), Some(Housing::Shared));
    let (history, during) = (healthy.history.unwrap(), healthy.during.unwrap());
    assert_eq!(history.ends[0], at(ENTERED - 72 * HOUR + 300).timestamp());
    let before = at(ENTERED - 300).timestamp();
    assert_eq!(*history.ends.last().unwrap(), before);
    assert_eq!(during.ends, healthy.ends);
    for part in [&history, &during] {
        assert_eq!(part.groups.len(), 8);
        let used: Vec<usize> = (0..8).filter(|k| !part.groups[*k].is_empty()).collect();
        assert_eq!(used, [2, 6], "the groups of `a` and `b`");
        let names: Vec<&str> = part.instances.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "b"]);
        for (half, sums) in part.halves().iter().zip(part.instances.values()) {
            let known = |column: Column| -> Vec<f64> {
                half.column(column)
                    .unwrap()
                    .iter()
                    .flatten()
                    .copied()
                    .collect()
            };
            let total = known(Column::Total);
            assert!(total.len() > 20, "{total:?}");
            assert!(
                total.iter().all(|count| (count - 600.0).abs() < 1e-9),
                "{total:?}"
            );
            // The blocks in which everything begins are forgotten; what a series is born with is, too.
            let more = sums[&Column::Total] - total.iter().sum::<f64>();
            assert!((0.0..=1_200.0).contains(&more), "{sums:?}");
            let errors: f64 = known(Column::Events).iter().sum();
            let expected = 6.0 * total.len() as f64;
            assert!((errors - expected).abs() <= 2.0, "{errors}");
        }
    }
    // The data begins two hours before the stage.
    assert!((0.05..0.09).contains(&history.days()), "{}", history.days());
    // One pod alone has no halves, and that is no problem; it is said.
    let alone = measured(app("lazy"));
    assert_eq!((alone.history, alone.issues.len()), (None, 0));
    assert_eq!(alone.unsplit, Some(Unsplit::OneInstance));
}

#[test]
fn every_kind_has_a_past() {
    has_a_past(Server::start(metrics()).url());
}

#[test]
fn every_kind_has_a_past_on_victoria_metrics() {
    has_a_past(&Victoria::start(&metrics()).url());
}

fn has_a_past(url: &str) {
    let entered = 6 * HOUR;
    let snapshot = collect_at(url, &plan(entered, everything()), at(8 * HOUR)).unwrap();
    let of = |name: &str| snapshot.guardrails[name].clone();
    let known = |series: &Option<&Series>| -> Vec<f64> {
        series.unwrap().iter().flatten().copied().collect()
    };
    for name in ["latency", "order-value", "crashes", "cpu", "crash-share"] {
        let one = of(name);
        assert_eq!(one.unsplit, None, "{name}");
        let history = one.history.unwrap();
        let is_counted = ["crashes", "crash-share"].contains(&name);
        let (days, groups) = if is_counted { (3, 8) } else { (7, 2) };
        assert_eq!(history.groups.len(), groups, "{name}");
        assert_eq!(history.ends.len(), days * 288 - 1, "{name}");
        assert!(
            (0.2..0.26).contains(&history.days()),
            "{name}: {}",
            history.days()
        );
        assert_eq!(one.during.is_some(), is_counted, "{name}");
        let names: Vec<&String> = history.instances.keys().collect();
        assert_eq!(names, ["a", "b"], "{name}");
    }
    let [first, second] = of("cpu").history.unwrap().halves();
    let levels = [first, second].map(|half| known(&half.column(Column::Query)));
    // Pod `a` is in the first half; its level rises in the fifth hour.
    for (half, busy) in levels.iter().zip([0.4, 0.6]) {
        assert!(
            (half[10] - busy).abs() < 1e-6 && half.len() > 60,
            "{half:?}"
        );
        let last = half.last().unwrap();
        assert!((last - busy - 0.1).abs() < 1e-6, "{last}");
    }
    let mean = of("order-value").history.unwrap();
    for half in mean.halves() {
        let (sum, count) = (half.column(Column::Sum), half.column(Column::Count));
        for (sum, count) in known(&sum).iter().zip(known(&count)) {
            assert!((sum / count - 12.5).abs() < 1e-9, "{sum} {count}");
        }
    }
    let latency = of("latency").history.unwrap();
    for half in latency.halves() {
        // 99 % are below 0.5: three bounds up to it, two beyond, and all.
        let bounds: Vec<f64> = half.buckets.iter().map(|(bound, _)| *bound).collect();
        assert_eq!(bounds, [0.1, 0.25, 0.5, 1.0, 2.5, f64::INFINITY]);
        let last = half
            .buckets
            .iter()
            .map(|(_, counts)| *counts.last().unwrap());
        let last: Vec<f64> = last.flatten().collect();
        assert_eq!(last, [1_800.0, 1_940.0, 2_000.0, 2_000.0, 2_000.0, 2_000.0]);
    }
    let point = of("cpu-now");
    assert_eq!((point.history, point.unsplit), (None, None));
}

#[test]
fn hosts_with_ports_behind_one_collector_are_instances_and_arms_may_have_their_own() {
    let mut metrics = Metrics::new(8);
    for (variant, hosts) in [("treatment", ["x", "y"]), ("control", ["a", "b"])] {
        for host in hosts {
            for port in [8080, 8081] {
                let labels = format!(
                    "variant=\"{variant}\",instance=\"collector:9090\",host=\"{host}\",port=\"{port}\""
                );
                metrics = metrics
                    .counter("requests_total", &labels, |t| {
                        Some((t / SCRAPE * 10) as f64)
                    })
                    .counter("errors_total", &labels, |t| Some((t / SCRAPE / 4) as f64));
            }
        }
    }
    let server = Server::start(metrics);
    let guardrails = vec![ratio("errors", "errors_total", "requests_total")];
    let snapshot = collect_at(server.url(), &plan(5 * HOUR, guardrails), at(8 * HOUR)).unwrap();
    let series = &snapshot.guardrails["errors"];
    let counts = series.instances.clone().unwrap();
    assert_eq!((counts.exposed, counts.unexposed), (4, 4));
    assert_eq!(counts.label.as_deref(), Some("host"));
    assert_eq!(counts.housing(), Some(Housing::Own));
    let history = series.history.as_ref().unwrap();
    let names: Vec<&String> = history.instances.keys().collect();
    assert_eq!(names, ["a:8080", "a:8081", "b:8080", "b:8081"]);
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

fn native_latency() -> Guardrail {
    guardrail(
        "native",
        Kind::Latency {
            quantile: 0.9,
            compare: Compared::Share,
            unit: rollout::plan::TimeUnit::Seconds,
        },
        selectors(&[(Column::Histogram, "native_seconds")]),
    )
}

/// Ten observations a scrape around 500 ms, moved up by so many buckets of 9 %.
fn around(scrapes: i64, shift: i64) -> Counts {
    [(-10, 1), (-9, 2), (-8, 4), (-7, 2), (-4, 1)]
        .map(|(index, weight)| (index + shift, weight * u64::try_from(scrapes).unwrap()))
        .to_vec()
}

fn native(variant: &str, pod: &str, counts: impl Fn(i64) -> Option<Counts> + 'static) -> Native {
    let pairs = [
        ("__name__", "native_seconds"),
        ("variant", variant),
        ("pod", pod),
    ];
    Native {
        labels: pairs
            .map(|(name, value)| (name.into(), value.into()))
            .to_vec(),
        counts: Box::new(counts),
    }
}

/// Exact counts above a bound in each block.
fn beyond(series: &GuardrailSeries, arm: &ArmSeries, bound: f64) -> Vec<f64> {
    assert_eq!(series.issues, []);
    let (_, below) = arm
        .buckets
        .iter()
        .find(|(le, _)| (le / bound - 1.0).abs() < 1e-6)
        .unwrap();
    let (_, all) = arm.buckets.last().unwrap();
    below
        .iter()
        .zip(all)
        .map(|(below, all)| all.unwrap() - below.unwrap())
        .collect()
}

#[test]
fn native_histograms_give_exact_counts_through_births_and_resets() {
    let server = Server::empty(&Options {
        arguments: vec![
            "--enable-feature=native-histograms".into(),
            "--web.enable-remote-write-receiver".into(),
        ],
        ..Options::default()
    });
    let series = [
        native("control", "c", |t| Some(around(t / SCRAPE + 1_000, 0))),
        // Every latency is 30 % longer.
        native("treatment", "a", |t| Some(around(t / SCRAPE + 1_000, 3))),
        // Born in the middle of a block.
        native("treatment", "b", |t| {
            (t > 5_500).then(|| around((t - 5_500) / SCRAPE, 3))
        }),
        // Restarted in the middle of a block.
        native("treatment", "r", |t| {
            let since = if t < 7_000 { 0 } else { 7_000 };
            Some(around((t - since) / SCRAPE, 3))
        }),
    ];
    write(&server, &series, 3);
    let plan = plan(HOUR / 2, vec![native_latency()]);
    let snapshot = collect_at(server.url(), &plan, at(3 * HOUR - 60)).unwrap();
    let series = &snapshot.guardrails["native"];
    // 545 ms is the upper bound of bucket -7: of ten observations one is above it unexposed,
    // nine of ten exposed.
    let bound = 2_f64.powf(-7.0 / 8.0);
    let control = beyond(series, &series.unexposed, bound);
    assert!(
        control.iter().all(|count| (count - 20.0).abs() < 1e-9),
        "{control:?}"
    );
    let treatment = beyond(series, &series.exposed, bound);
    assert_eq!(treatment.len(), control.len());
    // One pod 180 a block; the born and the restarted one what they have counted themselves.
    let block_of = |t: i64| usize::try_from((t - HOUR / 2) / 300).unwrap();
    for (block, count) in treatment.iter().enumerate() {
        let end = HOUR / 2 + 300 * (i64::try_from(block).unwrap() + 1);
        let scrapes = |from: i64| (end - from).max(0) / SCRAPE - (end - 300 - from).max(0) / SCRAPE;
        let restarted = if block == block_of(7_000) {
            (end - 7_000) / SCRAPE
        } else {
            20
        };
        let expected = 9 * (20 + scrapes(5_500) + restarted);
        assert!(
            (count - expected as f64).abs() < 1e-9,
            "block {block}: {count} {expected}"
        );
    }
}

#[test]
fn a_classic_histogram_named_as_a_native_one_says_how_to_name_it() {
    let server = Server::start(metrics());
    let wrong = |selector: &str| {
        guardrail(
            "latency",
            Kind::Latency {
                quantile: 0.99,
                compare: Compared::Share,
                unit: rollout::plan::TimeUnit::Seconds,
            },
            selectors(&[(Column::Histogram, selector)]),
        )
    };
    for selector in ["latency_seconds", "latency_seconds_count"] {
        let snapshot = collect_from(server.url(), &plan(ENTERED, vec![wrong(selector)])).unwrap();
        let issues = &snapshot.guardrails["latency"].issues;
        assert!(
            issues[0].to_string().contains("`..._bucket`"),
            "{selector}: {issues:?}"
        );
    }
}

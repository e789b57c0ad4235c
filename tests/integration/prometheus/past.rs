//! The unexposed arm before a stage, from a real server: how it is split, and how it is asked for.

use rollout::plan::{Column, Plan};
use rollout::prometheus::{PLANS_AT_ONCE, ask_histories, collect};
use rollout::snapshot::{EntryHistory, Housing, Series, Unsplit};

use crate::prometheus::kinds::{everything, metrics};
use crate::prometheus::shop::{ENTERED, HOUR, NOW, app, client, collect_at, measured, requests_of};
use crate::support::openmetrics::{Metrics, SCRAPE};
use crate::support::plans::{at, block_on, plan, ratio};
use crate::support::server::{Options, Server};
use crate::support::victoria::Victoria;
use crate::support::wire::{Reply, Wire};

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
        let (sums, counts) = (known(&sum), known(&count));
        assert!(sums.len() > 60 && sums.len() == counts.len(), "{sums:?}");
        for (sum, count) in sums.iter().zip(counts) {
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

/// Range queries that a server was asked.
fn ranges(wire: &Wire) -> usize {
    let requests = wire.requests();
    let is_range = |request: &&String| request.starts_with("POST /api/v1/query_range");
    requests.iter().filter(is_range).count()
}

#[test]
fn what_more_plans_share_than_are_held_at_once_is_asked_for_once() {
    let one = plan(ENTERED, vec![app("healthy")]);
    let plans: Vec<&Plan> = vec![&one; 2 * PLANS_AT_ONCE + 3];
    let wire = Wire::start(vec![Reply::nothing()]);
    let asker = client(wire.url());
    let snapshots = block_on(collect(&asker, &requests_of(&plans), at(NOW), &|_, _| {}));
    assert_eq!(snapshots.len(), plans.len());
    for snapshot in snapshots {
        let unsplit = snapshot.unwrap().guardrails["healthy"].unsplit;
        assert_eq!(unsplit, Some(Unsplit::NothingBefore));
    }
    // Two columns of the stage, and of the past.
    assert_eq!(ranges(&wire), 4);

    let wire = Wire::start(vec![Reply::nothing()]);
    let asker = client(wire.url());
    let requests = requests_of(&plans);
    let histories = ask_histories(&asker, &requests, at(NOW), &|_, _| {});
    let histories: Vec<EntryHistory> = block_on(histories).into_iter().flatten().collect();
    assert_eq!(histories.len(), plans.len());
    for history in &histories {
        assert_eq!(history.entered_at, at(ENTERED));
        let unsplit = history.guardrails["healthy"].unsplit;
        assert_eq!(unsplit, Some(Unsplit::NothingBefore));
    }
    assert_eq!(ranges(&wire), 2);
}

#[test]
fn stages_far_apart_ask_for_their_own_days_alone() {
    let plans = [0, 20].map(|days| plan(ENTERED + days * 24 * HOUR, vec![app("healthy")]));
    let plans: Vec<&Plan> = plans.iter().collect();
    let wire = Wire::start(vec![Reply::nothing()]);
    let asker = client(wire.url());
    let now = at(NOW + 20 * 24 * HOUR);
    let requests = requests_of(&plans);
    let histories = ask_histories(&asker, &requests, now, &|_, _| {});
    assert_eq!(block_on(histories).len(), 2);
    assert_eq!(ranges(&wire), 4);
    let field = |request: &str, name: &str| -> i64 {
        let (_, rest) = request.split_once(&format!("&{name}=")).unwrap();
        rest.split('&').next().unwrap().parse().unwrap()
    };
    for request in wire.requests() {
        if request.starts_with("POST /api/v1/query_range") {
            let seconds = field(&request, "end") - field(&request, "start");
            // Three days, and an hour before them.
            assert!(seconds <= 73 * HOUR, "{seconds}");
        }
    }
}

#[test]
fn where_days_are_too_much_for_a_server_one_is_asked_for() {
    let mut metrics = Metrics::new(64);
    for variant in ["treatment", "control"] {
        for pod in ["a", "b"] {
            let labels = format!("variant=\"{variant}\",pod=\"{pod}\"");
            metrics = metrics
                .counter("requests_total", &labels, |t| {
                    Some((t / SCRAPE * 10) as f64)
                })
                .counter("errors_total", &labels, |t| Some((t / SCRAPE / 4) as f64))
                .gauge("cpu", &labels, |_| Some(0.5));
        }
    }
    // Two series of the unexposed arm give 720 values in 60 hours, and 288 in a day.
    let options = Options {
        arguments: vec!["--query.max-samples=1000".into()],
        ..Options::default()
    };
    let server = Server::start_with(metrics, &options);
    let guardrails = vec![ratio("errors", "errors_total", "requests_total")];
    let entered = 60 * HOUR;
    let snapshot = collect_at(server.url(), &plan(entered, guardrails), at(62 * HOUR)).unwrap();
    let series = &snapshot.guardrails["errors"];
    assert_eq!((series.unsplit, series.issues.len()), (None, 0));
    let history = series.history.as_ref().unwrap();
    let last = at(entered - 300).timestamp();
    assert_eq!(
        (history.ends.len(), history.ends.last()),
        (288, Some(&last))
    );
}

//! `backtest --split` over what a real Prometheus knows: twelve pods, released anew within the days that are
//! looked at.

use super::planning::{at, json};
use super::support::Rollout;
use super::support::openmetrics::Metrics;
use super::support::server::Server;

const PLAN: &str = r#"
[[stages]]
exposure = 1
min_duration = "6h"
rule_out = "5x"

[[stages]]
exposure = 50
min_duration = "6h"
rule_out = "2x"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "20%"
ratio = { events = 'errors_total{app="shop"}', total = 'requests_total{app="shop"}' }
"#;

const OTHERS: &str = r#"
[[guardrails]]
name = "latency"
category = "experience"
margin = "25%"
on_breach = "pause"
latency = { histogram = 'latency_seconds_bucket{app="shop"}', quantile = 0.9 }

[[guardrails]]
name = "queue"
category = "reliability"
margin = "20%"
gauge = { query = 'queue_depth{app="shop"}', worse = "higher" }

[[guardrails]]
name = "basket"
category = "business"
margin = "10%"
mean = { sum = 'basket_sum_total{app="shop"}', count = 'basket_count_total{app="shop"}', worse = "lower" }

[[guardrails]]
name = "plain"
category = "reliability"
point = { query = 'up', max = 5, consecutive = 3 }
"#;

const PODS: i64 = 12;
const HOUR: i64 = 3_600;
const HOURS: i64 = 60;

/// The pods are replaced, one every five minutes, from this hour on.
const RELEASE: i64 = 24 * HOUR;

/// A number in `0..1` that these decide.
fn chance(one: i64, other: i64) -> f64 {
    let mixed = (one.wrapping_mul(0x9E37_79B9) ^ other.wrapping_mul(0x85EB_CA6B)) & 0xFFFF_FFFF;
    let mixed = mixed.wrapping_mul(0xC2B2_AE35) >> 16 & 0xFFFF;
    mixed as f64 / 65_536.0
}

/// A counter of so many a second, a few more or fewer in each minute, from the birth of its process on.
fn counter(rate: f64, seed: i64, born: i64) -> impl Fn(i64) -> f64 {
    move |t| {
        let minute = (t - born).max(0) / 60;
        let wave = (minute as f64 * 0.7 + seed as f64).sin() + chance(seed, minute);
        (rate * 60.0 * (minute as f64 + 0.2 * wave))
            .max(0.0)
            .floor()
    }
}

fn shop() -> Metrics {
    let mut metrics = Metrics::new(HOURS).every(60);
    for pod in 0..PODS {
        for generation in 0..2 {
            let name = format!("web-{generation}-{pod:02}");
            let labels = format!(r#"app="shop",variant="control",pod="{name}""#);
            let switch = RELEASE + pod * 300;
            let (born, died) = if generation == 0 {
                (0, switch + 120)
            } else {
                (switch, HOURS * HOUR)
            };
            let lives = move |t: i64| (born..died).contains(&t);
            let seed = pod * 2 + generation;
            let count = move |rate: f64, salt: i64| {
                let count = counter(rate, seed * 10 + salt, born);
                move |t: i64| lives(t).then(|| count(t))
            };
            metrics = metrics
                .counter("requests_total", &labels, count(2.0, 1))
                .counter("errors_total", &labels, count(0.04, 2))
                .counter("basket_sum_total", &labels, count(8.0, 3))
                .counter("basket_count_total", &labels, count(0.4, 4))
                .gauge("queue_depth", &labels, move |t| {
                    lives(t).then(|| 10.0 + chance(seed, t / 60))
                });
            for (bound, share) in [("0.1", 0.6), ("0.25", 0.88), ("0.5", 0.97), ("+Inf", 1.0)] {
                let labels = format!(r#"{labels},le="{bound}""#);
                let count = counter(2.0, seed * 10 + 1, born);
                metrics = metrics.counter_of(
                    "latency_seconds",
                    "latency_seconds_bucket",
                    &labels,
                    move |t| lives(t).then(|| (count(t) * share).floor()),
                );
            }
        }
    }
    metrics
}

fn directory(server: &Server) -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", &format!("{PLAN}{OTHERS}"))
        .file("rollouts/errors.toml", PLAN)
        .variable("ROLLOUT_PROMETHEUS_URL", server.url())
}

#[test]
fn every_kind_is_tried_on_its_own_past() {
    let server = Server::start(shop());
    let rollout = directory(&server);
    let (from, now) = (at(30), at(HOURS - 1));
    let args = [
        "backtest",
        "shop",
        "--split",
        "--from",
        &from,
        "--now",
        &now,
        "--rollouts",
        "2",
    ];
    let output = rollout.run(args.into_iter().chain(["--format", "json"]));
    let document = json(&output);
    assert_eq!(document["format"], "rollout-split/1");
    // Each new pod took the place of an old one.
    assert_eq!(
        (
            &document["places"],
            &document["instances"],
            &document["label"]
        ),
        (&12.into(), &24.into(), &"pod".into())
    );
    let names: Vec<&str> = document["guardrails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["errors", "latency", "queue", "basket"]);
    assert_eq!(document["left_out"][0]["code"], "point");
    assert_eq!(document["rollouts"], 2);
    assert_eq!(document["rolled_back"]["count"], 0);
    assert_eq!(document["released"], 2, "{document:#}");
    let stages = document["stages"].as_array().unwrap();
    let here: Vec<f64> = stages
        .iter()
        .map(|stage| stage["exposure_here"].as_f64().unwrap())
        .collect();
    // One pod of twelve is as near to 1 % as whole instances come.
    assert!((here[0] - 100.0 / 12.0).abs() < 1.0, "{here:?}");
    assert!((here[1] - 50.0).abs() < 2.0, "{here:?}");
    for guardrail in document["guardrails"].as_array().unwrap() {
        let harm = &guardrail["harms"][1];
        assert_eq!(harm["outcome"], "found", "{guardrail:#}");
        assert_ne!(
            guardrail["scatter"]["words"], "how it scatters cannot be told",
            "{guardrail:#}"
        );
    }
}

#[test]
fn a_plan_that_exposed_nobody_and_one_in_a_stage_are_answered_alike() {
    let server = Server::start(shop());
    let rollout = directory(&server);
    let (from, now) = (at(30), at(HOURS - 1));
    let args = [
        "backtest",
        "errors",
        "--split",
        "--from",
        &from,
        "--now",
        &now,
        "--rollouts",
        "4",
    ];
    let pending = rollout.run(args);
    pending.exits(0);
    let state = format!(
        "{PLAN}\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = {}\n",
        at(40)
    );
    let progressing = rollout.file("rollouts/errors.toml", &state).run(args);
    assert_eq!(pending.stdout, progressing.stdout);
    for part in [
        "A healthy release would have been rolled back in none of 4 rollouts (95 %: at most ",
        "12 places of instances by `pod`, which 24 instances have filled.",
        "errors: scatters ",
    ] {
        let flat = pending
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(flat.contains(part), "no `{part}`: {pending}");
    }
}

#[test]
fn without_instances_it_is_said_what_is_missing() {
    let steady = |rate: f64| move |t: i64| Some((t as f64 * rate).floor());
    let labels = r#"app="shop",variant="control""#;
    let metrics = Metrics::new(12)
        .every(60)
        .counter("requests_total", labels, steady(2.0))
        .counter("errors_total", labels, steady(0.04));
    let server = Server::start(metrics);
    let rollout = directory(&server);
    let now = at(11);
    let output = rollout.run(["backtest", "errors", "--split", "--now", &now]);
    output.exits(6);
    for part in [
        "no guardrail of errors has a past that can be split into two arms",
        "errors: instances cannot be told apart: no label of the series, such as `pod`, `instance` or `host`, names one",
        "`rollout doctor errors` shows what is there; two instances at least of the unexposed arm are needed",
        "`rollout simulate` tries the plan on traffic that is made up",
    ] {
        let flat = output
            .stderr
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(flat.contains(part), "no `{part}`: {output}");
    }
}

#[test]
fn what_cannot_be_split_is_refused_before_anything_is_asked() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/errors.toml", PLAN)
        .variable("ROLLOUT_PROMETHEUS_URL", "http://127.0.0.1:9");
    let split = ["backtest", "errors", "--split"];
    for more in [["--stage", "2"], ["--snapshot", "x.json"]] {
        let output = rollout.run(split.into_iter().chain(more));
        output.exits(2);
        assert!(output.stderr.contains("cannot be used with"), "{output}");
    }
    let alone = rollout.run(["backtest", "errors", "--rollouts", "9", "--from", &at(1)]);
    alone.exits(2);
    let (from, to) = (at(9), at(5));
    let output = rollout.run(split.into_iter().chain(["--from", &from, "--to", &to]));
    output.exits(2);
    assert!(output.stderr.contains("is not before --to"), "{output}");
    // Nobody is there.
    rollout.run(split).exits(1);
}

#[test]
fn a_past_shorter_than_the_first_stage_is_said() {
    let server = Server::start(shop());
    let rollout = directory(&server);
    let (from, to, now) = (at(50), at(53), at(HOURS - 1));
    let args = [
        "backtest", "errors", "--split", "--from", &from, "--to", &to, "--now", &now,
    ];
    let output = rollout.run(args);
    output.exits(2);
    let flat = output
        .stderr
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        flat.contains("6h of data are needed, and the first stage takes 6h")
            && flat.contains("write an earlier instant after --from, if there are older data"),
        "{output}"
    );
}

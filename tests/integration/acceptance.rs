//! The main job with the real binary against a real Prometheus: what `advance` does to the file,
//! to the evidence, and with which exit code. Traffic is 100 requests a second, 1 % of it exposed.

use std::time::SystemTime;

use chrono::{DateTime, TimeDelta};

use super::support::Rollout;
use super::support::openmetrics::{Metrics, START};
use super::support::server::Server;
use super::support::wire::{Reply, Wire};

pub(crate) const CONFIG: &str = "[prometheus]\ntimeout = \"5s\"\n";

/// A plan in its first stage, entered when the fixtures begin.
pub(crate) fn plan() -> String {
    format!(
        r#"# Who sees the new checkout.
description = "One-page checkout"   # in one sentence

[[stages]]
exposure = 1
min_duration = "12h"
rule_out = "5x"

[[stages]]
exposure = 10
min_duration = "12h"

[[stages]]
exposure = 100

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = {{ events = 'errors_total', total = 'requests_total' }}

# Written by rollout.
[state]
status = "progressing"
stage = 1
exposure = 1.0
entered_at = {}
declared = "sha256:{}"
"#,
        at(0),
        "0".repeat(64)
    )
}

pub(crate) fn at(hours: i64) -> String {
    let instant = DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::hours(hours);
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A day of traffic in which the exposed fail `harm` times as often; 1 % of the others do.
pub(crate) fn day(harm: f64) -> Metrics {
    arms(Metrics::new(26), harm)
}

fn arms(metrics: Metrics, harm: f64) -> Metrics {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    metrics
        .counter("requests_total", r#"variant="treatment""#, counter(1.0))
        .counter("requests_total", r#"variant="control""#, counter(99.0))
        .counter(
            "errors_total",
            r#"variant="treatment""#,
            counter(0.01 * harm),
        )
        .counter("errors_total", r#"variant="control""#, counter(0.99))
}

fn directory(server_url: &str, plan: &str) -> Rollout {
    Rollout::new()
        .variable("ROLLOUT_PROMETHEUS_URL", server_url)
        .file("rollouts/config.toml", CONFIG)
        .file("rollouts/checkout.toml", plan)
}

const PLAN: &str = "rollouts/checkout.toml";

/// The bytes and the time of the plan's file.
fn stamp(rollout: &Rollout) -> (Vec<u8>, SystemTime) {
    let path = rollout.path().join(PLAN);
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    (std::fs::read(path).unwrap(), modified)
}

fn records(rollout: &Rollout) -> usize {
    std::fs::read_dir(rollout.path().join("rollouts/.evidence/checkout")).map_or(0, |folder| {
        folder
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().ends_with(".json")
            })
            .count()
    })
}

#[test]
fn twice_the_errors_are_rolled_back_once_and_latched_until_a_retry() {
    let server = Server::start(day(2.0));
    let rollout = directory(server.url(), &plan());
    let advance = || rollout.run(["advance", "--now", &at(24)]);

    let first = advance();
    first.exits(5);
    let text = rollout.read(PLAN);
    assert!(text.contains("status = \"rolled_back\""), "{text}");
    assert!(text.contains("exposure = 0.0"), "{text}");
    assert_eq!(records(&rollout), 1, "{first}");

    let before = stamp(&rollout);
    advance().exits(3);
    assert_eq!(stamp(&rollout), before, "a latched plan is left alone");
    assert_eq!(records(&rollout), 1);

    rollout
        .run([
            "retry",
            "checkout",
            "--reason",
            "fixed in 4f2a",
            "--now",
            &at(25),
        ])
        .exits(0);
    let again = rollout.run(["advance", "--now", &at(25)]);
    again.exits(0);
    assert!(
        rollout.read(PLAN).contains("status = \"progressing\""),
        "{again}"
    );
}

#[test]
fn a_check_says_what_advance_would_do_and_writes_nothing() {
    let server = Server::start(day(2.0));
    let rollout = directory(server.url(), &plan());
    let before = stamp(&rollout);
    rollout.run(["check", "--now", &at(24)]).exits(5);
    rollout
        .run(["advance", "--dry-run", "--now", &at(24)])
        .exits(5);
    assert_eq!(stamp(&rollout), before);
    assert_eq!(records(&rollout), 0);
}

#[test]
fn a_healthy_stage_is_left_and_only_the_state_differs() {
    let server = Server::start(day(1.0));
    let plain = plan();
    let texts = [
        plain.clone(),
        plain.replace('\n', "\r\n"),
        format!("\u{feff}{plain}"),
        format!("{plain}# the end, without a line break"),
    ];
    for text in texts {
        let rollout = directory(server.url(), &text);
        let output = rollout.run(["advance", "--now", &at(24)]);
        output.exits(0);
        let after = rollout.read(PLAN);
        assert!(after.contains("stage = 2"), "{output}");
        assert!(after.contains("exposure = 10.0"), "{output}");
        let declared = |text: &str| text.split("[state]").next().unwrap().to_owned();
        assert_eq!(declared(&after), declared(&text));
        assert_eq!(after.contains('\r'), text.contains('\r'));
        assert_eq!(after.ends_with('\n'), text.ends_with('\n'));
        assert_eq!(
            after.contains("# the end"),
            text.contains("# the end"),
            "{after}"
        );
        if text.contains('\r') {
            assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
        }
    }
}

#[test]
fn a_stage_that_is_too_young_holds() {
    let server = Server::start(day(1.0));
    let rollout = directory(server.url(), &plan());
    let before = stamp(&rollout);
    let output = rollout.run(["advance", "--now", &at(6)]);
    output.exits(3);
    assert!(output.stdout.contains("6h"), "{output}");
    assert_eq!(stamp(&rollout), before);
    rollout
        .run(["advance", "--ok", "hold", "--now", &at(6)])
        .exits(0);
    rollout.run(["advance", "--ok", "rollback"]).exits(2);
}

#[test]
fn a_stopped_prometheus_is_an_error_that_changes_nothing() {
    let url = {
        let server = Server::start(day(1.0));
        server.url().to_owned()
    };
    let rollout = directory(&url, &plan());
    let before = stamp(&rollout);
    let output = rollout.run(["advance", "--now", &at(24)]);
    output.exits(1);
    assert!(
        output.stdout.contains("reach") || output.stderr.contains("reach"),
        "{output}"
    );
    assert_eq!(stamp(&rollout), before);
    assert_eq!(records(&rollout), 0);
}

#[test]
fn an_empty_vector_is_inconclusive() {
    let server = Server::start(Metrics::new(26));
    let rollout = directory(server.url(), &plan());
    rollout.run(["advance", "--now", &at(24)]).exits(6);
}

#[test]
fn two_series_for_one_arm_are_inconclusive_and_named() {
    let both = |code: &'static str| {
        move |t: i64| {
            // One series for each status code, which the query forgets to sum.
            let rate = if code == "500" { 0.004 } else { 0.006 };
            Some((t as f64 * rate).floor())
        }
    };
    let metrics = day(1.0)
        .counter(
            "failures_total",
            r#"variant="treatment",code="500""#,
            both("500"),
        )
        .counter(
            "failures_total",
            r#"variant="treatment",code="503""#,
            both("503"),
        );
    let server = Server::start(metrics);
    let source = "ratio = { events = 'errors_total', total = 'requests_total' }";
    let per_arm = r#"[guardrails.ratio]
exposed = { events = 'increase(failures_total{variant="treatment"}[$block])', total = 'sum(increase(requests_total{variant="treatment"}[$block]))' }
unexposed = { events = 'sum(increase(errors_total{variant="control"}[$block]))', total = 'sum(increase(requests_total{variant="control"}[$block]))' }
"#;
    let rollout = directory(server.url(), &plan().replace(source, per_arm));
    let output = rollout.run(["advance", "--now", &at(24)]);
    output.exits(6);
    assert!(
        output.stdout.contains("code"),
        "the label is named: {output}"
    );
}

#[test]
fn warnings_in_the_answer_are_inconclusive() {
    let server = Wire::start(vec![Reply::http(
        "200 OK",
        r#"{"status":"success","warnings":["1 of 3 stores was not reachable"],"data":{"resultType":"matrix","result":[]}}"#,
    )]);
    let rollout = directory(server.url(), &plan());
    let output = rollout.run(["advance", "--now", &at(24)]);
    output.exits(6);
    assert!(output.stdout.contains("not reachable"), "{output}");
}

//! Ramps with the real binary against a real Prometheus with its history filled in, at five instants:
//! a healthy release and a harmful one, at a fixed pace and at an adaptive one.

use chrono::{DateTime, TimeDelta};

use super::support::Rollout;
use super::support::openmetrics::{Metrics, START};
use super::support::server::Server;

const FIXED: &str = "pace = \"fixed\"";
const ADAPTIVE: &str = "pace = \"adaptive\"\nrisk_budget = 500";
const PLAN: &str = "rollouts/search.toml";

fn plan(pace: &str) -> String {
    format!(
        r#"description = "Search by meaning"

[ramp]
from = 1
to = 100
over = "10h"
every = "1h"
{pace}

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = {{ events = 'errors_total', total = 'requests_total' }}
"#
    )
}

fn at(minutes: i64) -> String {
    let instant = DateTime::from_timestamp(START, 0).unwrap() + TimeDelta::minutes(minutes);
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A hundred requests a second, one in a hundred exposed; exposed ones fail `harm` times as often.
fn traffic(harm: f64) -> Server {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    Server::start(
        Metrics::new(8)
            .counter("requests_total", r#"variant="treatment""#, counter(1.0))
            .counter("requests_total", r#"variant="control""#, counter(99.0))
            .counter(
                "errors_total",
                r#"variant="treatment""#,
                counter(0.01 * harm),
            )
            .counter("errors_total", r#"variant="control""#, counter(0.99)),
    )
}

fn directory(server: &Server, pace: &str) -> Rollout {
    Rollout::new()
        .variable("ROLLOUT_PROMETHEUS_URL", server.url())
        .file("rollouts/config.toml", "")
        .file(PLAN, &plan(pace))
}

fn exposure(rollout: &Rollout) -> f64 {
    let text = rollout.read(PLAN);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("exposure = "))
        .unwrap_or("0");
    line.parse().unwrap()
}

#[test]
fn a_healthy_release_moves_once_an_hour_and_its_file_stays_as_long() {
    let server = traffic(1.0);
    let rollout = directory(&server, FIXED);
    let mut seen = Vec::new();
    for minutes in [60, 120, 180, 240, 300] {
        let output = rollout.run(["advance", "--now", &at(minutes)]);
        output.exits(0);
        seen.push(exposure(&rollout));
        // Half an hour later there is nothing to do.
        let lines = rollout.read(PLAN).lines().count();
        rollout
            .run(["advance", "--now", &at(minutes + 30)])
            .exits(3);
        assert_eq!(rollout.read(PLAN).lines().count(), lines);
    }
    assert_eq!(seen, [1.0, 1.58, 2.51, 3.98, 6.3]);
    let text = rollout.read(PLAN);
    assert!(
        text.contains("ramp = { moves = 5, progress = \"4h\""),
        "{text}"
    );
    assert!(text.contains(&format!("entered_at = {}", at(60))), "{text}");
    for (args, part) in [
        ("check", "move 5 of a ramp to 100 %, 6.3 % exposed for 30m"),
        ("status", "1 > 6.3 ... 100"),
        ("history search", "3.98 % -> 6.3 %  move 5"),
    ] {
        let at = at(330);
        let args: Vec<&str> = args.split(' ').chain(["--now", at.as_str()]).collect();
        let output = rollout.run(args);
        assert!(output.stdout.contains(part), "no `{part}`: {output}");
    }
}

#[test]
fn a_ramp_that_was_held_goes_on_where_it_stood() {
    let server = traffic(1.0);
    let rollout = directory(&server, FIXED);
    for minutes in [60, 120] {
        rollout.run(["advance", "--now", &at(minutes)]).exits(0);
    }
    let hold = ["pause", "search", "--reason", "lunch", "--now"];
    rollout
        .run(hold.into_iter().chain([at(125).as_str()]))
        .exits(0);
    rollout.run(["advance", "--now", &at(240)]).exits(3);
    let resume = ["resume", "search", "--reason", "back", "--now"];
    rollout
        .run(resume.into_iter().chain([at(245).as_str()]))
        .exits(0);
    // Two hours were lost; one step is taken, not three.
    rollout.run(["advance", "--now", &at(250)]).exits(0);
    assert!((exposure(&rollout) - 2.51).abs() < 1e-9);
    // A freeze holds it, too, and nothing is made up for.
    let freeze = "[[freezes]]\nfrom = 2026-01-01T00:00:00Z\nuntil = 2026-01-01T07:00:00Z\nreason = \"moving house\"\n";
    let rollout = rollout.file("rollouts/config.toml", freeze);
    rollout.run(["advance", "--now", &at(400)]).exits(3);
    rollout.run(["advance", "--now", &at(425)]).exits(0);
    assert!((exposure(&rollout) - 3.98).abs() < 1e-9);
}

#[test]
fn a_harmful_release_is_rolled_back_between_two_moves() {
    let server = traffic(20.0);
    let rollout = directory(&server, FIXED);
    rollout.run(["advance", "--now", &at(60)]).exits(0);
    for (minutes, exit) in [(65, 3), (100, 5), (120, 3), (180, 3)] {
        rollout.run(["advance", "--now", &at(minutes)]).exits(exit);
    }
    assert!(exposure(&rollout).abs() < 1e-9);
}

#[test]
fn an_adaptive_ramp_starts_where_all_may_fail_and_speaks_of_its_budget() {
    let server = traffic(1.0);
    let rollout = directory(&server, ADAPTIVE);
    let mut last = 0.0;
    for minutes in [60, 120, 180, 240, 300] {
        rollout.run(["advance", "--now", &at(minutes)]).exits(0);
        let now = exposure(&rollout);
        assert!(now > last, "{now} after {last}");
        last = now;
        if minutes == 60 {
            // Half of 500 bad events of 100 requests a second.
            assert!((now - 0.07).abs() < 1e-9, "{now}");
            // What was known of the traffic is on record.
            let record = rollout.read(PLAN);
            let record = record
                .lines()
                .find_map(|line| line.strip_prefix("evidence = "))
                .unwrap()
                .trim_matches('"');
            rollout
                .run(["replay", &format!("rollouts/{record}")])
                .exits(0);
        }
    }
    let status = rollout.run(["status", "--now", &at(310)]);
    status.exits(0);
    let check = rollout.run(["check", "--now", &at(310)]);
    check.exits(3);
    assert!(check.stdout.contains("risk budget: about"), "{check}");
}

#[test]
fn an_adaptive_ramp_without_known_traffic_exposes_nobody() {
    let server = Server::start(Metrics::new(8).counter("other_total", "", |t| Some(t as f64)));
    let rollout = directory(&server, ADAPTIVE);
    let output = rollout.run(["advance", "--now", &at(60)]);
    output.exits(3);
    assert!(
        output.stdout.contains("there is nothing to judge by yet"),
        "{output}"
    );
    assert!(!rollout.read(PLAN).contains("[state]"));
}

#[test]
fn a_harmful_release_on_an_adaptive_ramp_is_rolled_back() {
    let server = traffic(20.0);
    let rollout = directory(&server, ADAPTIVE);
    rollout.run(["advance", "--now", &at(60)]).exits(0);
    for (minutes, exit) in [(65, 3), (120, 5), (130, 3), (180, 3)] {
        rollout.run(["advance", "--now", &at(minutes)]).exits(exit);
    }
    assert!(exposure(&rollout).abs() < 1e-9);
}

//! More of what `rollout doctor` says about the data of real servers: another server, the counter of
//! users, scrapes, reporters of a mesh, and what programs read.

use serde_json::Value;

use crate::support::openmetrics::{Metrics, START};
use crate::support::server::Server;
use crate::support::victoria::Victoria;
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;
const NOW: i64 = 7 * HOUR + 33;

const PLAN: &str = r#"[[stages]]
exposure = 10
min_duration = "12h"

[[stages]]
exposure = 50

[[guardrails]]
name = "errors"
category = "reliability"
margin = "20%"
ratio = { events = 'errors_total', total = 'requests_total', worse = "higher" }
"#;

const USERS: &str = "\n[assignment]\nusers = 'users_total'\n";

const STATE: &str = "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = 2026-01-01T01:00:00Z\n";

fn count(rate: f64) -> impl Fn(i64) -> Option<f64> {
    move |t| Some((t as f64 * rate).floor())
}

/// Two arms with these further labels, each counted as often as `seen` lets a scrape succeed.
fn service(more: &[&str], seen: impl Fn(i64) -> bool + Copy) -> Metrics {
    let mut metrics = Metrics::new(8);
    for (arm, rate) in [("treatment", 2.0), ("control", 18.0)] {
        for more in more {
            let labels = format!("variant=\"{arm}\",pod=\"a\"{more}");
            for (name, share) in [("requests_total", 1.0), ("errors_total", 0.01)] {
                let counted = count(rate * share);
                metrics = metrics.counter(name, &labels, move |t| counted(t).filter(|_| seen(t)));
            }
        }
    }
    metrics
}

fn users(metrics: Metrics, exposed: &str) -> Metrics {
    [(exposed, 1.0), ("control", 9.0)]
        .into_iter()
        .fold(metrics, |metrics, (arm, rate)| {
            metrics.counter("users_total", &format!("variant=\"{arm}\""), count(rate))
        })
}

fn doctor(url: &str, plan: &str, json: bool) -> Output {
    let now = chrono::DateTime::from_timestamp(START + NOW, 0).unwrap();
    let now = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", plan);
    let format = if json { "json" } else { "text" };
    rollout.run([
        "doctor",
        "--format",
        format,
        "--now",
        &now,
        "--prometheus-url",
        url,
    ])
}

/// The one plan of a document.
fn read(output: &Output) -> Value {
    let read: Value = serde_json::from_str(&output.stdout).unwrap();
    read["plans"][0].clone()
}

/// The diagnosis with this code.
fn diagnosis<'a>(plan: &'a Value, guardrail: usize, code: &str) -> &'a Value {
    let all = plan["guardrails"][guardrail]["diagnoses"]
        .as_array()
        .unwrap();
    let found = all.iter().find(|one| one["code"] == code);
    found.unwrap_or_else(|| panic!("{code}: {plan}"))
}

#[test]
fn victoria_metrics_has_the_same_ticks_and_does_not_say_what_it_read() {
    let healthy = users(service(&[""], |_| true), "treatment");
    let plan = format!("{PLAN}{USERS}{STATE}");
    let server = Victoria::start(&healthy);
    let output = doctor(&server.url(), &plan, true);
    output.exits(0);
    let seen = read(&output);
    for place in [0, 1] {
        assert_eq!(
            seen["guardrails"][place]["checks"]["arms"], "ok",
            "{output}"
        );
        assert_eq!(
            seen["guardrails"][place]["checks"]["counters"], "ok",
            "{output}"
        );
        assert_eq!(
            seen["guardrails"][place]["diagnoses"],
            serde_json::json!([])
        );
    }
    assert!(seen["cost"]["samples"].is_null(), "{output}");
    let text = doctor(&server.url(), &plan, false);
    assert!(text.stdout.contains("samples unknown"), "{text}");
    // Prometheus does.
    let server = Server::start(healthy);
    let seen = read(&doctor(server.url(), &plan, true));
    assert!(seen["cost"]["samples"].as_u64().unwrap() > 100, "{seen}");
    assert!(
        seen["cost"]["history_samples"].as_u64().unwrap() > 0,
        "{seen}"
    );
    assert_eq!(seen["guardrails"][1]["name"], "assignment");
    let wrong = Victoria::start(&service(&[""], |_| true));
    let plan = plan.replace("[[guardrails]]", "[[guardrails]]\n# Treatment\n");
    let plan = format!("[arms]\nexposed = \"Treatment\"\n\n{plan}");
    doctor(&wrong.url(), &plan, false).exits(6);
}

#[test]
fn the_counter_of_users_is_looked_at_like_a_guardrail() {
    let wrong = users(service(&[""], |_| true), "Treatment");
    let server = Server::start(wrong);
    let output = doctor(server.url(), &format!("{PLAN}{USERS}{STATE}"), false);
    output.exits(6);
    let said = output
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(said.contains("fault: assignment:"), "{output}");
    assert!(said.contains("Treatment"), "{output}");
    assert!(output.stdout.contains("assignment  FAULT"), "{output}");
    // Nobody is in the exposed arm before the first stage, nor counted at all.
    doctor(server.url(), &format!("{PLAN}{USERS}"), false).exits(0);
    let nobody = Server::start(service(&[""], |_| true));
    let output = doctor(nobody.url(), &format!("{PLAN}{USERS}"), false);
    output.exits(0);
    assert!(output.stdout.contains("assignment  ?"), "{output}");
}

#[test]
fn faults_have_their_numbers_for_programs() {
    let wrong = users(service(&[""], |_| true), "Treatment");
    let server = Server::start(wrong);
    let seen = read(&doctor(
        server.url(),
        &format!("{PLAN}{USERS}{STATE}"),
        true,
    ));
    let fields = &diagnosis(&seen, 1, "other-values")["fields"];
    assert_eq!(fields["label"], "variant");
    assert_eq!(fields["wanted"], serde_json::json!(["treatment"]));
}

#[test]
fn both_ends_of_a_connection_that_count_are_named() {
    let reporters = [",reporter=\"source\"", ",reporter=\"destination\""];
    let server = Server::start(service(&reporters, |_| true));
    let seen = read(&doctor(server.url(), &format!("{PLAN}{STATE}"), true));
    let fault = diagnosis(&seen, 0, "counted-several-times");
    assert_eq!(fault["fields"]["label"], "reporter");
    let text = fault["text"].as_str().unwrap();
    assert!(
        text.contains("add `reporter=\"destination\"` to the selector"),
        "{text}"
    );
}

#[test]
fn scrapes_that_do_not_fill_blocks_are_worth_a_note() {
    let server = Server::start(service(&[""], |t| t % 240 == 0));
    let output = doctor(server.url(), &format!("{PLAN}{STATE}"), true);
    output.exits(0);
    let seen = read(&output);
    let note = diagnosis(&seen, 0, "rare-scrapes");
    assert_eq!(note["note"], true);
    assert_eq!(note["fields"]["scrape_seconds"], 240, "{note}");
    assert_eq!(note["fields"]["block_seconds"], 300, "{note}");
}

#[test]
fn samples_that_arrive_late_are_worth_a_note() {
    let server = Server::start(service(&[""], |t| t <= NOW - 200));
    let output = doctor(server.url(), &format!("{PLAN}{STATE}"), true);
    output.exits(0);
    let seen = read(&output);
    let age = diagnosis(&seen, 0, "late-samples")["fields"]["age_seconds"].as_u64();
    assert!(age.is_some_and(|age| (200..230).contains(&age)), "{seen}");
}

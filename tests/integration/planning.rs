//! `power`, `simulate` and what `validate` says of feasibility, with the real binary.

use serde_json::Value;

use super::support::openmetrics::{Metrics, START};
use super::support::server::Server;
use super::support::{Output, Rollout};

/// Two short stages, so that debug builds simulate them quickly.
pub(crate) const PLAN: &str = r#"
[[stages]]
exposure = 10
min_duration = "2h"
rule_out = "2x"

[[stages]]
exposure = 50
min_duration = "2h"
rule_out = "1.5x"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }

[[guardrails]]
name = "cpu"
category = "reliability"
margin = "25%"
gauge = { query = 'cpu', worse = "higher" }
"#;

fn directory() -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", PLAN)
}

pub(crate) fn json(output: &Output) -> Value {
    output.exits(0);
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{output}"))
}

/// A day and more at 100 requests a second, of which 1 % fail; the exposed half fails `harm` times as often
/// from hour 12 on.
pub(crate) fn day(harm: f64) -> Metrics {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    let late = move |t: i64| {
        let (before, after) = (t.min(12 * 3_600), (t - 12 * 3_600).max(0));
        Some((before as f64 * 0.5 + after as f64 * 0.5 * harm).floor())
    };
    Metrics::new(26)
        .counter("requests_total", r#"variant="treatment""#, counter(50.0))
        .counter("requests_total", r#"variant="control""#, counter(50.0))
        .counter("errors_total", r#"variant="treatment""#, late)
        .counter("errors_total", r#"variant="control""#, counter(0.5))
}

pub(crate) fn at(hours: i64) -> String {
    let instant = chrono::DateTime::from_timestamp(START + hours * 3_600, 0).unwrap();
    instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn power_says_what_each_stage_finds_and_what_it_costs() {
    let rollout = directory();
    let output = rollout.run(["power", "checkout", "--rps", "100", "--baseline", "1%"]);
    output.exits(0);
    for part in [
        "harm 1.5x",
        "harm 5x",
        "1: 10 %",
        "2: 50 %",
        "rolled back in stage 1",
        "cpu: how much it varies from block to block",
    ] {
        assert!(output.stdout.contains(part), "no `{part}`: {output}");
    }
    assert_eq!(output.stderr, "");
}

#[test]
fn what_power_says_of_several_guardrails_or_stages_is_said_once() {
    let both = PLAN.replace("margin = \"10%\"", "margin = \"10%\"\nlimit = \"5%\"");
    let carts = "\n[[guardrails]]\nname = \"memory\"\ncategory = \"reliability\"\nmargin = \"25%\"\ngauge = { query = 'memory', worse = \"higher\" }\n";
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", &format!("{both}{carts}"));
    let output = rollout.run(["power", "checkout", "--rps", "100", "--baseline", "1%"]);
    output.exits(0);
    let words: Vec<&str> = output.stdout.split_whitespace().collect();
    let said = words.join(" ");
    for part in [
        "errors: its margin and its limit share its evidence, so that each takes twice as much",
        "cpu and memory: how much it varies from block to block is known only after",
    ] {
        assert_eq!(said.matches(part).count(), 1, "`{part}`: {output}");
    }
    // At full exposure only the limit is left, which is so in one stage.
    let last = both.replace("exposure = 50", "exposure = 100");
    rollout.write("rollouts/checkout.toml", last);
    let output = rollout.run(["power", "checkout", "--rps", "100", "--baseline", "1%"]);
    let alone = "stage 2, errors: against its limit of 5 %, as nothing is compared";
    assert!(output.stdout.contains(alone), "{output}");
}

#[test]
fn power_as_json_has_a_number_for_every_stage_and_size_of_harm() {
    let args = "power checkout --rps 100 --baseline 0.01 --effect 2x,3x --format json";
    let document = json(&directory().run(args.split(' ')));
    assert_eq!(document["format"], "rollout-power/1");
    let stages = document["stages"].as_array().unwrap();
    assert_eq!(stages.len(), 2);
    let seconds = |stage: &Value, harm: usize| {
        let harm = &stage["guardrails"][0]["harms"][harm];
        harm["until_found"]["seconds"].as_f64().unwrap()
    };
    assert!(seconds(&stages[0], 0) >= seconds(&stages[0], 1));
    assert!(seconds(&stages[0], 0) >= seconds(&stages[1], 0));
}

#[test]
fn without_traffic_power_says_how_to_give_it() {
    let output = directory().run(["power", "checkout"]);
    output.exits(1);
    assert!(output.stderr.contains("--rps 100"), "{output}");
    let half = directory().run(["power", "checkout", "--rps", "100"]);
    half.exits(2);
    let none = directory().run(["power", "checkout", "--rps", "0", "--baseline", "1%"]);
    none.exits(2);
}

#[test]
fn power_measures_the_traffic_of_the_last_day() {
    let server = Server::start(day(1.0));
    let rollout = directory().variable("ROLLOUT_PROMETHEUS_URL", server.url());
    let now = at(25);
    let args = ["power", "checkout", "--format", "json", "--now", &now];
    let document = json(&rollout.run(args));
    let errors = &document["traffic"]["guardrails"]["errors"];
    assert!((errors["per_second"].as_f64().unwrap() - 100.0).abs() < 0.1);
    assert!((errors["baseline"].as_f64().unwrap() - 0.01).abs() < 1e-4);
    assert!(document["traffic"]["guardrails"]["cpu"].is_null());
}

#[test]
fn power_plans_with_what_the_metrics_past_teaches_of_its_dispersion() {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    let pods = |names: &[&str]| {
        let mut metrics = Metrics::new(26);
        for pod in names {
            let labels = format!(r#"variant="control",pod="{pod}""#);
            metrics = metrics
                .counter("requests_total", &labels, counter(50.0))
                .counter("errors_total", &labels, counter(0.5));
        }
        metrics
    };
    let power = |names: &[&str]| {
        let server = Server::start(pods(names));
        let rollout = directory().variable("ROLLOUT_PROMETHEUS_URL", server.url());
        let now = at(25);
        let args = ["power", "checkout", "--format", "json", "--now", &now];
        let document = json(&rollout.run(args));
        let errors = document["traffic"]["guardrails"]["errors"].clone();
        let harm = &document["stages"][0]["guardrails"][0]["harms"][0];
        (errors, harm["until_found"]["seconds"].as_f64().unwrap())
    };
    // The names are in two groups, by which the arm can be halved.
    let (two, soon) = power(&["web-a", "web-c"]);
    let (one, later) = power(&["web-a"]);
    assert_eq!(
        (&two["learnt"], &one["learnt"]),
        (&true.into(), &false.into())
    );
    assert_eq!(one["believed"], 3.0);
    assert!(two["believed"].as_f64().unwrap() < 1.5, "{two}");
    assert!(soon < later, "{soon} {later}");
}

/// A service of three pods in which nobody is exposed yet, with every kind of metric.
fn unexposed() -> Metrics {
    let mut metrics = Metrics::new(26);
    for (pod, name) in ["web-1", "web-2", "web-3"].into_iter().enumerate() {
        let labels = format!(r#"variant="control",pod="{name}""#);
        let pod = pod as i64;
        let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
        // Something that looks random, between -1 and 1.
        let noise = move |t: i64| {
            let k = (t / 300 + 1_000 * pod + 1).wrapping_mul(2_654_435_761) & 0xffff_ffff;
            ((k ^ (k >> 15)).wrapping_mul(2_246_822_519) >> 7 & 1_023) as f64 / 511.5 - 1.0
        };
        metrics = metrics
            .counter("requests_total", &labels, counter(50.0))
            .counter("errors_total", &labels, counter(0.5))
            .counter("orders_total", &labels, counter(20.0))
            .counter("revenue_total", &labels, move |t| {
                Some((t as f64 * 1_000.0 + 3_000.0 * noise(t)).max(0.0).floor())
            })
            .gauge("cpu", &labels, move |t| Some(0.5 + 0.02 * noise(t)))
            .histogram("seconds", &labels, &[0.1, 0.5], |t| {
                let t = t as f64;
                vec![
                    (0.05, (t * 40.0).floor()),
                    (0.3, (t * 9.5).floor()),
                    (1.0, (t * 0.5).floor()),
                ]
            });
    }
    metrics
}

#[test]
fn before_anybody_is_exposed_every_kind_is_planned_from_the_unexposed_arms_past() {
    let more = r#"
[[guardrails]]
name = "latency"
category = "reliability"
margin = "50%"
latency = { histogram = 'seconds_bucket', quantile = 0.99 }

[[guardrails]]
name = "value"
category = "business"
margin = "10%"
mean = { sum = 'revenue_total', count = 'orders_total', worse = "lower" }
"#;
    let server = Server::start(unexposed());
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/checkout.toml", &format!("{PLAN}{more}"))
        .variable("ROLLOUT_PROMETHEUS_URL", server.url());
    let now = at(25);
    let output = rollout.run(["power", "checkout", "--now", &now]);
    output.exits(0);
    let text = output.stdout.split_whitespace().collect::<Vec<_>>();
    let text = text.join(" ");
    for part in [
        "errors: 150 requests a second, baseline 1 %, dispersion 1.02, learnt from the unexposed arm's past",
        "latency: 150 observations a second, 1 % beyond its p99, dispersion 1.02, learnt from the unexposed arm's past",
        "cpu: level 0.50, varying as the unexposed arm did before",
        "cpu 1.5x: rolled back in stage 1 after 26m cpu 2x",
        "value: 60.0 terms a second, mean 50.0, varying as the unexposed arm did before",
    ] {
        assert!(text.contains(part), "no `{part}`: {output}");
    }
    assert!(!text.contains("how much it varies"), "{output}");
}

#[test]
fn what_keeps_the_past_from_teaching_is_said() {
    let counter = |per_second: f64| move |t: i64| Some((t as f64 * per_second).floor());
    let labels = r#"variant="control",pod="web-1""#;
    let one = Metrics::new(26)
        .counter("requests_total", labels, counter(50.0))
        .counter("errors_total", labels, counter(0.5));
    let server = Server::start(one);
    let rollout = directory().variable("ROLLOUT_PROMETHEUS_URL", server.url());
    let output = rollout.run(["power", "checkout", "--now", &at(25)]);
    output.exits(0);
    let text = output.stdout.split_whitespace().collect::<Vec<_>>();
    let said = "the judge learns nothing of it from the past (there are too few instances to halve them) and starts from 3.00";
    assert!(text.join(" ").contains(said), "{output}");
}

#[test]
fn validate_warns_of_a_stage_that_cannot_rule_out_its_harm() {
    let rollout = directory();
    let silent = rollout.run(["validate", "--strict"]);
    silent.exits(0);
    let few = ["validate", "--rps", "0.5", "--baseline", "1%"];
    let output = rollout.run(few);
    output.exits(0);
    assert!(
        output.stdout.contains("rule-out-out-of-reach")
            && output.stdout.contains("checkout.toml:5"),
        "{output}"
    );
    rollout.run(few.into_iter().chain(["--strict"])).exits(2);
    let many = ["validate", "--strict", "--rps", "1000", "--baseline", "1%"];
    rollout.run(many).exits(0);
}

#[test]
fn simulate_prints_the_same_table_for_the_same_seed() {
    let rollout = directory();
    let args = "simulate checkout --rps 100 --baseline 1% --effect 5x --rollouts 6 --seed 7";
    let (first, again) = (rollout.run(args.split(' ')), rollout.run(args.split(' ')));
    first.exits(0);
    assert_eq!(first, again);
    for part in [
        "none",
        "5x",
        "rollout",
        "threshold",
        "z-test",
        "mann-whitney",
        "not simulated: cpu",
    ] {
        assert!(first.stdout.contains(part), "no `{part}`: {first}");
    }
    // No terminal, no bar.
    assert_eq!(first.stderr, "");
}

#[test]
fn simulate_as_json_counts_every_rollout() {
    let args = "simulate checkout --rps 100 --baseline 1% --effect 5x --rollouts 4 --noise clean --format json";
    let document = json(&directory().run(args.split(' ')));
    let rows = document["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    let harmful = rows
        .iter()
        .find(|row| row["factor"] == 5.0 && row["method"] == "rollout");
    assert_eq!(harmful.unwrap()["rolled_back"], 1.0);
    let unknown =
        directory().run("simulate checkout --rps 1 --baseline 1% --guardrail cpu".split(' '));
    unknown.exits(2);
    assert!(unknown.stderr.contains("there are: errors"), "{unknown}");
}

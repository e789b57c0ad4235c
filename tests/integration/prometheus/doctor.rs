//! What `rollout doctor` says about the data of real servers: ticks about a healthy shop, and of each
//! fault its name and its cure on the first screen.

use crate::support::openmetrics::{Metrics, START};
use crate::support::server::{Server, free_port};
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

/// When the doctor comes: between two scrapes, since Prometheus 3 leaves out a sample at the open end of
/// a range.
const NOW: i64 = 7 * HOUR + 33;

const STAGES: &str =
    "[[stages]]\nexposure = 10\nmin_duration = \"12h\"\n\n[[stages]]\nexposure = 50\n";

const STATE: &str = "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = 2026-01-01T01:00:00Z\n";

const ERRORS: &str = r#"
[[guardrails]]
name = "errors"
category = "reliability"
margin = "20%"
ratio = { events = 'errors_total', total = 'requests_total', worse = "higher" }
"#;

const LATENCY: &str = r#"
[[guardrails]]
name = "latency"
category = "experience"
margin = "25%"
limit = "500ms"
latency = { histogram = 'latency_bucket', quantile = 0.9 }
"#;

const SECONDS: [(&str, f64); 5] = [
    ("0.1", 0.8),
    ("0.25", 0.88),
    ("0.5", 0.95),
    ("1", 0.99),
    ("+Inf", 1.0),
];

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(START + seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A counter of so many a second.
fn count(rate: f64) -> impl Fn(i64) -> Option<f64> {
    move |t| Some((t as f64 * rate).floor())
}

/// A service of two pods an arm, with these further labels and buckets.
fn service(arms: &[(&str, f64)], copies: &[&str], buckets: &[(&str, f64)]) -> Metrics {
    let mut metrics = Metrics::new(8).gauge("up", "", |_| Some(1.0));
    for (arm, rate) in arms {
        for pod in ["a", "b"] {
            for copy in copies {
                let labels = format!("{arm},pod=\"{pod}\"{copy}");
                metrics = metrics
                    .counter("requests_total", &labels, count(*rate))
                    .counter("errors_total", &labels, count(*rate * 0.01));
                for (le, share) in buckets {
                    let labels = format!("{labels},le=\"{le}\"");
                    metrics = metrics.gauge("latency_bucket", &labels, count(*rate * *share));
                }
            }
        }
    }
    metrics
}

const BOTH: [(&str, f64); 2] = [
    ("variant=\"treatment\"", 2.0),
    ("variant=\"control\"", 18.0),
];

fn shop(plan: &str) -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", plan)
}

fn doctor(server: &Server, plan: &str) -> Output {
    let now = rfc(NOW);
    shop(plan).run(["doctor", "--now", &now, "--prometheus-url", server.url()])
}

/// What the page says, without what differs from run to run.
fn page(output: &Output) -> String {
    let lines = output
        .stdout
        .lines()
        .map(|line| match line.split_once(" blocks, ") {
            Some((before, _)) => format!("{before} blocks, [samples and time]"),
            None => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

/// Each of these words stands on the first screen.
fn says(output: &Output, words: &[&str]) {
    output.exits(6);
    let screen: Vec<&str> = output.stdout.lines().take(24).collect();
    let screen = screen
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for word in words {
        assert!(screen.contains(word), "{word}: {output}");
    }
}

#[test]
fn a_healthy_shop_has_a_page_of_ticks() {
    let server = Server::start(service(&BOTH, &[""], &SECONDS));
    let output = doctor(&server, &format!("{STAGES}{ERRORS}{LATENCY}{STATE}"));
    output.exits(0);
    insta::assert_snapshot!(page(&output), @"
    shop
      guardrail  arms  counters  buckets  copies  restarts  scrapes
      -------------------------------------------------------------
      errors     ok    ok        -        ok      ok        ok
      latency    ok    ok        ok       ok      ok        ok
      pods: 2 exposed, 2 unexposed; history: 7h 33s
      cost: 28 series over 12 blocks, [samples and time]
    ");
}

#[test]
fn a_plan_that_exposes_nobody_yet_and_a_service_without_errors_are_as_expected() {
    let mut metrics = Metrics::new(8).gauge("up", "", |_| Some(1.0));
    for pod in ["a", "b"] {
        let labels = format!("variant=\"control\",pod=\"{pod}\"");
        metrics = metrics.counter("requests_total", &labels, count(9.0));
    }
    let server = Server::start(metrics);
    let output = doctor(&server, &format!("{STAGES}{ERRORS}"));
    output.exits(0);
    assert!(!output.stdout.contains("fault"), "{output}");
    assert!(!output.stdout.contains("note"), "{output}");
}

#[test]
fn a_recorded_rate_is_named_as_no_counter() {
    let mut metrics = Metrics::new(8);
    for (arm, level) in BOTH {
        for (name, share) in [("requests_total", 1.0), ("errors_total", 0.02)] {
            metrics = metrics.gauge(name, arm, move |t| {
                let wave = ((t / 15) * 7_919 % 101) as f64 / 101.0;
                Some(level * share * (0.8 + 0.4 * wave))
            });
        }
    }
    let server = Server::start(metrics);
    let output = doctor(&server, &format!("{STAGES}{ERRORS}{STATE}"));
    says(
        &output,
        &["FAULT", "falls in", "a gauge", "sum_over_time", "$block"],
    );
    insta::assert_snapshot!(page(&output), @r#"
    shop
      guardrail  arms  counters  buckets  copies  restarts  scrapes
      -------------------------------------------------------------
      errors     ok    FAULT     -        ok      ok        ok
      fault: errors: `events`: {variant="control"} falls in 194 of 479 changes within 2h (such as 0.3964
             -> 0.3108 -> 0.3693): a gauge or a recorded rate, not a counter. Write a query for each
             arm: `exposed = { ... = 'sum(sum_over_time(NAME[$block]))' }` for numbers of each scrape,
             `'sum(avg_over_time(NAME[$block])) * 300'` for rates a second in blocks of 5 minutes; or
             use the kind `gauge`. Where several worker processes answer behind one port, let the client
             library add them up
      fault: errors: `total`: {variant="control"} falls in 194 of 479 changes within 2h (such as 19.82
             -> 15.54 -> 18.46): a gauge or a recorded rate, not a counter. Write a query for each arm:
             `exposed = { ... = 'sum(sum_over_time(NAME[$block]))' }` for numbers of each scrape,
             `'sum(avg_over_time(NAME[$block])) * 300'` for rates a second in blocks of 5 minutes; or
             use the kind `gauge`. Where several worker processes answer behind one port, let the client
             library add them up
      instances cannot be told apart; history: 7h 33s
      cost: 4 series over 12 blocks, [samples and time]
    "#);
}

#[test]
fn bounds_that_end_too_early_are_named() {
    let short = [("0.05", 0.3), ("0.1", 0.6), ("+Inf", 1.0)];
    let server = Server::start(service(&BOTH, &[""], &short));
    let output = doctor(&server, &format!("{STAGES}{LATENCY}{STATE}"));
    says(
        &output,
        &[
            "slower than the last finite bound",
            "the limit of 500ms lies beyond",
            "add a bucket at 500ms",
        ],
    );
}

#[test]
fn a_histogram_in_milliseconds_that_is_read_in_seconds_is_named() {
    let millis = [
        ("50", 0.3),
        ("100", 0.8),
        ("250", 0.93),
        ("1000", 0.99),
        ("+Inf", 1.0),
    ];
    let server = Server::start(service(&BOTH, &[""], &millis));
    let output = doctor(&server, &format!("{STAGES}{LATENCY}{STATE}"));
    says(&output, &["milliseconds", "`unit = \"ms\"`"]);
    let told = LATENCY.replace("quantile = 0.9", "quantile = 0.9, unit = \"ms\"");
    doctor(&server, &format!("{STAGES}{told}{STATE}")).exits(0);
}

#[test]
fn other_values_of_the_label_are_named_with_those_in_use() {
    let other = [
        ("variant=\"Treatment\"", 2.0),
        ("variant=\"control\"", 18.0),
    ];
    let server = Server::start(service(&other, &[""], &SECONDS));
    for state in ["", STATE] {
        let output = doctor(&server, &format!("{STAGES}{ERRORS}{state}"));
        says(
            &output,
            &["variant=\"Treatment\"", "write `exposed = \"Treatment\"`"],
        );
    }
    let absent = Server::start(service(&[("color=\"blue\"", 9.0)], &[""], &SECONDS));
    let output = doctor(&absent, &format!("{STAGES}{ERRORS}"));
    says(
        &output,
        &["none has the label `variant`", "set `label` under [arms]"],
    );
}

#[test]
fn requests_that_two_replicas_count_are_named() {
    let replicas = [",prometheus_replica=\"one\"", ",prometheus_replica=\"two\""];
    let server = Server::start(service(&BOTH, &replicas, &SECONDS));
    let output = doctor(&server, &format!("{STAGES}{ERRORS}{STATE}"));
    says(
        &output,
        &[
            "counted 2 times",
            "add `prometheus_replica=\"one\"` to the selector",
        ],
    );
}

#[test]
fn a_crash_loop_is_named() {
    let metrics = service(&BOTH[1..], &[""], &SECONDS);
    let labels = "variant=\"treatment\",pod=\"a\"";
    let alive = |rate: f64| move |t: i64| Some(((t % 240) as f64 * rate).floor());
    let metrics = metrics
        .counter("requests_total", labels, alive(2.0))
        .counter("errors_total", labels, alive(0.1));
    let server = Server::start(metrics);
    let output = doctor(&server, &format!("{STAGES}{ERRORS}{STATE}"));
    says(
        &output,
        &["a process of the exposed arm restarted", "see why it ends"],
    );
}

#[test]
fn bounds_that_not_all_processes_have_are_named() {
    let more = [("0.1", 0.8), ("0.5", 0.95), ("2", 0.995), ("+Inf", 1.0)];
    let metrics = service(&BOTH, &[""], &SECONDS);
    let metrics = more.iter().fold(metrics, |metrics, (le, share)| {
        let labels = format!("variant=\"control\",pod=\"c\",le=\"{le}\"");
        metrics.gauge("latency_bucket", &labels, count(18.0 * share))
    });
    let server = Server::start(metrics);
    let output = doctor(&server, &format!("{STAGES}{LATENCY}{STATE}"));
    says(
        &output,
        &["not all series have the bounds", "the same buckets"],
    );
}

#[test]
fn an_error_series_that_is_born_with_an_error_is_worth_a_note_alone() {
    let mut metrics = Metrics::new(8);
    for (arm, rate) in BOTH {
        let labels = format!("{arm},pod=\"a\"");
        metrics = metrics
            .counter("requests_total", &labels, count(rate))
            .counter("errors_total", &labels, move |t| {
                (t > 5 * HOUR).then(|| (1.0 + (t - 5 * HOUR) as f64 * rate * 0.01).floor())
            });
    }
    let server = Server::start(metrics);
    let output = doctor(&server, &format!("{STAGES}{ERRORS}{STATE}"));
    output.exits(0);
    assert!(
        output.stdout.contains("initialise the counter at 0"),
        "{output}"
    );
}

#[test]
fn series_and_queries_are_shown_where_they_are_asked_for() {
    let server = Server::start(service(&BOTH, &[""], &SECONDS));
    let rollout = shop(&format!("{STAGES}{ERRORS}{STATE}"));
    let now = rfc(NOW);
    let asked = [
        "doctor",
        "shop",
        "-v",
        "--now",
        &now,
        "--prometheus-url",
        server.url(),
    ];
    let output = rollout.run(asked);
    output.exits(0);
    assert!(output.stdout.contains("variant=\"treatment\""), "{output}");
    assert!(output.stdout.contains("blocks, latest"), "{output}");
    let json = rollout.run(asked.into_iter().chain(["--format", "json"]));
    let read: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(read["format"], "rollout-doctor/1");
    assert_eq!(
        read["plans"][0]["guardrails"][0]["checks"]["counters"],
        "ok"
    );
    assert!(
        read["plans"][0]["queries"][0]["series"].is_array(),
        "{json}"
    );
}

#[test]
fn who_is_not_there_and_what_is_no_plan_are_errors() {
    let url = format!("http://127.0.0.1:{}", free_port());
    let rollout = shop(&format!("{STAGES}{ERRORS}"));
    rollout.run(["doctor", "--prometheus-url", &url]).exits(1);
    let server = Server::start(service(&BOTH, &[""], &SECONDS));
    let mistaken = shop("[[stages]]\nexposure = 10\n");
    mistaken
        .run(["doctor", "--prometheus-url", server.url()])
        .exits(2);
}

#[test]
fn what_a_draft_still_names_by_example_is_as_expected() {
    let server = Server::start(service(&BOTH, &[""], &SECONDS));
    let missing = ERRORS.replace("errors_total", "nothing_total");
    let missing = missing.replace("requests_total", "none_total");
    let latency = LATENCY.replace("latency_bucket", "none_bucket");
    let plan = format!("draft = \"adapt the metrics\"\n{STAGES}{missing}{latency}");
    let output = doctor(&server, &plan);
    output.exits(0);
    let screen = &output.stdout;
    assert!(
        screen.contains("a draft (adapt the metrics): what is not there yet is as expected"),
        "{screen}"
    );
    assert!(
        screen.contains("note: ") && !screen.contains("fault"),
        "{screen}"
    );
    assert!(
        !screen.contains("FAULT") && !screen.contains(" ok"),
        "{screen}"
    );
}

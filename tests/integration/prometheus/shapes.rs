//! Data of other shapes than the usual: samples that are no numbers, bounds that are written in two
//! ways or differ between the arms, milliseconds, names that only Prometheus 3 knows.

use serde_json::Value;

use crate::support::openmetrics::{Metrics, SCRAPE, START};
use crate::support::remote_write::{Plain, write_plain};
use crate::support::server::Server;
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(START + seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// `check` of a plan with this guardrail, two hours into the data and six into its stage.
fn check(url: &str, arms: &str, guardrail: &str) -> (Value, Output) {
    check_running(url, arms, guardrail, "")
}

/// The same with more keys in the state.
fn check_running(url: &str, arms: &str, guardrail: &str, state: &str) -> (Value, Output) {
    let plan = format!(
        "[[stages]]\nexposure = 10\nmin_duration = \"1h\"\nrule_out = \"2x\"\n\n[[stages]]\nexposure = 50\n\n[[guardrails]]\nname = \"it\"\ncategory = \"experience\"\n{guardrail}\n\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n{state}",
        rfc(2 * HOUR)
    );
    let rollout = Rollout::new()
        .file("rollouts/config.toml", arms)
        .file("rollouts/shop.toml", &plan);
    let now = rfc(8 * HOUR - 593);
    let output = rollout.run([
        "check",
        "--format",
        "json",
        "--now",
        &now,
        "--prometheus-url",
        url,
    ]);
    let document: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{output}"));
    (document["plans"][0]["guardrails"][0].clone(), output)
}

fn steps(t: i64) -> f64 {
    (t / SCRAPE) as f64
}

#[test]
fn a_sample_that_is_no_number_is_a_missing_sample() {
    // Every third sample of one pod is NaN, as of a summary without observations.
    let mut metrics = Metrics::new(8);
    for (variant, level) in [("treatment", 0.8), ("control", 0.8)] {
        for pod in ["a", "b"] {
            let labels = format!("variant=\"{variant}\",pod=\"{pod}\"");
            metrics = metrics.gauge("busy", &labels, move |t| {
                let idle = pod == "a" && (t / SCRAPE) % 3 == 0;
                let wave = 0.01 * ((t / SCRAPE) % 7) as f64;
                Some(if idle { f64::NAN } else { level + wave })
            });
        }
    }
    let server = Server::start(metrics);
    let (found, output) = check(
        server.url(),
        "",
        "margin = \"20%\"\ngauge = { query = 'busy', worse = \"higher\" }",
    );
    assert_eq!(found["blocks_missing"], 0, "{output}");
    assert_eq!(found["verdict"], "pass", "{output}");
    let level = found["exposed"]["value"].as_f64().unwrap();
    assert!((level - 0.83).abs() < 0.005, "{output}");
}

/// Cumulative buckets of 100 requests a scrape: 90 within 100 ms, 98 within 500 ms, 99 within 1 s.
fn histogram(metrics: Metrics, variant: &str, bounds: &[(&str, f64)]) -> Metrics {
    bounds.iter().fold(metrics, |metrics, (le, within)| {
        let labels = format!("variant=\"{variant}\",le=\"{le}\"");
        metrics.gauge("latency_seconds_bucket", &labels, move |t| {
            Some(within * steps(t))
        })
    })
}

const LATENCY: &str =
    "margin = \"50%\"\nlatency = { histogram = 'latency_seconds_bucket', quantile = 0.99 }";

#[test]
fn a_bound_that_changes_its_spelling_is_one_bucket() {
    let mut metrics = Metrics::new(8);
    for variant in ["treatment", "control"] {
        metrics = histogram(
            metrics,
            variant,
            &[("0.1", 90.0), ("0.5", 98.0), ("+Inf", 100.0)],
        );
        // The same process goes on; only the text of the label changes, at hour five.
        for (le, old) in [("1", true), ("1.0", false)] {
            let labels = format!("variant=\"{variant}\",le=\"{le}\"");
            metrics = metrics.gauge("latency_seconds_bucket", &labels, move |t| {
                ((t < 5 * HOUR) == old).then(|| 99.0 * steps(t))
            });
        }
    }
    let server = Server::start(metrics);
    let (found, output) = check(server.url(), "", LATENCY);
    assert_eq!(found["verdict"], "pass", "{output}");
    assert!(found["blocks_missing"].as_u64().unwrap() <= 2, "{output}");
    let slow =
        found["exposed"]["events"].as_f64().unwrap() / found["exposed"]["total"].as_f64().unwrap();
    assert!((0.009..0.021).contains(&slow), "{output}");
}

#[test]
fn infinity_in_another_spelling_is_no_spike_of_slow_requests() {
    let bounds = [("0.1", 90.0), ("0.5", 98.0), ("1", 99.0)];
    let mut metrics = histogram(Metrics::new(8), "treatment", &bounds);
    metrics = histogram(metrics, "control", &bounds);
    metrics = histogram(metrics, "control", &[("+Inf", 100.0)]);
    // The same process goes on: its whole count would be slow requests of one block.
    for (le, old) in [("+Inf", true), ("Inf", false)] {
        let labels = format!("variant=\"treatment\",le=\"{le}\"");
        metrics = metrics.gauge("latency_seconds_bucket", &labels, move |t| {
            ((t < 5 * HOUR) == old).then(|| 100.0 * steps(t))
        });
    }
    let server = Server::start(metrics);
    let (found, output) = check(server.url(), "", LATENCY);
    assert_eq!(found["verdict"], "pass", "{output}");
    assert!(found["blocks_missing"].as_u64().unwrap() <= 2, "{output}");
    let exposed = &found["exposed"];
    let slow = exposed["events"].as_f64().unwrap() / exposed["total"].as_f64().unwrap();
    assert!((0.009..0.021).contains(&slow), "{output}");
}

#[test]
fn a_sum_that_is_no_number_takes_its_own_terms_with_it_and_no_other_series() {
    // One pod's sum is NaN now and then, or for ever. Its level differs, so that sums without terms,
    // or terms without sums, would show.
    for forever in [false, true] {
        let mut metrics = Metrics::new(8);
        for variant in ["treatment", "control"] {
            for (pod, level) in [("a", 20.0), ("b", 10.0), ("c", 10.0)] {
                let labels = format!("variant=\"{variant}\",pod=\"{pod}\"");
                let ill = pod == "a" && variant == "treatment";
                metrics = metrics.gauge("order_sum", &labels, move |t| {
                    let gone = ill
                        && if forever {
                            t > HOUR
                        } else {
                            (t / SCRAPE) % 7 == 3
                        };
                    let wave = ((t / 300) % 5) as f64;
                    Some(if gone {
                        f64::NAN
                    } else {
                        steps(t) * level + wave
                    })
                });
                metrics = metrics.gauge("order_count", &labels, |t| Some(steps(t)));
            }
        }
        let server = Server::start(metrics);
        let (found, output) = check(
            server.url(),
            "",
            "margin = \"50%\"\nmean = { sum = 'order_sum', count = 'order_count', worse = \"lower\" }",
        );
        assert_eq!(found["blocks_missing"], 0, "{output}");
        assert_eq!(found["issues"], Value::Array(Vec::new()), "{output}");
        let level = found["exposed"]["value"].as_f64().unwrap();
        let expected = if forever { 10.0..10.1 } else { 12.5..13.6 };
        assert!(expected.contains(&level), "{forever}: {level} {output}");
    }
}

#[test]
fn arms_with_other_bounds_are_compared_near_the_quantile_or_not_at_all() {
    let exposed = [("0.1", 90.0), ("0.5", 98.0), ("1", 99.0), ("+Inf", 100.0)];
    let near = [("0.2", 93.0), ("1.0", 99.0), ("+Inf", 100.0)];
    let far = [
        ("0.1", 99.95),
        ("0.3", 99.97),
        ("2", 99.98),
        ("+Inf", 100.0),
    ];
    for (unexposed, verdict) in [(&near[..], "pass"), (&far[..], "no_data")] {
        let metrics = histogram(Metrics::new(8), "treatment", &exposed);
        let server = Server::start(histogram(metrics, "control", unexposed));
        let (found, output) = check(server.url(), "", LATENCY);
        assert_eq!(found["verdict"], verdict, "{output}");
        if verdict == "no_data" {
            output.exits(6);
            let why = found["why"].as_str().unwrap();
            assert!(why.contains("unexposed has 100ms, 300ms, 2s"), "{why}");
            // A limit is the exposed arm's own affair.
            let limited = format!("limit = \"100ms\"\n{LATENCY}");
            let (broken, output) = check(server.url(), "", &limited);
            assert_eq!(broken["verdict"], "breach", "{output}");
        }
    }
}

#[test]
fn a_limit_is_in_real_time_whatever_the_histogram_counts_in() {
    for (name, unit) in [
        ("latency_ms_bucket", ""),
        ("latency_bucket", ", unit = \"ms\""),
    ] {
        let mut metrics = Metrics::new(8);
        for variant in ["treatment", "control"] {
            for (le, within) in [("100", 90.0), ("250", 99.5), ("500", 99.9), ("+Inf", 100.0)] {
                let labels = format!("variant=\"{variant}\",le=\"{le}\"");
                metrics = metrics.gauge(name, &labels, move |t| Some(within * 10.0 * steps(t)));
            }
        }
        let server = Server::start(metrics);
        for (limit, verdict) in [
            ("\"250ms\"", "pass"),
            ("250", "pass"),
            ("\"90ms\"", "breach"),
        ] {
            let guardrail = format!(
                "margin = \"50%\"\nlimit = {limit}\non_breach = \"pause\"\nlatency = {{ histogram = '{name}', quantile = 0.99{unit} }}"
            );
            let (found, output) = check(server.url(), "", &guardrail);
            // Both arms are beyond 90 ms, so that is nobody's fault; but it is beyond.
            if verdict == "breach" {
                assert_eq!(found["limit"]["ambient"], true, "{output}");
            } else {
                assert_eq!(found["verdict"], verdict, "{limit}: {output}");
            }
            let value = found["exposed"]["value"].as_f64().unwrap();
            assert!((0.1..0.25).contains(&value), "{output}");
        }
    }
}

#[test]
fn a_running_plan_whose_limit_is_read_anew_says_so_and_starts_its_evidence_again() {
    let mut metrics = Metrics::new(8);
    for variant in ["treatment", "control"] {
        for (le, within) in [("100", 90.0), ("250", 99.5), ("500", 99.9), ("+Inf", 100.0)] {
            let labels = format!("variant=\"{variant}\",le=\"{le}\"");
            metrics = metrics.gauge("latency_ms_bucket", &labels, move |t| {
                Some(within * 10.0 * steps(t))
            });
        }
    }
    let server = Server::start(metrics);
    let guardrail = "margin = \"50%\"\nlimit = \"500ms\"\nlatency = { histogram = 'latency_ms_bucket', quantile = 0.99 }";
    // Any other definition than today's.
    let state = format!("definitions = {{ it = \"sha256:{}\" }}\n", "0".repeat(64));
    let (found, output) = check_running(server.url(), "", guardrail, &state);
    output.exits(3);
    let issues = found["issues"].to_string();
    assert!(issues.contains("its limit is 500ms now"), "{output}");
    assert!(issues.contains("Before judge 2"), "{output}");
    let restarts = "the definition of it changed within the stage";
    assert!(output.stdout.contains(restarts), "{output}");
}

#[test]
fn names_that_only_prometheus_3_knows_are_asked_for_as_they_are() {
    let Some(server) = Server::three(&["--web.enable-remote-write-receiver"]) else {
        return;
    };
    let label = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let mut series = Vec::new();
    for (arm, rate) in [("new", 20.0), ("old", 180.0)] {
        for (code, share) in [("200", 0.95), ("500", 0.05)] {
            series.push(Plain {
                labels: label(&[
                    ("__name__", "http.requests_total"),
                    ("deployment.variant", arm),
                    ("http.response.status_code", code),
                ]),
                value: Box::new(move |t| Some((rate * share * steps(t)).floor())),
            });
        }
    }
    write_plain(&server, &series, 8);
    let (found, output) = check(
        server.url(),
        "[arms]\nlabel = \"deployment.variant\"\nexposed = \"new\"\nunexposed = \"old\"\n",
        "margin = \"20%\"\nratio = { events = '{\"http.requests_total\", \"http.response.status_code\"=~\"5..\"}', total = '{\"http.requests_total\"}' }",
    );
    assert_eq!(found["issues"], serde_json::json!([]), "{output}");
    assert_eq!(found["verdict"], "pass", "{output}");
    let estimate = found["estimate"].as_f64().unwrap();
    assert!((estimate - 1.0).abs() < 0.02, "{output}");
}

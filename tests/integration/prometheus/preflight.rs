//! What is asked before the first user is exposed, of real servers.

use crate::support::openmetrics::{Metrics, START};
use crate::support::server::{Server, free_port};
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

const STAGES: &str =
    "[[stages]]\nexposure = 5\nmin_duration = \"1h\"\n\n[[stages]]\nexposure = 50\n";

const FIXED: &str = "[ramp]\nfrom = 1\nto = 100\nover = \"2d\"\n";

const ADAPTIVE: &str =
    "[ramp]\nfrom = 1\nto = 100\nover = \"2d\"\npace = \"adaptive\"\nrisk_budget = 20000\n";

const GUARDRAILS: &str = r#"
[[guardrails]]
name = "errors"
category = "reliability"
margin = "20%"
ratio = { events = 'errors_total', total = 'requests_total' }

[[guardrails]]
name = "latency"
category = "experience"
margin = "20%"
latency = { histogram = 'latency_seconds_bucket', quantile = 0.9 }
"#;

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(START + seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A service that has run since then, in these arms: label, requests a second.
fn service(since: i64, arms: &[(&str, f64)]) -> Metrics {
    let mut metrics = Metrics::new(8).gauge("up", "", |_| Some(1.0));
    for (labels, rate) in arms {
        let rate = *rate;
        let count = move |share: f64| {
            move |t: i64| (t >= since).then(|| ((t - since) as f64 * rate * share).floor())
        };
        metrics = metrics.counter("requests_total", labels, count(1.0));
        for (le, share) in [("0.1", 0.8), ("0.5", 0.95), ("+Inf", 1.0)] {
            let comma = if labels.is_empty() { "" } else { "," };
            let labels = format!("{labels}{comma}le=\"{le}\"");
            metrics = metrics.gauge("latency_seconds_bucket", &labels, count(share));
        }
    }
    metrics
}

fn plan(course: &str) -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", &format!("{course}{GUARDRAILS}"))
}

/// `advance` six hours into the data.
fn advance(rollout: &Rollout, server: &Server) -> Output {
    let now = rfc(6 * HOUR + 3);
    rollout.run(["advance", "--now", &now, "--prometheus-url", server.url()])
}

fn is_entered(rollout: &Rollout) -> bool {
    rollout.read("rollouts/shop.toml").contains("[state]")
}

const CONTROL: &str = "variant=\"control\"";

#[test]
fn a_service_that_is_measured_goes_on_and_the_record_replays() {
    // No error has happened yet, so their counter is not there; nor is the exposed arm.
    let server = Server::start(service(0, &[(CONTROL, 20.0)]));
    for course in [STAGES, FIXED, ADAPTIVE] {
        let rollout = plan(course);
        let output = advance(&rollout, &server);
        output.exits(0);
        assert!(is_entered(&rollout), "{output}");
        rollout.run(["replay"]).exits(0);
        let record = rollout.read("rollouts/.evidence/shop/2026-01-01T060003Z-advance.json");
        assert!(record.contains("\"preflight\""), "{record}");
    }
}

#[test]
fn a_service_of_three_minutes_will_do() {
    let server = Server::start(service(6 * HOUR - 180, &[(CONTROL, 20.0)]));
    for course in [STAGES, FIXED, ADAPTIVE] {
        let rollout = plan(course);
        advance(&rollout, &server).exits(0);
        assert!(is_entered(&rollout));
        rollout.run(["replay"]).exits(0);
    }
}

#[test]
fn what_says_something_else_than_the_plan_exposes_nobody() {
    let other = "variant=\"Treatment\"";
    for (arms, said) in [
        (
            vec![("", 20.0)],
            "series match, but none has the label `variant`: add it to the metric",
        ),
        (
            vec![("variant=\"old\"", 20.0), ("variant=\"new\"", 1.0)],
            "no series has variant=\"control\"; values in use: new, old",
        ),
        (
            vec![(CONTROL, 20.0), (other, 1.0)],
            "variant=\"Treatment\" is in use: write `exposed = \"Treatment\"`",
        ),
        (
            vec![
                ("variant=\"control\",prometheus_replica=\"a\"", 20.0),
                ("variant=\"control\",prometheus_replica=\"b\"", 20.01),
            ],
            "the same requests are counted 2 times, once for each prometheus_replica (a, b): add `prometheus_replica=\"a\"` to the selector",
        ),
    ] {
        let server = Server::start(service(0, &arms));
        for course in [STAGES, FIXED, ADAPTIVE] {
            let rollout = plan(course);
            let output = advance(&rollout, &server);
            output.exits(6);
            let flat = output
                .stdout
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            assert!(flat.contains(said), "{said}: {output}");
            assert!(!is_entered(&rollout));
        }
    }
}

#[test]
fn what_is_not_there_yet_is_waited_for() {
    let nothing = Server::start(Metrics::new(8).gauge("up", "", |_| Some(1.0)));
    let stopped = Server::start(service(0, &[]).counter("requests_total", CONTROL, |t| {
        (t < 6 * HOUR - 1_800).then_some(t as f64)
    }));
    for (server, said) in [
        (&nothing, "no series match yet"),
        (
            &stopped,
            "no sample of the unexposed arm lately, the last one was seen at 2026-01-01 05:29 UTC",
        ),
    ] {
        for course in [STAGES, FIXED] {
            let rollout = plan(course);
            let output = advance(&rollout, server);
            output.exits(3);
            let flat = output
                .stdout
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            assert!(flat.contains(said), "{output}");
            assert!(!is_entered(&rollout));
        }
    }
}

#[test]
fn where_prometheus_is_away_nobody_is_exposed() {
    for course in [STAGES, FIXED, ADAPTIVE] {
        let rollout = plan(course);
        let url = format!("http://127.0.0.1:{}", free_port());
        for command in ["check", "advance"] {
            rollout.run([command, "--prometheus-url", &url]).exits(1);
        }
        assert!(!is_entered(&rollout));
    }
}

#[test]
fn without_preflight_it_is_entered_aloud() {
    let rollout = plan(STAGES).file("rollouts/config.toml", "[judge]\npreflight = false\n");
    let output = rollout.run(["advance", "--prometheus-url", "http://127.0.0.1:1"]);
    output.exits(0);
    assert!(output.stdout.contains("preflight is off"), "{output}");
    assert!(is_entered(&rollout));
}

#[test]
fn a_saved_snapshot_says_the_same_offline() {
    let server = Server::start(service(0, &[("", 20.0)]));
    let rollout = plan(STAGES);
    let now = rfc(6 * HOUR);
    let url = server.url();
    let asked = [
        "check",
        "--now",
        &now,
        "--prometheus-url",
        url,
        "--save-snapshot",
        "s.json",
    ];
    let asked = rollout.run(asked);
    asked.exits(6);
    let saved: serde_json::Value = serde_json::from_str(&rollout.read("s.json")).unwrap();
    assert_eq!(saved["stage"], 0);
    assert_eq!(
        saved["guardrails"]["errors"]["preflight"]["total"]["values"],
        serde_json::json!([""])
    );
    let offline = rollout.run(["check", "--snapshot", "s.json"]);
    assert_eq!(offline.exits(6).stdout, asked.stdout);
}

#[test]
fn a_plan_as_it_was_written_by_init_or_new_is_held() {
    let rollout = Rollout::new();
    rollout.run(["init"]).exits(0);
    rollout.run(["new", "search"]).exits(0);
    let output = rollout.run(["advance", "--prometheus-url", "http://127.0.0.1:1"]);
    output.exits(3);
    let flat = output
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(flat.contains("remove the line `draft = ...`"), "{output}");
    let text = rollout.read("rollouts/search.toml");
    assert!(!text.contains("[state]"));
    let adapted: Vec<&str> = text.lines().filter(|l| !l.starts_with("draft")).collect();
    rollout.write("rollouts/search.toml", adapted.join("\n"));
    // Now it is asked about, and nobody is there to answer.
    let output = rollout.run([
        "advance",
        "search",
        "--prometheus-url",
        "http://127.0.0.1:1",
    ]);
    output.exits(1);
}

/// A plan with these guardrails, advanced six hours into these metrics; its output in one line.
fn advanced(guardrails: &str, server: &Server, code: i32) -> String {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", &format!("{STAGES}{guardrails}"));
    let output = advance(&rollout, server);
    output.exits(code);
    assert_eq!(is_entered(&rollout), code == 0, "{output}");
    let words: Vec<&str> = output.stdout.split_whitespace().collect();
    words.join(" ")
}

fn guardrail(rest: &str) -> String {
    format!("\n[[guardrails]]\nname = \"one\"\ncategory = \"reliability\"\n{rest}\n")
}

const COMPARED: &str =
    "margin = \"10%\"\nratio = { events = 'errors_total', total = 'requests_total' }";
const POINT: &str =
    "point = { query = 'sum(rate(requests_total{variant=\"treatment\"}[5m]))', max = 9 }";

#[test]
fn a_point_is_asked_about_too() {
    let away = format!("http://127.0.0.1:{}", free_port());
    let guardrails = guardrail(POINT);
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/shop.toml", &format!("{STAGES}{guardrails}"));
    rollout.run(["advance", "--prometheus-url", &away]).exits(1);
    assert!(!is_entered(&rollout));
    let there = Server::start(service(0, &[(CONTROL, 20.0)]));
    advanced(&guardrails, &there, 0);
    // An exposed arm that has been set to zero has no share of anything yet.
    let share = "sum(rate(latency_seconds_bucket{variant=\"treatment\"}[5m]))";
    let share = guardrail(&format!(
        "point = {{ query = '{share} / {share}', max = 9 }}"
    ));
    let initialised = service(0, &[(CONTROL, 20.0), ("variant=\"treatment\"", 0.0)]);
    advanced(&share, &Server::start(initialised), 0);
}

#[test]
fn a_point_of_which_nothing_is_there_says_how_to_go_on() {
    let guardrails = guardrail(POINT);
    let nothing = Server::start(Metrics::new(8).gauge("up", "", |_| Some(1.0)));
    let said = advanced(&guardrails, &nothing, 3);
    assert!(
        said.contains("no metric of this query is there yet"),
        "{said}"
    );
    assert!(said.contains("`preflight = false` under [judge]"), "{said}");
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "[judge]\npreflight = false\n")
        .file("rollouts/shop.toml", &format!("{STAGES}{guardrails}"));
    advance(&rollout, &nothing).exits(0);
    assert!(is_entered(&rollout));
}

#[test]
fn the_exposed_arms_own_query_is_tried_before_the_first_user() {
    let server = Server::start(service(0, &[(CONTROL, 20.0)]));
    let with = |exposed: &str| {
        guardrail(&format!(
            "margin = \"10%\"\ngauge = {{ worse = \"higher\", exposed = {{ query = '{exposed}' }}, \
             unexposed = {{ query = 'sum(rate(requests_total{{variant=\"control\"}}[5m]))' }} }}"
        ))
    };
    // The exposed arm is not there yet, as expected.
    advanced(
        &with("sum(rate(requests_total{variant=\"treatment\"}[5m]))"),
        &server,
        0,
    );
    // Only the server reads the regular expression.
    let said = advanced(
        &with("label_replace(requests_total, \"a\", \"x\", \"\", \"(\")"),
        &server,
        6,
    );
    assert!(
        said.contains("the query of the exposed arm: failed to"),
        "{said}"
    );
}

#[test]
fn what_ended_hours_ago_says_when() {
    let server = Server::start(service(0, &[]).counter("requests_total", CONTROL, |t| {
        (t < 2 * HOUR).then_some(t as f64)
    }));
    let said = advanced(&guardrail(COMPARED), &server, 3);
    assert!(
        said.contains("the last one was seen at 2026-01-01 01:59 UTC"),
        "{said}"
    );
}

#[test]
fn what_is_scraped_rarely_is_measured_all_the_same() {
    for minutes in [10, 30, 90] {
        let server = Server::start(
            Metrics::new(8).counter("requests_total", CONTROL, move |t| {
                (t % (minutes * 60) == 0).then_some(t as f64)
            }),
        );
        advanced(&guardrail(COMPARED), &server, 0);
    }
}

#[test]
fn series_that_say_nothing_do_not_pass() {
    let gauge = guardrail("margin = \"10%\"\ngauge = { query = 'load', worse = \"higher\" }");
    let nan = Server::start(Metrics::new(8).gauge("load", CONTROL, |_| Some(f64::NAN)));
    let said = advanced(&gauge, &nan, 3);
    assert!(said.contains("every sample is NaN or infinite"), "{said}");
    let latency = |name: &str| {
        guardrail(&format!(
            "margin = \"20%\"\nlatency = {{ histogram = '{name}', quantile = 0.9 }}"
        ))
    };
    let count = |t: i64| Some(t as f64);
    for (le, said) in [
        ("", "none has the label `le`"),
        (",le=\"+Inf\"", "only the bucket `+Inf`"),
        (",le=\"0.5\"", "no bucket `+Inf`"),
    ] {
        let labels = format!("{CONTROL}{le}");
        let server = Server::start(Metrics::new(8).gauge("took_bucket", &labels, count));
        let found = advanced(&latency("took_bucket"), &server, 6);
        assert!(found.contains(said), "{found}");
    }
    let classic = Server::start(Metrics::new(8).gauge("took", CONTROL, count));
    let found = advanced(&latency("took"), &classic, 6);
    assert!(found.contains("not a native histogram"), "{found}");
}

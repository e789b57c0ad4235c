//! Scrapes that do not fill the blocks, and "counters" that are none.

use serde_json::Value;

use crate::support::openmetrics::{Metrics, SCRAPE, START};
use crate::support::server::Server;
use crate::support::{Output, Rollout};

const HOUR: i64 = 3_600;

fn rfc(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(START + seconds, 0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

const ERRORS: &str = "\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"20%\"\nratio = { events = 'errors_total', total = 'requests_total' }\n";

/// A stage entered at hour two, with blocks of this length.
fn check_stage(server: &Server, block: &str, at: i64) -> (Value, Output) {
    let course = "[[stages]]\nexposure = 10\nmin_duration = \"30m\"\nrule_out = \"2x\"\n\n[[stages]]\nexposure = 50\n";
    let state = format!(
        "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n",
        rfc(2 * HOUR)
    );
    check(server, block, &format!("{course}{ERRORS}{state}"), at)
}

fn check(server: &Server, block: &str, plan: &str, at: i64) -> (Value, Output) {
    let rollout = Rollout::new()
        .file(
            "rollouts/config.toml",
            &format!("[judge]\nblock = \"{block}\"\n"),
        )
        .file("rollouts/shop.toml", plan);
    let now = rfc(at);
    let output = rollout.run([
        "check",
        "--format",
        "json",
        "--now",
        &now,
        "--prometheus-url",
        server.url(),
    ]);
    let document: Value =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{output}"));
    (document["plans"][0]["guardrails"][0].clone(), output)
}

/// Ten requests a second exposed and ninety unexposed, of which 2 % fail, `harm` times as many exposed;
/// seen every so many seconds, by a process of which this much is made.
fn service(harm: f64, every: i64, made: impl Fn(f64, i64) -> f64 + Clone + 'static) -> Metrics {
    let mut metrics = Metrics::new(8);
    for (variant, rate, times) in [("treatment", 10.0, harm), ("control", 90.0, 1.0)] {
        let labels = format!("variant=\"{variant}\",pod=\"{variant}-0\"");
        for (name, share) in [("requests_total", 1.0), ("errors_total", 0.02 * times)] {
            let made = made.clone();
            metrics = metrics.counter(name, &labels, move |t| {
                (t % every == 0).then(|| made(rate * share, t).floor())
            });
        }
    }
    metrics
}

fn steady(rate: f64, t: i64) -> f64 {
    rate * t as f64
}

#[test]
fn blocks_are_pooled_until_scrapes_fill_them() {
    for (every, block, pooled) in [(60, "15s", "2m30s"), (300, "5m", "15m")] {
        let server = Server::start(service(1.0, every, steady));
        let (found, output) = check_stage(&server, block, 6 * HOUR + 7);
        assert_eq!(found["verdict"], "pass", "{output}");
        let issue = found["issues"][0].as_str().unwrap();
        assert!(
            issue.contains(&format!("judged in blocks of {pooled}")),
            "{issue}"
        );
        let estimate = found["estimate"].as_f64().unwrap();
        assert!((0.9..1.1).contains(&estimate), "{output}");
        assert_eq!(found["blocks_missing"], 0, "{output}");

        let server = Server::start(service(3.0, every, steady));
        let (found, output) = check_stage(&server, block, 6 * HOUR + 7);
        assert_eq!(found["verdict"], "breach", "{output}");
        output.exits(5);
    }
}

#[test]
fn targets_scraped_every_half_hour_are_judged_alike_at_any_time_between_two_scrapes() {
    let server = Server::start(service(1.0, 1_800, steady));
    for later in [7, 400, 1_000, 1_600] {
        let (found, output) = check_stage(&server, "5m", 7 * HOUR + later);
        assert_eq!(found["blocks_missing"], 0, "{later}: {output}");
        let issue = found["issues"][0].as_str().unwrap();
        assert!(
            issue.contains("judged in blocks of 1h15m"),
            "{later}: {issue}"
        );
        assert_ne!(found["verdict"], "no_data", "{later}: {output}");
    }
}

#[test]
fn ranges_of_a_block_that_hold_no_two_scrapes_are_said_with_the_cure() {
    let server = Server::start(service(1.0, 600, steady));
    let arm = |value: &str| {
        let query = |name: &str| format!("'sum(increase({name}{{variant=\"{value}\"}}[$block]))'");
        format!(
            "{{ events = {}, total = {} }}",
            query("errors_total"),
            query("requests_total")
        )
    };
    let guardrail = format!(
        "\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"20%\"\nratio = {{ exposed = {}, unexposed = {} }}\n",
        arm("treatment"),
        arm("control")
    );
    let plan = format!(
        "[[stages]]\nexposure = 10\nmin_duration = \"30m\"\n\n[[stages]]\nexposure = 50\n{guardrail}\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 10.0\nentered_at = {}\n",
        rfc(2 * HOUR)
    );
    let (found, output) = check(&server, "5m", &plan, 6 * HOUR + 7);
    assert_eq!(found["verdict"], "no_data", "{output}");
    output.exits(6);
    let why = found["why"].as_str().unwrap();
    assert!(why.contains("set a longer `block` under [judge]"), "{why}");
}

#[test]
fn how_often_is_scraped_does_not_depend_on_when_the_first_error_came() {
    // The counter of exposed errors is born half an hour into the stage.
    let born = 2 * HOUR + 1_800;
    let mut metrics = Metrics::new(8);
    for (variant, rate) in [("treatment", 10.0), ("control", 90.0)] {
        let labels = format!("variant=\"{variant}\"");
        let from = if variant == "treatment" { born } else { 0 };
        metrics = metrics
            .counter("requests_total", &labels, move |t| Some(steady(rate, t)))
            .counter("errors_total", &labels, move |t| {
                (t >= from).then(|| 1.0 + steady(rate * 0.02, t - from).floor())
            });
    }
    let server = Server::start(metrics);
    for since in [7, 37, 97, 307, 1_207] {
        let (found, output) = check_stage(&server, "5m", born + since);
        assert!(
            !found["issues"].to_string().contains("scraped every"),
            "{since} s after: {output}"
        );
    }
}

#[test]
fn a_ramp_does_not_move_without_traffic_in_both_arms() {
    // The exposed arm has not been seen yet: its targets are scraped every hour.
    let metrics = service(1.0, 15, steady);
    let server = Server::start(metrics);
    let ramp = format!(
        "[ramp]\nfrom = 1\nto = 100\nover = \"2h\"\nevery = \"1m\"\n{ERRORS}\n[arms-of-nobody]\n"
    );
    let plan = ramp.replace("\n[arms-of-nobody]\n", &format!(
        "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = {0}\nramp = {{ moves = 1, progress = \"0s\", moved_at = {0} }}\n",
        rfc(4 * HOUR)
    ));
    let plan = plan.replace("errors_total'", "errors_total{pod=\"none\"}'");
    let plan = plan.replace("requests_total'", "requests_total{pod!=\"treatment-0\"}'");
    for minutes in [3, 10, 40] {
        let (found, output) = check(&server, "auto", &plan, 4 * HOUR + 60 * minutes);
        assert_ne!(found["verdict"], "pass", "{output}");
        assert!([3, 6].contains(&output.code.unwrap()), "{output}");
    }
}

#[test]
fn a_recorded_rate_is_no_counter() {
    for harm in [1.0, 3.0] {
        // A rate that wobbles by a third.
        let server = Server::start(service(harm, 15, |rate, t| {
            let wave = f64::from(u32::try_from((t / SCRAPE) * 7_919 % 13).unwrap()) / 12.0;
            1_000.0 * rate * (0.85 + 0.3 * wave)
        }));
        let (found, output) = check_stage(&server, "5m", 6 * HOUR + 7);
        assert_eq!(found["verdict"], "no_data", "{output}");
        output.exits(6);
        let issue = found["issues"][0].as_str().unwrap();
        for part in ["falls in", "a gauge or a recorded rate", "sum_over_time"] {
            assert!(issue.contains(part), "{issue}");
        }
    }
}

#[test]
fn counters_that_restart_are_judged_as_before() {
    // A pod of 15 minutes, and one that is killed every two.
    for life in [900, 120] {
        for (harm, verdict) in [(1.0, "pass"), (3.0, "breach")] {
            let server = Server::start(service(harm, 15, move |rate, t| rate * (t % life) as f64));
            let (found, output) = check_stage(&server, "5m", 6 * HOUR + 7);
            assert_eq!(found["verdict"], verdict, "life {life}: {output}");
        }
    }
}

/// A number that looks random and is the same each time, below one.
fn any(t: i64, what: f64) -> f64 {
    let mut x = u64::try_from(t).unwrap().wrapping_mul(31) ^ what.to_bits().wrapping_mul(7_919) ^ 1;
    for _ in 0..3 {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
    }
    f64::from(u32::try_from(x % 10_007).unwrap()) / 10_007.0
}

#[test]
fn workers_that_answer_in_turn_behind_one_port_are_no_evidence() {
    // Each scrape sees one of so many processes, whose counters differ by what chance gave them.
    for (workers, harm) in [(2, 1.0), (4, 1.0), (4, 3.0), (48, 1.0)] {
        let server = Server::start(service(harm, 15, move |rate, t| {
            let worker = (any(t, 0.0) * f64::from(workers)).floor();
            let share = rate * t as f64 / f64::from(workers);
            share + share.sqrt() * 3.0 * (any(1, worker + rate) - 0.5)
        }));
        let (found, output) = check_stage(&server, "5m", 6 * HOUR + 7);
        assert_eq!(found["verdict"], "no_data", "{workers} {harm}: {output}");
        output.exits(6);
        let issue = found["issues"][0].as_str().unwrap();
        for part in ["falls in", "several processes", "multi-process"] {
            assert!(issue.contains(part), "{issue}");
        }
    }
}

#[test]
fn a_recorded_rate_that_grows_all_morning_is_no_counter() {
    let server = Server::start(service(3.0, 60, |rate, t| {
        let growth = 1.0 + 3.0 * t as f64 / (6 * HOUR) as f64;
        1_000.0 * rate * growth * (0.85 + 0.3 * any(t, rate))
    }));
    for hours in [3, 5] {
        let (found, output) = check_stage(&server, "5m", hours * HOUR + 7);
        assert_eq!(found["verdict"], "no_data", "{output}");
        output.exits(6);
    }
}

#[test]
fn rarely_written_levels_are_found_out_too() {
    // A number for each quarter of an hour: eight of them in two hours.
    let server = Server::start(service(3.0, 900, |rate, t| {
        900.0 * rate * (0.7 + 0.6 * any(t, rate))
    }));
    let (found, output) = check_stage(&server, "5m", 7 * HOUR + 7);
    assert_eq!(found["verdict"], "no_data", "{output}");
    assert!(output.stdout.contains("falls in"), "{output}");
}

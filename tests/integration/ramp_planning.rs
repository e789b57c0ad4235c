//! `power`, `simulate` and `backtest` of ramps, with the real binary.

use serde_json::Value;

use super::support::openmetrics::{Metrics, START};
use super::support::server::Server;
use super::support::{Output, Rollout};

fn ramp(pace: &str) -> Rollout {
    let plan = format!(
        "[ramp]\nfrom = 1\nto = 100\nover = \"6h\"\nevery = \"1h\"\n{pace}\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = {{ events = 'errors_total', total = 'requests_total' }}\n"
    );
    Rollout::new()
        .file("rollouts/config.toml", "")
        .file("rollouts/search.toml", &plan)
}

const FIXED: &str = "pace = \"fixed\"";
const ADAPTIVE: &str = "pace = \"adaptive\"\nrisk_budget = 300";

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
}

fn run(rollout: &Rollout, args: &str) -> Output {
    rollout.run(args.split(' '))
}

#[test]
fn power_speaks_of_pieces_of_a_ramp_and_of_no_stages() {
    let output = run(&ramp(ADAPTIVE), "power search --rps 100 --baseline 1%");
    output.exits(0);
    for part in [
        "2.51 %",
        "for 1h 12m",
        "this piece of the ramp's curve",
        "within its risk budget of 300",
        "rolled back on the piece from 1 %",
    ] {
        assert!(output.stdout.contains(part), "no `{part}`: {output}");
    }
    assert!(!output.stdout.contains("stage"), "{output}");
    assert!(!output.stdout.contains("asks for nothing"), "{output}");
}

#[test]
fn simulate_of_a_ramp_releases_the_healthy_and_rolls_back_the_harmful() {
    for pace in [FIXED, ADAPTIVE] {
        let output = run(
            &ramp(pace),
            "simulate search --rps 100 --baseline 1% --effect 5x --rollouts 3 --noise clean --format json",
        );
        let document = json(&output);
        let row = |factor: f64| {
            let rows = document["rows"].as_array().unwrap();
            rows.iter()
                .find(|row| row["factor"] == factor && row["method"] == "rollout")
                .unwrap()
                .clone()
        };
        assert_eq!(row(1.0)["released"], 1.0, "{pace}: {output}");
        assert!(row(1.0)["released_median_seconds"].as_f64().unwrap() >= 21_600.0);
        assert_eq!(row(5.0)["rolled_back"], 1.0, "{pace}: {output}");
    }
}

#[test]
fn simulate_compares_the_three_paces_on_the_same_traffic() {
    let args = "simulate search --rps 100 --baseline 1% --effect 5x --rollouts 1 --noise clean --compare-pace";
    let rollout = ramp(ADAPTIVE);
    let text = run(&rollout, args);
    text.exits(0);
    for part in [
        "stages 1-5-25-100 %, 24h each",
        "fixed ramp over 6h",
        "adaptive ramp, at least 6h, risk budget 300",
        "bad: events beyond the usual",
    ] {
        assert!(text.stdout.contains(part), "no `{part}`: {text}");
    }
    let longest = text.stdout.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(120), "{text}");
    let document = json(&run(
        &rollout,
        &format!("{args} --risk-budget 400 --format json"),
    ));
    let rows = document["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6);
    let healthy = |pace: &str| {
        let row = rows
            .iter()
            .find(|row| row["factor"] == 1.0 && row["pace"].as_str().unwrap().starts_with(pace));
        row.unwrap()["full_median_hours"].as_f64().unwrap()
    };
    assert!(healthy("adaptive") < healthy("stages"));
    assert!((healthy("fixed") - 6.0).abs() < 0.5);
    assert!(
        rows[5]["pace"]
            .as_str()
            .unwrap()
            .ends_with("risk budget 400")
    );
    assert!(rows[5]["excess_p95"].as_f64().unwrap() < 400.0, "{rows:?}");
    // A budget without the comparison is a slip.
    run(
        &rollout,
        "simulate search --rps 1 --baseline 1% --risk-budget 5",
    )
    .exits(2);
}

/// A hundred requests a second, one in a hundred exposed, from `START` on.
fn past(harm: f64) -> Server {
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

fn backtest(server: &Server, pace: &str, format: &str) -> Output {
    let at = |hours: i64| {
        let instant = chrono::DateTime::from_timestamp(START + hours * 3_600, 0).unwrap();
        instant.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    };
    let args = format!("backtest search --from {} --to {}{format}", at(1), at(8));
    let rollout = ramp(pace).variable("ROLLOUT_PROMETHEUS_URL", server.url());
    run(&rollout, &args)
}

#[test]
fn backtest_of_a_ramp_makes_its_moves_over_a_healthy_past() {
    let server = past(1.0);
    let output = backtest(&server, FIXED, "");
    output.exits(0);
    assert_eq!(
        output.stdout.matches("would have moved on").count(),
        6,
        "{output}"
    );
    let document = json(&backtest(&server, FIXED, " --format json"));
    let exposures: Vec<f64> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["exposure"].as_f64().unwrap())
        .collect();
    assert_eq!(exposures, [1.0, 2.15, 4.64, 10.0, 21.54, 46.41, 100.0]);
}

#[test]
fn backtest_of_a_ramp_rolls_back_over_a_harmful_past() {
    let server = past(20.0);
    for pace in [FIXED, ADAPTIVE] {
        let output = backtest(&server, pace, "");
        assert!(
            output.stdout.contains("would have rolled back at 1 %"),
            "{output}"
        );
    }
    let output = backtest(&server, FIXED, " --stage 2");
    output.exits(2);
    assert!(output.stderr.contains("leave `--stage` out"), "{output}");
}

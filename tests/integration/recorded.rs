//! What `validate` and `backtest` make of what is on record: evidence and saved snapshots.

use serde_json::Value;

use super::planning::{at, json};
use super::support::openmetrics::START;
use super::support::{Output, Rollout};

/// Stage 1 asks for nothing, stage 2 for what no quiet service can rule out.
const MODEST: &str = r#"[[stages]]
exposure = 10
min_duration = "2h"
rule_out = "nothing"

[[stages]]
exposure = 50
min_duration = "2h"
rule_out = "1.1x"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

/// What Prometheus said of two hours at two requests a second, as a saved snapshot.
fn quiet(guardrails: &Value) -> String {
    serde_json::json!({
        "format": "rollout-snapshot/1", "plan": "checkout", "source": "a test",
        "taken_at": at(2), "stage": 1, "entered_at": at(0), "block_seconds": 300,
        "guardrails": guardrails,
    })
    .to_string()
}

/// A column with the same number in each of the 24 blocks of two hours.
fn always(number: f64) -> Value {
    serde_json::json!(vec![number; 24])
}

fn ends() -> Value {
    let ends: Vec<i64> = (1..=24).map(|k| START + 300 * k).collect();
    serde_json::json!(ends)
}

/// A plan in its first stage, advanced two hours later on this snapshot.
fn advanced(plan: &str, guardrails: &Value) -> (Rollout, Output) {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "[judge]\npreflight = false\n")
        .file("rollouts/checkout.toml", plan)
        .file("snapshot.json", &quiet(guardrails));
    rollout.run(["advance", "--now", &at(0)]).exits(0);
    let output = rollout.run(["advance", "--snapshot", "snapshot.json", "--now", &at(2)]);
    (rollout, output)
}

#[test]
fn validate_warns_from_recorded_evidence_of_what_a_later_stage_cannot_do() {
    let (rollout, output) = advanced(
        MODEST,
        &serde_json::json!({"errors": {
            "ends": ends(),
            "exposed": {"events": always(1.0), "total": always(60.0)},
            "unexposed": {"events": always(9.0), "total": always(540.0)},
        }}),
    );
    output.exits(0);
    let warned = rollout.run(["validate"]);
    warned.exits(0);
    for part in [
        "warning[rule-out-out-of-reach]: stage 2",
        "checkout.toml:9",
        "write `rule_out = ",
    ] {
        assert!(warned.stdout.contains(part), "no `{part}`: {warned}");
    }
    rollout.run(["validate", "--strict"]).exits(2);
    // What is given by hand comes before what is on record.
    let many = ["validate", "--strict", "--rps", "5000", "--baseline", "1%"];
    rollout.run(many).exits(0);
}

#[test]
fn validate_warns_from_recorded_evidence_of_a_margin_that_the_buckets_cannot_prove() {
    let (stages, _) = MODEST.split_once("[[guardrails]]").unwrap();
    let plan = format!(
        r#"{stages}[[guardrails]]
name = "p99"
category = "experience"
on_no_data = "pause"
margin = "20%"
latency = {{ histogram = 'seconds_bucket', quantile = 0.99, compare = "quantile" }}
"#
    );
    let buckets = |total: f64| {
        let le = serde_json::json!({
            "0.1": always(0.5 * total), "0.25": always(0.97 * total),
            "0.5": always(0.995 * total), "+Inf": always(total),
        });
        serde_json::json!({ "le": le })
    };
    let series = serde_json::json!({"p99": {
        "ends": ends(), "exposed": buckets(3_000.0), "unexposed": buckets(27_000.0),
    }});
    let (rollout, output) = advanced(&plan, &series);
    output.exits(6);
    assert!(output.stdout.contains("too far apart"), "{output}");
    let warned = rollout.run(["validate"]);
    warned.exits(0);
    for part in [
        "warning[margin-out-of-reach]: as last measured, the buckets next to the p99 (250ms and 500ms)",
        "checkout.toml:15",
        "write `margin = \"100%\"`",
    ] {
        assert!(warned.stdout.contains(part), "no `{part}`: {warned}");
    }
    rollout.run(["validate", "--strict"]).exits(2);
}

#[test]
fn backtest_runs_the_gates_over_a_saved_snapshot() {
    let series = |factor: f64| {
        serde_json::json!({"errors": {
            "ends": ends(),
            "exposed": {"events": always(30.0 * factor), "total": always(3_000.0)},
            "unexposed": {"events": always(270.0), "total": always(27_000.0)},
        }})
    };
    let steps = |factor: f64| -> Vec<(String, String)> {
        let rollout = Rollout::new()
            .file("rollouts/config.toml", "[judge]\npreflight = false\n")
            .file("rollouts/checkout.toml", MODEST)
            .file("snapshot.json", &quiet(&series(factor)));
        let args = "backtest checkout --snapshot snapshot.json --format json";
        let document = json(&rollout.run(args.split(' ')));
        assert_eq!(document["from"], at(0));
        assert_eq!(document["to"], at(2));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = document["steps"].as_array().unwrap().iter();
        steps
            .map(|step| (text(&step["decision"]), text(&step["at"])))
            .collect()
    };
    assert_eq!(steps(1.0), [("advance".to_owned(), at(2))]);
    let harmful = steps(3.0);
    assert_eq!((harmful.len(), harmful[0].0.as_str()), (1, "rollback"));
    assert!(harmful[0].1 < at(1), "{harmful:?}");
    let other = Rollout::new()
        .file("rollouts/config.toml", "[judge]\npreflight = false\n")
        .file("rollouts/other.toml", MODEST)
        .file("snapshot.json", &quiet(&series(1.0)));
    let refused = other.run("backtest other --snapshot snapshot.json".split(' '));
    refused.exits(1);
    assert!(refused.stderr.contains("no snapshot of other"), "{refused}");
}

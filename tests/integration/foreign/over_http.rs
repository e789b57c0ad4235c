//! What a server says: errors, warnings, pages that are no API, labels of its series.

use super::look::{all_shown, look, look_at_page, poison, seen_in_turn, written};
use crate::support::Rollout;
use crate::support::wire::{Reply, Wire};

const PLAN: &str = r#"[[stages]]
exposure = 1
min_duration = "1h"
rule_out = "5x"

[[stages]]
exposure = 100
min_duration = "24h"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }

[[guardrails]]
name = "cpu"
category = "reliability"
margin = "10%"
gauge = { query = "cpu", worse = "higher" }

[[guardrails]]
name = "slow"
category = "experience"
margin = "10%"
latency = { histogram = 'seconds_bucket', quantile = 0.99 }
"#;

const ENTERED: &str = "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-11-22T12:00:00Z\n";

/// Two hours after the stage was entered.
const NOW: i64 = 1_795_356_000;

fn commands(rollout: &Rollout) -> String {
    let commands = [
        &["check"][..],
        &["check", "-v"],
        &["advance", "--dry-run"],
        &["status", "--live"],
        &["doctor", "-v"],
        &["explain", "checkout"],
        &["power", "checkout"],
        &["report", "checkout", "--out", "page.html"],
        &["check", "--save-snapshot", "saved.json"],
        &["check", "--snapshot", "saved.json"],
        &["explain", "saved.json"],
    ];
    let now = ["--now", "2026-11-22T14:00:00Z", "--no-cache"];
    let commands = commands.map(|command| command.iter().copied().chain(now).collect());
    let said = seen_in_turn(rollout, &commands);
    if rollout.path().join("page.html").exists() {
        look_at_page(&rollout.read("page.html"));
    }
    said
}

fn world(reply: Reply, plan: &str) -> (Wire, Rollout) {
    let server = Wire::start(vec![reply]);
    let config = format!(
        "[prometheus]\nurl = \"{}\"\ntimeout = \"5s\"\n",
        server.url()
    );
    let rollout = Rollout::new()
        .variable("GITHUB_STEP_SUMMARY", "summary.md")
        .file("rollouts/config.toml", &config)
        .file("rollouts/checkout.toml", plan);
    (server, rollout)
}

#[test]
fn errors_of_a_server_are_told_and_not_obeyed() {
    let plan = format!("{PLAN}{ENTERED}");
    let error = |kind: &str| {
        format!(
            "{{\"status\":\"error\",\"errorType\":\"{kind}\",\"error\":\"{}\"}}",
            written("message")
        )
    };
    let page = poison("page").replace('\0', "");
    for reply in [
        Reply::http("400 Bad Request", &error("bad_data")),
        Reply::http("422 Unprocessable Entity", &error(&written("type"))),
        Reply::http("404 Not Found", &page),
        Reply::http("200 OK", &page),
        Reply::http("200 OK", &error("execution")),
    ] {
        let (_server, rollout) = world(reply, &plan);
        all_shown(&commands(&rollout), &["checkout"]);
        look_at_page(&rollout.read("summary.md"));
    }
    let (_server, rollout) = world(Reply::http("422 Unprocessable Entity", &error("x")), &plan);
    all_shown(&commands(&rollout), &["message "]);
    let warned = format!(
        "{{\"status\":\"success\",\"warnings\":[\"{}\"],\"data\":{{\"resultType\":\"matrix\",\"result\":[]}}}}",
        written("warned")
    );
    let (_server, rollout) = world(Reply::http("200 OK", &warned), &plan);
    all_shown(&commands(&rollout), &["warned "]);
    look_at_page(&rollout.read("summary.md"));
}

#[test]
fn a_busy_server_is_told_once() {
    let plan = format!("{PLAN}{ENTERED}");
    let error = format!(
        "{{\"status\":\"error\",\"errorType\":\"x\",\"error\":\"{}\"}}",
        written("message")
    );
    let (_server, rollout) = world(Reply::http("503 Service Unavailable", &error), &plan);
    for form in [&["--format", "github"][..], &["--color", "always"], &["-v"]] {
        let args = ["check", "--now", "2026-11-22T14:00:00Z"];
        let output = rollout.run(args.iter().chain(form));
        look(&output, &args, form);
        assert!(output.stdout.contains("message "), "{output}");
    }
}

#[test]
fn labels_of_series_are_shown_and_not_obeyed() {
    let values: Vec<String> = (0..200)
        .map(|at| format!("[{},\"{}\"]", NOW - 12_000 + at * 60, at * 10))
        .collect();
    let values = values.join(",");
    let series = |variant: &str, more: &str| {
        format!(
            "{{\"metric\":{{\"variant\":\"{variant}\",\"pod\":\"{more}\",\"{}\":\"x\"}},\"values\":[{values}]}}",
            written("label")
        )
    };
    let answer = |kind: &str| {
        format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":[{},{},{}]}}}}",
            series(&written("Treatment"), &written("pod")),
            series("treatment", &written("other")),
            series(&written("control"), "a"),
        )
    };
    let mut said = String::new();
    for plan in [PLAN.to_owned(), format!("{PLAN}{ENTERED}")] {
        for kind in ["matrix", "vector"] {
            let text = match kind {
                "vector" => answer(kind)
                    .replace("\"values\":[[", "\"value\":[")
                    .replace("]]}", "]}"),
                _ => answer(kind),
            };
            let (_server, rollout) = world(Reply::http("200 OK", &text), &plan);
            said += &commands(&rollout);
        }
    }
    all_shown(&said, &["Treatment ", "label "]);
}

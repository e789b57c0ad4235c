//! Reasons, accounts and arguments that say it; what is told to webhooks.

use super::look::{
    all_shown, controls, look, look_at_data, look_at_page, poison, seen, seen_in_turn, spoken,
};
use crate::support::Rollout;
use crate::support::wire::{Reply, Wire};

const CONFIG: &str = "[prometheus]\nurl = \"http://127.0.0.1:1\"\n\n[judge]\npreflight = false\n";

const PLAN: &str = r#"[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"
approval = true

[[stages]]
exposure = 100
min_duration = "24h"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

fn now(hour: u32) -> String {
    format!("2026-11-23T{hour:02}:00:00Z")
}

#[test]
fn whatever_a_person_gives_as_a_reason_is_told_as_one_line() {
    let hook = Wire::start(vec![Reply::http("200 OK", "ok")]);
    let hooks = "\n[[notify]]\nurl_env = \"HOOK\"\nformat = \"slack\"\n\n[[notify]]\nurl_env = \"HOOK\"\nformat = \"json\"\n";
    let rollout = Rollout::new()
        .variable("HOOK", hook.url())
        .variable("ROLLOUT_ACTOR", &spoken("actor"))
        .variable("GITHUB_STEP_SUMMARY", "summary.md")
        .file("rollouts/config.toml", &format!("{CONFIG}{hooks}"))
        .file("rollouts/checkout.toml", PLAN);
    let git = |args: &[&str]| {
        let output = rollout.command("git").args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "-m", "first"]);
    let reason = spoken("because");
    let mut said = String::new();
    let commands: [&[&str]; 9] = [
        &["advance"],
        &["approve", "checkout"],
        &["pause", "checkout"],
        &["resume", "checkout"],
        &["rollback", "checkout"],
        &["retry", "checkout"],
        &["freeze", "--until", "2027-01-01T00:00:00Z"],
        &["unfreeze"],
        &["new", "other"],
    ];
    for (hour, command) in (1..).zip(commands) {
        let at = now(hour);
        let more = ["--reason", &reason, "--commit", "--now", &at];
        let args: Vec<&str> = command.iter().copied().chain(more).collect();
        let status = vec!["status", "--now", &at];
        let check = vec!["check", "--now", &at];
        // What is done is done once: the second run finds it done.
        said += &seen_in_turn(&rollout, &[args.clone(), args, status, check]);
    }
    said += &seen(&rollout, &["history", "checkout"]);
    all_shown(&said, &["because ", "actor "]);

    let message = git(&["log", "--format=%B"]);
    assert!(
        message.contains("because ") && message.contains("Rollout-Actor: person:actor "),
        "{message}"
    );
    look_at_page(&message);
    look_at_page(&rollout.read("summary.md"));
    let output = rollout.run([
        "report",
        "checkout",
        "--out",
        "page.html",
        "--now",
        &now(12),
    ]);
    output.exits(0);
    look_at_page(&rollout.read("page.html"));

    let told = hook.requests();
    assert!(told.len() >= 8, "{told:?}");
    for request in &told {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        look_at_data(body);
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        if let Some(text) = body["text"].as_str() {
            look_at_data(text);
        }
    }
    assert!(told.iter().any(|request| request.contains("because ")));
}

#[test]
fn what_is_kept_of_a_reason_is_what_was_said() {
    let reason = spoken("because");
    let rollout = Rollout::new().file("rollouts/config.toml", CONFIG).file(
        "rollouts/checkout.toml",
        &PLAN.replace("approval = true\n", ""),
    );
    rollout.run(["advance", "--now", &now(1)]).exits(0);
    let args = [
        "rollback",
        "checkout",
        "--reason",
        &reason,
        "--now",
        &now(2),
    ];
    rollout.run(args).exits(0);
    let text = rollout.read("rollouts/checkout.toml");
    look_at_data(&text);
    let plan: toml::Table = text.parse().unwrap();
    let kept = plan["state"]["rollback"]["reason"].as_str().unwrap();
    assert_eq!(kept, reason.trim());
    let freeze = [
        "freeze",
        "--until",
        "2027-01-01T00:00:00Z",
        "--reason",
        &reason,
    ];
    rollout.run(freeze).exits(0);
    look_at_data(&rollout.read("rollouts/config.toml"));
}

#[test]
fn arguments_are_quoted_and_not_obeyed() {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", CONFIG)
        .file("rollouts/checkout.toml", PLAN);
    let word = spoken("word");
    let option = format!("--{word}");
    let commands = [
        vec![word.as_str()],
        vec![&option],
        vec!["check", &word],
        vec!["check", &option],
        vec!["check", "--ok", &word],
        vec!["check", "--now", &word],
        vec!["check", "--snapshot", &word],
        vec!["status", "--dir", &word],
        vec!["new", "a", "--stage", &word],
        vec!["help", &word],
        vec!["explain", &word, &word],
        vec!["replay", &word],
        vec!["simulate", "checkout", "--effect", &word],
        vec!["backtest", "checkout", "--from", &word, "--to", &word],
        vec!["freeze", "--until", &word, "--reason", "x"],
        vec!["completions", &word],
        vec!["report", "checkout", "--out", &word],
    ];
    for args in commands {
        let said = seen_in_turn(&rollout, std::slice::from_ref(&args));
        assert!(said.contains("word "), "{args:?}");
    }
    for one in controls().filter(|c| *c != '\0') {
        let args = ["check".to_owned(), format!("a{one}b")];
        let output = rollout.run(&args);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        look(&output, &args, &[]);
        output.exits(2);
    }
    assert!(poison("x").len() > 100);
}

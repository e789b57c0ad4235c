//! Promises of the command line that need no server: mistakes all at once, near misses, streams,
//! freezes, replay, the merge gate, notifications.

use super::support::Rollout;
use super::support::wire::{Reply, Wire};

const CONFIG: &str = r#"[prometheus]
url = "http://127.0.0.1:1"

[judge]
preflight = false

[metrics.errors]
category = "reliability"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

const PLAN: &str = r#"description = "One-page checkout"

[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"

[[stages]]
exposure = 100
min_duration = "24h"

[[guardrails]]
metric = "errors"
margin = "10%"
"#;

const FIRST: &str = "2026-11-23T09:00:00Z";

fn directory() -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", CONFIG)
        .file("rollouts/checkout.toml", PLAN)
}

/// A repository whose first commit holds the directory, with the plan in its first stage.
fn repository() -> Rollout {
    let rollout = directory();
    rollout.run(["advance", "--now", FIRST]).exits(0);
    git(&rollout, &["init", "-q", "-b", "main"]);
    git(&rollout, &["add", "-A"]);
    git(&rollout, &["commit", "-q", "-m", "Start"]);
    rollout
}

fn git(rollout: &Rollout, args: &[&str]) {
    let output = rollout.command("git").args(args).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn seven_mistakes_are_shown_at_once_with_their_cures() {
    let wrong = r#"descripton = "x"
[[stages]]
exposure = 1
min_duration = "24"
[[stages]]
exposure = 0.5
[[stages]]
exposure = 101
[[guardrails]]
metric = "errrors"
margin = "10%"
[[guardrails]]
name = "own"
category = "reliability"
on_breach = "explode"
margin = "ten"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;
    let rollout = directory().file("rollouts/checkout.toml", wrong);
    let output = rollout.run(["validate"]);
    output.exits(2);
    assert!(output.stdout.matches("error[").count() >= 7, "{output}");
    assert!(output.stdout.matches("help: ").count() >= 7, "{output}");
    assert!(output.stdout.contains("^"), "{output}");
    let document = rollout.run(["validate", "--format", "json"]);
    document.exits(2);
    let value: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    assert!(value["files"][0]["mistakes"].as_array().unwrap().len() >= 7);
}

#[test]
fn one_bad_plan_does_not_stop_the_others() {
    let rollout = directory().file("rollouts/broken.toml", "exposure = 1\n");
    let output = rollout.run(["advance", "--now", FIRST]);
    output.exits(2);
    assert!(
        rollout.read("rollouts/checkout.toml").contains("stage = 1"),
        "{output}"
    );
}

#[test]
fn a_name_that_is_almost_right_is_suggested() {
    let output = directory().run(["check", "chekout"]);
    output.exits(2);
    assert_eq!(output.stdout, "");
    assert!(
        output.stderr.contains("did you mean `checkout`?"),
        "{output}"
    );
}

#[test]
fn a_plan_can_be_given_as_a_path_from_anywhere() {
    let rollout = directory();
    std::fs::create_dir(rollout.path().join("elsewhere")).unwrap();
    rollout.run(["validate", "rollouts/checkout.toml"]).exits(0);
    rollout
        .run(["validate", "./rollouts/checkout.toml", "--dir", "rollouts"])
        .exits(0);
}

#[test]
fn quiet_says_nothing_when_nothing_changed() {
    let rollout = directory();
    rollout.run(["advance", "--now", FIRST]).exits(0);
    rollout
        .run(["rollback", "checkout", "--reason", "smoke"])
        .exits(0);
    let output = rollout.run(["advance", "--quiet"]);
    output.exits(3);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
}

#[test]
fn a_reader_who_hangs_up_is_no_error() {
    let rollout = directory();
    let binary = env!("CARGO_BIN_EXE_rollout");
    let output = rollout
        .command("sh")
        .args([
            "-c",
            &format!("{{ {binary} schema; echo $? >&2; }} | head -c 1"),
        ])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), "0");
}

#[test]
fn a_freeze_stops_advances_until_it_is_lifted() {
    let rollout = directory();
    let freeze = [
        "freeze", "--until", "12h", "--reason", "sale", "--now", FIRST,
    ];
    rollout.run(freeze).exits(0);
    let again = rollout.run(freeze);
    again.exits(0);
    assert!(again.stdout.contains("nothing changed"), "{again}");
    let held = rollout.run(["advance", "--now", "2026-11-23T10:00:00Z"]);
    held.exits(3);
    assert!(held.stdout.contains("sale"), "{held}");
    rollout
        .run(["unfreeze", "--now", "2026-11-23T10:30:00Z"])
        .exits(0);
    rollout
        .run(["advance", "--now", "2026-11-23T10:31:00Z"])
        .exits(0);
}

#[test]
fn a_changed_record_does_not_replay() {
    let rollout = directory();
    rollout.run(["advance", "--now", FIRST]).exits(0);
    let sound = rollout.run(["replay"]);
    sound.exits(0);
    assert!(sound.stdout.contains("1 record"), "{sound}");
    let record = "rollouts/.evidence/checkout/2026-11-23T090000Z-advance.json";
    rollout.run(["replay", record]).exits(0);
    let text = rollout.read(record);
    rollout.write(record, text.replacen("\"stage\": 1", "\"stage\": 2", 1));
    rollout.run(["replay", record]).exits(1);
    rollout.run(["replay"]).exits(1);
    std::fs::remove_file(rollout.path().join(record)).unwrap();
    rollout.run(["replay", "checkout"]).exits(1);
}

#[test]
fn the_merge_gate_refuses_a_state_written_by_hand() {
    let rollout = repository();
    let text = rollout.read("rollouts/checkout.toml");
    rollout.write(
        "rollouts/checkout.toml",
        text.replace("exposure = 1.0", "exposure = 50.0"),
    );
    let output = rollout.run(["validate", "--base", "HEAD"]);
    output.exits(2);
    assert!(output.stdout.contains("help: "), "{output}");
}

#[test]
fn the_merge_gate_lets_recorded_decisions_and_untouched_plans_pass() {
    let rollout = repository();
    rollout.run(["check", "--base", "HEAD"]).exits(0);
    rollout.run(["rollback", "checkout"]).exits(0);
    rollout.run(["validate", "--base", "HEAD"]).exits(0);
}

#[test]
fn the_merge_gate_refuses_to_lose_a_plan_with_users() {
    let rollout = repository();
    std::fs::remove_file(rollout.path().join("rollouts/checkout.toml")).unwrap();
    let output = rollout.run(["validate", "--base", "HEAD"]);
    output.exits(2);
    assert!(output.stdout.contains("deletes `checkout`"), "{output}");
}

#[test]
fn a_change_under_review_cannot_redirect_requests_or_credentials() {
    let rollout = repository().variable("PROM_TOKEN", "s3cret");
    let thief = Wire::start(vec![Reply::nothing()]);
    rollout.write(
        "rollouts/config.toml",
        CONFIG.replace(
            "url = \"http://127.0.0.1:1\"",
            &format!(
                "url = \"{}\"\nbearer_token_env = \"PROM_TOKEN\"",
                thief.url()
            ),
        ),
    );
    let text = rollout.read("rollouts/checkout.toml");
    rollout.write(
        "rollouts/checkout.toml",
        text.replace("One-page", "Two-page"),
    );
    let output = rollout.run(["check", "--base", "HEAD", "--now", "2026-11-23T12:00:00Z"]);
    output.exits(1);
    assert!(thief.requests().is_empty(), "{output}");
    assert!(output.stdout.contains("127.0.0.1:1"), "{output}");
}

#[test]
fn webhooks_are_told_of_transitions_and_change_no_outcome() {
    let hook = Wire::start(vec![Reply::http("200 OK", "ok")]);
    let config = format!("{CONFIG}\n[[notify]]\nurl_env = \"HOOK\"\nformat = \"slack\"\n");
    let rollout = directory()
        .file("rollouts/config.toml", &config)
        .variable("HOOK", hook.url());
    rollout.run(["advance", "--now", FIRST]).exits(0);
    let told = hook.requests();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("advanced from 0 % to 1 %"), "{}", told[0]);

    let rollout = directory()
        .file("rollouts/config.toml", &config)
        .variable("HOOK", "http://127.0.0.1:1/secret-path");
    let output = rollout.run(["advance", "--now", FIRST]);
    output.exits(0);
    assert!(output.stderr.contains("HOOK"), "{output}");
    assert!(!output.stderr.contains("secret-path"), "{output}");
}

#[test]
fn every_command_has_a_page_of_help() {
    let rollout = Rollout::new();
    let list = rollout.run(["--help"]).stdout;
    let commands: Vec<&str> = list
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    for wanted in [
        "init",
        "new",
        "validate",
        "check",
        "advance",
        "status",
        "explain",
        "history",
        "approve",
        "pause",
        "resume",
        "rollback",
        "retry",
        "freeze",
        "unfreeze",
        "doctor",
        "power",
        "replay",
        "report",
        "rules",
        "demo",
        "schema",
        "completions",
        "man",
    ] {
        assert!(
            commands.contains(&wanted),
            "{wanted} is not in {commands:?}"
        );
    }
    for command in commands {
        rollout.run(["help", command]).exits(0);
        rollout.run([command, "--help"]).exits(0);
        rollout.run(["man", command]).exits(0);
    }
    let page = rollout.run(["help", "statistics"]);
    page.exits(0);
    assert!(page.stdout.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_demo_ends_well_and_leaves_what_it_says() {
    let output = Rollout::new().run(["demo"]);
    output.exits(0);
    assert!(
        output
            .stdout
            .contains("status = \"complete\", exposure = 100.0"),
        "{output}"
    );
    assert!(
        output
            .stdout
            .contains("status = \"rolled_back\", exposure = 0.0"),
        "{output}"
    );
    let wide: Vec<&str> = output
        .stdout
        .lines()
        .filter(|line| line.chars().count() > 80)
        .collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

//! Records that an older judge wrote (`corpus/judge-1`: with every kind of metric, by stages and on a
//! ramp, by rules and by hand; `corpus/judge-2`: both plans of the demo): they stay good, what they say counts, and nobody can pass off new
//! decisions as old ones.

use std::path::{Path, PathBuf};
use std::process::Command;

use rollout::judge::VERSION;
use rollout::workspace::Record;

use super::support::{Output, Rollout, copy};

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/integration/corpus/judge-1")
        .join(name)
}

/// A work tree with one of the corpus' directories in it.
fn with(name: &str) -> Rollout {
    let rollout = Rollout::new();
    copy(&corpus(name), &rollout.path());
    rollout
}

fn git(rollout: &Rollout, line: &str) -> String {
    let mut command: Command = rollout.command("git");
    let output = command.args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "git {line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn commit_all(rollout: &Rollout, message: &str) {
    git(rollout, "add --all");
    let mut command = rollout.command("git");
    let output = command.args(["commit", "-qm", message]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Every record below a directory of the corpus.
fn records(name: &str) -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(&path, found);
            } else if path.extension().is_some_and(|e| e == "json") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    below(&corpus(name).join("rollouts/.evidence"), &mut found);
    assert!(!found.is_empty());
    found
}

#[test]
fn they_are_whole_and_what_todays_judge_would_say_is_information() {
    for name in ["audit", "kinds", "leaning"] {
        for path in records(name) {
            let text = std::fs::read_to_string(&path).unwrap();
            let record = Record::read(&text).unwrap_or_else(|why| panic!("{path:?}: {why}"));
            assert_eq!(record.judge, 1);
            assert_eq!(record.to_text(), text, "{path:?}");
        }
        let replayed = with(name).run(["replay"]);
        replayed.exits(0);
        assert!(!replayed.stdout.contains("DIFFERS"), "{replayed}");
        let older = replayed.stdout.lines().filter(|l| l.starts_with("older"));
        assert_eq!(older.count(), records(name).len(), "{replayed}");
        assert!(replayed.stdout.contains("of an older judge"), "{replayed}");
    }
}

#[test]
fn those_of_the_second_judge_are_whole_too() {
    let corpus =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/corpus/judge-2/demo");
    let rollout = Rollout::new();
    copy(&corpus, &rollout.path());
    let replayed = rollout.run(["replay"]);
    replayed.exits(0);
    assert!(!replayed.stdout.contains("DIFFERS"), "{replayed}");
    let older = |plan: &str| {
        let lines = replayed.stdout.lines().filter(|l| l.starts_with("older"));
        lines.filter(|line| line.contains(plan)).count()
    };
    assert_eq!(older("checkout-redesign"), 5, "{replayed}");
    assert_eq!(older("gift-cards"), 2, "{replayed}");
    let state = rollout.read("rollouts/gift-cards.toml");
    assert!(state.contains("judge = 2"), "{state}");
    rollout.run(["history", "gift-cards"]).exits(0);
}

#[test]
fn what_a_person_did_and_what_harm_did_is_decided_the_same_by_todays_judge() {
    let replayed = with("kinds").run(["replay", "by-hand", "harmful"]);
    replayed.exits(0);
    for line in replayed.stdout.lines().filter(|l| l.starts_with("older")) {
        assert!(
            line.ends_with("today's would decide the same"),
            "{replayed}"
        );
    }
}

#[test]
fn one_changed_byte_is_still_found() {
    let rollout = with("kinds");
    let path = "rollouts/.evidence/harmful/2026-11-22T130010Z-rollback.json";
    let text = rollout.read(path);
    rollout.write(path, text.replacen("\"events\": [", "\"events\": [1, ", 1));
    let replayed = rollout.run(["replay", "harmful"]);
    replayed.exits(1);
    assert!(replayed.stdout.contains("DIFFERS"), "{replayed}");
}

#[test]
fn a_record_of_a_newer_judge_asks_for_a_newer_program() {
    let rollout = with("kinds");
    let path = "rollouts/.evidence/harmful/2026-11-22T130010Z-rollback.json";
    let mut record = Record::read(&rollout.read(path)).unwrap();
    record.judge = VERSION + 1;
    rollout.write(path, record.to_text());
    let replayed = rollout.run(["replay", "harmful"]);
    replayed.exits(1);
    assert!(replayed.stdout.contains("update `rollout`"), "{replayed}");
}

#[test]
fn a_running_rollout_goes_on_and_its_history_is_whole() {
    let rollout = with("leaning");
    // Definitions have the digests they had: else this would be a restart of the evidence.
    let check = rollout.run([
        "check",
        "--snapshot",
        "snapshot.json",
        "--now",
        "2026-11-26T01:33:19Z",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_str(&check.exits(3).stdout).unwrap();
    let plan = &report["plans"][0];
    assert_eq!(plan["reason_codes"][0], "leaning");
    assert_eq!(plan["guardrails"][0]["leaning"], "margin");
    assert!(plan["guardrails"][0]["harm"]["value"].as_f64().unwrap() > 2.5);

    let rollout = with("kinds");
    rollout.run(["history", "every-kind"]).exits(0);
    rollout
        .run([
            "retry",
            "harmful",
            "--reason",
            "mended",
            "--now",
            "2026-11-23T09:00:00Z",
        ])
        .exits(0);
    let replayed = rollout.run(["replay", "harmful"]);
    replayed.exits(0);
    assert!(replayed.stdout.contains("same     "), "{replayed}");
    assert!(replayed.stdout.contains("older    "), "{replayed}");
}

/// `check` of a change that takes this plan from its first record's state to its last.
fn reviewed(base_holds_the_records: bool) -> Output {
    let rollout = with("kinds");
    let plan = "rollouts/harmful.toml";
    let after = rollout.read(plan);
    let last = "rollouts/.evidence/harmful/2026-11-22T130010Z-rollback.json";
    let record = Record::read(&rollout.read(last)).unwrap();
    let before = record.before.as_ref().unwrap();
    let text = rollout::plan::revise(&record.declared.text, before).unwrap();
    rollout.write(plan, text);
    let kept = rollout.read(last);
    if !base_holds_the_records {
        std::fs::remove_file(rollout.path().join(last)).unwrap();
    }
    git(&rollout, "init --quiet");
    commit_all(&rollout, "before");
    git(&rollout, "checkout --quiet -b change");
    rollout.write(plan, after);
    rollout.write(last, kept);
    commit_all(&rollout, "rolled back");
    rollout.run(["validate", "--base", "main"])
}

#[test]
fn the_merge_gate_believes_an_older_judge_only_where_the_base_holds_its_record() {
    reviewed(true).exits(0);
    let refused = reviewed(false);
    refused.exits(2);
    assert!(refused.stdout.contains("judge 1 decided it"), "{refused}");
}

#[test]
fn what_an_unknown_judge_carried_is_left_out_aloud() {
    let rollout = with("leaning");
    let plan = rollout.read("rollouts/search.toml");
    let carried = plan.replacen(
        "[state]\n",
        "[state]\njudge = 99\ncarried = { errors = 9.0 }\n",
        1,
    );
    rollout.write("rollouts/search.toml", carried);
    let check = rollout.run([
        "check",
        "--snapshot",
        "snapshot.json",
        "--now",
        "2026-11-26T01:33:19Z",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_str(&check.stdout).unwrap();
    let errors = &report["plans"][0]["guardrails"][0];
    assert!(
        errors["issues"][0].as_str().unwrap().contains("version 99"),
        "{check}"
    );
    assert!(errors["harm"]["value"].as_f64().unwrap() < 4.0, "{check}");
    check.exits(3);
}

#[test]
fn a_reworded_sentence_is_no_difference() {
    let rollout = with("kinds");
    let config = rollout.read("rollouts/config.toml");
    rollout.write(
        "rollouts/config.toml",
        format!("{config}\n[judge]\npreflight = false\n"),
    );
    rollout
        .run(["retry", "harmful", "--now", "2026-11-23T09:00:00Z"])
        .exits(0);
    rollout
        .run(["advance", "harmful", "--now", "2026-11-23T09:01:00Z"])
        .exits(0);
    let path = "rollouts/.evidence/harmful/2026-11-23T090100Z-advance.json";
    let mut record = Record::read(&rollout.read(path)).unwrap();
    record.grounds.reasons = vec!["the first stage begins".into()];
    rollout.write("reworded.json", record.to_text());
    rollout.run(["replay", "reworded.json"]).exits(0);
    record.grounds.reason_codes[0] = "climbing".into();
    rollout.write("other.json", record.to_text());
    rollout.run(["replay", "other.json"]).exits(1);
}

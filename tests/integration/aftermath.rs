//! After a rollback: what `explain` and `history` show of it, whatever became of its record.

use std::path::Path;

use super::support::{Rollout, copy};

const RECORD: &str = "rollouts/.evidence/gift-cards/";

/// The demo's directory, as a program of the second judge left it: gift-cards is rolled back.
fn rolled_back() -> Rollout {
    let corpus =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/corpus/judge-2/demo");
    let rollout = Rollout::new();
    copy(&corpus, &rollout.path());
    rollout
}

/// The record of the rollback.
fn latest(rollout: &Rollout) -> String {
    let files = std::fs::read_dir(rollout.path().join(RECORD)).unwrap();
    let mut names: Vec<String> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let name = names.pop().unwrap();
    assert!(name.ends_with("-rollback.json"), "{name}");
    format!("{RECORD}{name}")
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn explain_shows_the_numbers_that_rolled_a_plan_back() {
    let rollout = rolled_back();
    let output = rollout.run(["explain", "gift-cards", "errors"]);
    output.exits(0);
    let said = words(&output.stdout);
    for part in [
        "ROLLED BACK from",
        "2026-01-12 09:45 UTC, by itself",
        "what was seen then, from rollouts/.evidence/gift-cards/",
        "judge 2 decided, and the numbers are those of judge",
        "Is harm beyond the margin proven?",
        "verdict",
    ] {
        assert!(said.contains(part), "no `{part}`: {output}");
    }
    assert!(!said.contains("nothing to measure"), "{output}");
    // It is of then, with the gates that decided.
    let whole = rollout.run(["explain", "gift-cards"]);
    assert!(whole.stdout.contains("Gates"), "{whole}");
    assert!(!whole.stdout.contains("latch         closed"), "{whole}");
}

#[test]
fn a_torn_record_hides_none_of_those_before_it() {
    let rollout = rolled_back();
    let whole = rollout.run(["history", "gift-cards"]);
    whole.exits(0);
    let record = latest(&rollout);
    let text = rollout.read(&record);
    rollout.write(&record, &text[..text.len() / 2]);
    let torn = rollout.run(["history", "gift-cards"]);
    torn.exits(1);
    // The first transition is still there, and the file is named with its cure.
    let first = whole.stdout.lines().find(|line| line.contains("advance"));
    assert!(torn.stdout.contains(first.unwrap()), "{torn}");
    let said = words(&torn.stderr);
    assert!(said.contains("it is not JSON"), "{torn}");
    let cure = format!("`git checkout -- {record}`");
    assert!(said.contains(&cure), "no `{cure}`: {torn}");
    std::fs::remove_file(rollout.path().join(&record)).unwrap();
    let missing = rollout.run(["history", "gift-cards"]);
    missing.exits(1);
    assert!(missing.stdout.contains(first.unwrap()), "{missing}");
    assert!(words(&missing.stderr).contains(&cure), "{missing}");
}

#[test]
fn explain_takes_any_record_and_needs_nothing_else() {
    let whole = rolled_back();
    let record = latest(&whole);
    // Nothing but the file is there: no plans, no settings, no Prometheus.
    let alone = Rollout::new().file("record.json", &whole.read(&record));
    let output = alone.run(["explain", "record.json"]);
    output.exits(0);
    let said = words(&output.stdout);
    for part in [
        "gift-cards: ROLLED BACK from 1 % to 0 % in stage 1, 2026-01-12 09:45 UTC, by itself",
        "errors is breached",
        "What it would have taken to go on",
        "errors no worse than 1.10x, which is",
        "`rollout retry gift-cards` starts again",
    ] {
        assert!(said.contains(part), "no `{part}`: {output}");
    }
    let one = alone.run(["explain", "record.json", "errors"]);
    assert!(
        !one.exits(0).stdout.contains("lost-carts  business"),
        "{one}"
    );
    alone.run(["explain", "record.json", "carts"]).exits(2);
    // As `history` names it, and one that moved on.
    let below = record.trim_start_matches("rollouts/");
    let named = whole.run(["explain", below]);
    assert_eq!(
        words(&named.exits(0).stdout).replace(below, "record.json"),
        said
    );
    let advance = format!("{RECORD}2026-01-12T090000Z-advance.json");
    let advance = whole.run(["explain", &advance]);
    let first = words(&advance.exits(0).stdout);
    assert!(
        first.starts_with("gift-cards: ADVANCED from 0 % to 1 %"),
        "{advance}"
    );
    alone.write("record.json", &whole.read(&record)[1..]);
    let torn = alone.run(["explain", "record.json"]);
    assert!(torn.exits(1).stderr.contains("is not JSON"), "{torn}");
}

#[test]
fn explain_tells_what_completed_a_plan_and_what_a_person_took_back() {
    let rollout = rolled_back();
    let complete = rollout.run(["explain", "checkout-redesign"]);
    let said = words(&complete.exits(0).stdout);
    assert!(
        said.starts_with("checkout-redesign: COMPLETED at 100 %"),
        "{complete}"
    );
    let rollback = [
        "rollback",
        "checkout-redesign",
        "--reason",
        "customers complain",
    ];
    rollout.run(rollback).exits(0);
    let taken_back = rollout.run(["explain", "checkout-redesign"]);
    let said = words(&taken_back.exits(0).stdout);
    for part in [
        "ROLLED BACK from 100 % to 0 % in stage 4",
        "\"customers complain\"",
        "nothing was measured for it",
        "`rollout retry checkout-redesign`",
    ] {
        assert!(said.contains(part), "no `{part}`: {taken_back}");
    }
}

#[test]
fn explain_says_why_the_record_of_a_rollback_cannot_be_shown() {
    let rollout = rolled_back();
    let record = latest(&rollout);
    let text = rollout.read(&record);
    rollout.write(&record, &text[..text.len() / 2]);
    let output = rollout.run(["explain", "gift-cards"]);
    let warned = words(&output.exits(0).stderr);
    assert!(warned.contains("what decided cannot be shown"), "{output}");
    assert!(warned.contains("it is not JSON"), "{output}");
    assert!(
        warned.contains("git checkout -- rollouts/.evidence/"),
        "{output}"
    );
    assert!(output.stdout.contains("latch         closed"), "{output}");
}

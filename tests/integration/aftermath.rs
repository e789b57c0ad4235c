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
        "Rolled back at 2026-01-12 09:45 UTC; what was seen then, from .evidence/gift-cards/",
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

//! A plan with a long past: `history` and `status` go on telling.

use rollout::workspace::{Directory, Record};

use super::support::Rollout;

/// As many pauses and ends of pauses as ten years of weekly incidents.
const RECORDS: usize = 1_000;

const PLAN: &str = r#"[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

/// A plan with so many records, each made of the one before as the program makes them.
fn world() -> Rollout {
    let rollout = Rollout::new()
        .file("rollouts/config.toml", "[judge]\npreflight = false\n")
        .file("rollouts/checkout.toml", PLAN);
    let at = |hour: u32| format!("2026-11-23T{hour:02}:00:00Z");
    rollout.run(["advance", "--now", &at(1)]).exits(0);
    rollout.run(["pause", "checkout", "--now", &at(2)]).exits(0);
    let directory = Directory::at(rollout.path().join("rollouts"), "rollouts".into());
    let plan = directory.load().unwrap().plans.remove(0);
    let path = |state: &rollout::plan::State| state.evidence.clone().unwrap();
    let state = rollout::plan::standing_of(&plan.text).unwrap().unwrap();
    let last = path(&state);
    let mut text = rollout.read(&format!("rollouts/{last}"));
    let mut record = Record::read(&text).unwrap();
    for at in 2..RECORDS {
        record.previous = Some(rollout::units::Digest::of(text.as_bytes()));
        record.before = Some(record.after.clone());
        let name = format!(".evidence/checkout/2026-11-23T020000Z-pause-{at:05}.json");
        record.after.evidence = Some(name.clone());
        text = record.to_text();
        rollout.write(&format!("rollouts/{name}"), &text);
    }
    let plan = rollout.read("rollouts/checkout.toml");
    rollout.write(
        "rollouts/checkout.toml",
        plan.replace(&last, &path(&record.after)),
    );
    rollout
}

#[test]
fn a_thousand_records_are_told_to_the_last() {
    let rollout = world();
    let output = rollout.run(["history", "checkout", "--format", "json"]);
    output.exits(0);
    let told: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(told["transitions"].as_array().unwrap().len(), RECORDS);
    rollout.run(["status"]).exits(0);
    let resumed = rollout.run(["resume", "checkout", "--now", "2026-11-23T03:00:00Z"]);
    resumed.exits(0);
    assert!(
        rollout
            .run(["history", "checkout"])
            .stdout
            .contains("resume")
    );
}

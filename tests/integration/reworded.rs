//! A sentence that is worded otherwise changes no decision: records are compared by codes and numbers.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use rollout::plan::Actor;
use rollout::workspace::Record;
use serde_json::Value;

use super::records::{copied, records};

/// The keys of a report that hold sentences, wherever they stand.
const SENTENCES: [&str; 6] = ["reasons", "reason", "why", "issues", "note", "text"];

/// Says everything otherwise; tells how many sentences that were.
fn reword(value: &mut Value) -> usize {
    match value {
        Value::Object(map) => map
            .iter_mut()
            .map(|(key, value)| {
                if SENTENCES.contains(&key.as_str()) {
                    say_otherwise(value)
                } else {
                    reword(value)
                }
            })
            .sum(),
        Value::Array(items) => items.iter_mut().map(reword).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn say_otherwise(value: &mut Value) -> usize {
    match value {
        Value::String(text) => {
            *text = "said in other words".into();
            1
        }
        Value::Array(items) => items.iter_mut().map(say_otherwise).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => 0,
    }
}

/// Changes this record and writes it with a digest of its own.
fn rewrite(path: &std::path::Path, change: impl FnOnce(&mut Record)) {
    let mut record = Record::read(&std::fs::read_to_string(path).unwrap()).unwrap();
    change(&mut record);
    std::fs::write(path, record.to_text()).unwrap();
}

fn report(record: &mut Record) -> Option<&mut Value> {
    record.grounds.report.as_mut()
}

#[test]
fn a_record_whose_sentences_are_worded_otherwise_is_replayed_exactly() {
    let rollout = copied();
    let mut sentences = 0;
    for path in records(&rollout.path().join("rollouts")) {
        rewrite(&path, |record| {
            sentences += record.grounds.reasons.len();
            record.grounds.reasons = vec!["said in other words".into()];
            sentences += report(record).map_or(0, reword);
            for ruling in [&mut record.after.pause, &mut record.after.rollback] {
                if let Some(ruling) = ruling
                    && matches!(ruling.by, Actor::Guardrail(_))
                {
                    ruling.reason = Some("said in other words".into());
                }
            }
        });
        let replayed = rollout.run(["replay", &path.display().to_string()]);
        replayed.exits(0);
        assert!(replayed.stdout.contains("same     "), "{replayed}");
    }
    assert!(sentences > 30, "{sentences}");
}

#[test]
fn a_record_with_another_code_is_not() {
    for key in ["codes", "verdict"] {
        let rollout = copied();
        let mut changed = 0;
        for path in records(&rollout.path().join("rollouts")) {
            let mut measured = false;
            rewrite(&path, |record| {
                let of = |report: &mut Value| {
                    let guardrails = report["guardrails"].as_array_mut()?;
                    let value = guardrails.first_mut()?.get_mut(key)?;
                    *value = serde_json::json!(["ruled-in"]);
                    Some(())
                };
                measured = report(record).and_then(of).is_some();
            });
            let replayed = rollout.run(["replay", &path.display().to_string()]);
            replayed.exits(if measured { 1 } else { 0 });
            changed += usize::from(measured);
        }
        assert!(changed > 3, "{key}: {changed}");
    }
}

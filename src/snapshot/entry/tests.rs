//! What is written into a record is short, and is read back or refused.

use super::*;

/// 24 hours in blocks of five minutes, eight groups, and so many guardrails.
fn day(guardrails: usize) -> EntryHistory {
    let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    let mut draw = 7_u64;
    let mut roll = |sides: u64| {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        f64::from(u32::try_from((draw >> 33) % sides).unwrap())
    };
    let mut group = || ArmSeries {
        columns: [
            (
                Column::Events,
                (0..288).map(|_| Some(f64::from(roll(10) < 2.0))).collect(),
            ),
            (
                Column::Total,
                (0..288).map(|_| Some(3_000.0 + roll(200))).collect(),
            ),
        ]
        .into(),
        buckets: Vec::new(),
    };
    let mut history = || History {
        ends: (1..=288).map(|k| 1_700_000_100 + 300 * k).collect(),
        block: Period::from_minutes(5),
        groups: (0..8).map(|_| group()).collect(),
        instances: (0..40)
            .map(|k| {
                let sums = [(Column::Events, 12.0), (Column::Total, 864_000.0)];
                (format!("checkout-7f9c6d5b8-{k:05}"), sums.into())
            })
            .collect(),
    };
    EntryHistory {
        asked_at: at(1_700_086_500),
        source: "http://localhost:9090".into(),
        entered_at: at(1_700_086_500),
        block: Period::from_minutes(5),
        guardrails: (0..guardrails)
            .map(|k| {
                let block = Period::from_minutes(5);
                let asked = AskedHistory::of(Digest::of(&[0]), &history(), block);
                (format!("guardrail-{k}"), asked)
            })
            .collect(),
    }
}

#[test]
fn what_is_written_is_read_back() {
    let mut history = day(2);
    let asked = history.guardrails.get_mut("guardrail-0").unwrap();
    let mut odd = asked.history().unwrap();
    odd.groups[3] = ArmSeries::default();
    odd.groups[4].columns.remove(&Column::Events);
    odd.instances
        .insert("idle".into(), [(Column::Total, 0.5)].into());
    *asked = AskedHistory::of(Digest::of(&[1]), &odd, history.block);
    assert_eq!(asked.history().unwrap(), odd);
    assert_eq!(EntryHistory::read(&history.to_json()).unwrap(), history);
}

#[test]
fn a_day_of_five_guardrails_is_below_a_hundred_kilobytes() {
    let bytes = day(5).to_json().to_string().len();
    assert!((50_000..100_000).contains(&bytes), "{bytes}");
}

#[test]
fn what_has_another_shape_is_not_read() {
    let changes: [(&str, Value); 7] = [
        ("/format", json!("rollout-entry-history/0")),
        ("/block_seconds", json!(0)),
        ("/guardrails/guardrail-0/questions", json!("sha256:no")),
        ("/guardrails/guardrail-0/blocks", json!(287)),
        ("/guardrails/guardrail-0/blocks", json!(4_000_000_000_u32)),
        ("/guardrails/guardrail-0/columns", json!(["events"])),
        ("/guardrails/guardrail-0/groups/1/0", json!("0*287 -1")),
    ];
    for (pointer, value) in changes {
        let mut document = day(1).to_json();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(EntryHistory::read(&document).is_err(), "{pointer}");
    }
}

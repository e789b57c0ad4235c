//! What is written into a record is short, and is read back or refused.

use super::*;

/// Three days in blocks of five minutes, eight groups, and so many guardrails.
fn days(guardrails: usize) -> EntryHistory {
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
                (0..864).map(|_| Some(f64::from(roll(10) < 2.0))).collect(),
            ),
            (
                Column::Total,
                (0..864).map(|_| Some(3_000.0 + roll(200))).collect(),
            ),
        ]
        .into(),
        buckets: Vec::new(),
    };
    let mut history = || History {
        ends: (1..=864).map(|k| 1_700_000_100 + 300 * k).collect(),
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
        asked_at: at(1_700_259_300),
        source: "http://localhost:9090".into(),
        entered_at: at(1_700_259_300),
        block: Period::from_minutes(5),
        guardrails: (0..guardrails)
            .map(|k| {
                let block = Period::from_minutes(5);
                let asked = AskedHistory::of(Digest::of(&[0]), Some(&history()), None, block);
                (format!("guardrail-{k}"), asked)
            })
            .collect(),
    }
}

#[test]
fn what_is_written_is_read_back() {
    let mut history = days(2);
    let asked = history.guardrails.get_mut("guardrail-0").unwrap();
    let mut odd = asked.history().unwrap();
    odd.groups[3] = ArmSeries::default();
    odd.groups[4].columns.remove(&Column::Events);
    odd.instances
        .insert("idle".into(), [(Column::Total, 0.5)].into());
    *asked = AskedHistory::of(Digest::of(&[1]), Some(&odd), None, history.block);
    assert_eq!(asked.history().unwrap(), odd);
    let nothing = AskedHistory::of(
        Digest::of(&[2]),
        None,
        Some(Unsplit::OneInstance),
        history.block,
    );
    assert_eq!(nothing.history(), None);
    history.guardrails.insert("alone".into(), nothing);
    let bucket = |bound, counts: [f64; 2]| (bound, counts.map(Some).to_vec());
    let half = ArmSeries {
        columns: BTreeMap::new(),
        buckets: vec![bucket(0.5, [3.0, 4.0]), bucket(f64::INFINITY, [5.0, 4.0])],
    };
    let block = history.block;
    let latency = History::of_halves(vec![300, 600], block, half.clone(), half);
    let kept = AskedHistory::of(Digest::of(&[3]), Some(&latency), None, block);
    assert_eq!(kept.history().unwrap(), latency);
    history.guardrails.insert("latency".into(), kept);
    assert_eq!(EntryHistory::read(&history.to_json()).unwrap(), history);
}

#[test]
fn three_days_of_five_guardrails_are_below_three_hundred_kilobytes() {
    let bytes = days(5).to_json().to_string().len();
    assert!((150_000..300_000).contains(&bytes), "{bytes} bytes");
}

#[test]
fn what_has_another_shape_is_not_read() {
    let changes: [(&str, Value); 7] = [
        ("/format", json!("rollout-entry-history/1")),
        ("/block_seconds", json!(0)),
        ("/guardrails/guardrail-0/questions", json!("sha256:no")),
        ("/guardrails/guardrail-0/blocks", json!(863)),
        ("/guardrails/guardrail-0/blocks", json!(4_000_000_000_u32)),
        ("/guardrails/guardrail-0/columns", json!(["events"])),
        ("/guardrails/guardrail-0/groups/1/0", json!("0*863 x")),
    ];
    for (pointer, value) in changes {
        let mut document = days(1).to_json();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(EntryHistory::read(&document).is_err(), "{pointer}");
    }
}

//! What is written into a record is short, and is read back or refused.

use serde_json::Value;

use super::super::{GuardrailSeries, Moment, Snapshot, read_recorded};
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

/// So many bytes each part of a record takes.
#[test]
fn three_days_of_five_guardrails_are_below_sixty_kilobytes() {
    let document = days(5).to_json();
    let bytes = document.to_string().len();
    let of = |part: &str| {
        document["guardrails"]["guardrail-0"][part]
            .to_string()
            .len()
    };
    let parts = ["groups", "names", "sums"].map(|part| (part, of(part)));
    assert!((40_000..60_000).contains(&bytes), "{bytes} {parts:?}");
}

#[test]
fn a_record_of_the_format_before_is_read() {
    let mut document = json!({
        "format": "rollout-entry-history/2",
        "asked_at": "2023-11-17T22:15:00Z",
        "source": "http://localhost:9090",
        "entered_at": "2023-11-17T22:15:00Z",
        "block_seconds": 300,
        "guardrails": {"errors": {
            "questions": Digest::of(&[0]).as_str(),
            "first_end": 300,
            "blocks": 3,
            "columns": ["events", "total"],
            "groups": [["0*2 1", "290 288*2"], [], ["-*2 1", null]],
            "instances": {"pod-a": [1, 866], "idle": [null, 0.5]},
        }},
    });
    let history = EntryHistory::read(&document).unwrap();
    let history = history.guardrails["errors"].history().unwrap();
    let total = history.groups[0].column(Column::Total).unwrap();
    assert_eq!(*total, [290.0, 288.0, 288.0].map(Some));
    assert_eq!(
        history.instances["pod-a"][&Column::Total].to_bits(),
        f64::to_bits(866.0)
    );
    assert_eq!(history.instances["idle"].len(), 1);
    document["format"] = "rollout-entry-history/1".into();
    assert!(EntryHistory::read(&document).is_err());
}

#[test]
fn an_outline_of_nothing_lacks_nothing() {
    let mut history = days(1);
    let block = history.block;
    let nothing = AskedHistory::of(Digest::of(&[2]), None, Some(Unsplit::OneInstance), block);
    history.guardrails.insert("alone".into(), nothing);
    let outline = history.clone().outline();
    let is_outline = |name: &str| outline.guardrails[name].is_outline();
    assert_eq!(
        (is_outline("guardrail-0"), is_outline("alone")),
        (true, false)
    );
    assert!(history.guardrails["guardrail-0"].fills(&outline.guardrails["guardrail-0"]));
}

/// A day later most of the past is the same, and a record holds it once.
#[test]
fn a_record_that_enters_a_stage_holds_the_same_days_once() {
    let known = days(1).guardrails["guardrail-0"].history().unwrap();
    let later = |history: &History| History {
        ends: history.ends.iter().map(|end| end + 86_400).collect(),
        groups: history.groups.clone(),
        ..history.clone()
    };
    let mut new = later(&known);
    for group in &mut new.groups {
        for series in group.columns.values_mut() {
            series.rotate_left(288);
        }
    }
    let snapshot = Snapshot {
        guardrails: [(
            "guardrail-0".to_owned(),
            GuardrailSeries {
                history: Some(known),
                ..GuardrailSeries::default()
            },
        )]
        .into(),
        plan: "checkout".into(),
        taken_at: days(0).asked_at,
        known_until: None,
        source: String::new(),
        moment: Moment::Beforehand {
            since: days(0).asked_at,
        },
        block: new.block,
        assignment: None,
    };
    let asked = AskedHistory::of(Digest::of(&[0]), Some(&new), None, new.block);
    let entered = EntryHistory {
        guardrails: [("guardrail-0".to_owned(), asked)].into(),
        ..days(0)
    };
    let (alone, beside) = (
        snapshot.to_short_json(None),
        snapshot.to_short_json(Some(&entered)),
    );
    let [long, short] = [&alone, &beside].map(|document| document.to_string().len());
    // Two of three days.
    assert!(short * 2 < long, "{short} of {long}");
    let kept = entered.to_json();
    assert_eq!(read_recorded(&alone, None).unwrap(), snapshot);
    assert_eq!(read_recorded(&beside, Some(&kept)).unwrap(), snapshot);
    assert!(read_recorded(&beside, None).is_err());
}

#[test]
fn what_has_another_shape_is_not_read() {
    let changes: [(&str, Value); 9] = [
        ("/format", json!("rollout-entry-history/1")),
        ("/block_seconds", json!(0)),
        ("/guardrails/guardrail-0/questions", json!("sha256:no")),
        ("/guardrails/guardrail-0/blocks", json!(863)),
        ("/guardrails/guardrail-0/blocks", json!(4_000_000_000_u32)),
        ("/guardrails/guardrail-0/columns", json!(["events"])),
        ("/guardrails/guardrail-0/groups/1/0", json!("0*863 x")),
        ("/guardrails/guardrail-0/groups/1/0", json!("0*863 -1")),
        ("/guardrails/guardrail-0/sums/total", json!("1*39 -1")),
    ];
    for (pointer, value) in changes {
        let mut document = days(1).to_json();
        *document.pointer_mut(pointer).unwrap() = value;
        assert!(EntryHistory::read(&document).is_err(), "{pointer}");
    }
}

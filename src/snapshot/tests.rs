//! Snapshots on the wire: what is written reads back, and what is wrong is named by its place.

mod history;

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{ArmSeries, AssignmentSeries, GuardrailSeries, History, Snapshot, read};
use super::{Copies, EvidenceIssue, Flaw, Housing, InstanceCounts, LabelSeen, Moment, Unsplit};
use crate::plan::{Column, Word};
use crate::units::Period;

const EXAMPLE: &str = r#"
{"format": "rollout-snapshot/1", "plan": "checkout-redesign", "taken_at": "2026-11-23T12:00:00Z",
 "source": "http://localhost:9090", "stage": 1, "entered_at": "2026-11-22T12:00:00Z", "block_seconds": 300,
 "guardrails": {
   "checkout-errors":  {"ends": [1795349100, 1795349400], "exposed": {"events": [0, 1], "total": [300, 290]},
                        "unexposed": {"events": [290, null], "total": [29800, null]}, "issues": []},
   "checkout-latency": {"ends": [1795349100], "exposed": {"le": {"0.25": [5], "+Inf": [9], "0.5": [7.5]}},
                        "unexposed": {"le": {"0.25": [50], "0.5": [70], "+Inf": [90]}}, "from": "a later version"},
   "order-value":      {"ends": [1795349100], "exposed": {"sum": [12.5], "count": [3]}, "unexposed": {"sum": [1], "count": [1]}},
   "crashes":          {"ends": [1795349100], "exposed": {"events": [0], "per": [0.75]}, "unexposed": {"events": [2], "per": [80]}},
   "cpu":              {"ends": [], "exposed": {"value": []}, "issues": ["no series"], "queries": ["cpu"]}},
 "assignment": {"ends": [1795349100], "exposed": [10], "unexposed": [990]}, "comment": "ignored"}
"#;

fn problem(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

/// The example with one thing changed.
fn broken(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "{from}");
    problem(&EXAMPLE.replacen(from, to, 1))
}

#[test]
fn every_kind_is_read() {
    let snapshot = read(EXAMPLE).unwrap().remove(0);
    let errors = &snapshot.guardrails["checkout-errors"];
    assert_eq!(
        errors.unexposed.column(Column::Events),
        Some(&vec![Some(290.0), None])
    );
    let latency = &snapshot.guardrails["checkout-latency"];
    let bounds: Vec<f64> = latency
        .exposed
        .buckets
        .iter()
        .map(|(bound, _)| *bound)
        .collect();
    assert_eq!(bounds, [0.25, 0.5, f64::INFINITY]);
    assert_eq!(
        snapshot.guardrails["crashes"].exposed.column(Column::Per),
        Some(&vec![Some(0.75)])
    );
    assert!(snapshot.guardrails["cpu"].unexposed.is_empty());
    assert_eq!(snapshot.assignment.unwrap().unexposed, [Some(990.0)]);
    assert_eq!(snapshot.block, Period::from_minutes(5));
}

#[test]
fn several_snapshots_are_an_array() {
    assert_eq!(read(&format!("[{EXAMPLE},{EXAMPLE}]")).unwrap().len(), 2);
    assert_eq!(read("[]").unwrap(), []);
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    assert_eq!(
        broken("[0, 1]", "[0, 1, 2]"),
        "snapshot guardrails.checkout-errors.exposed.events: 3 entries, but ends has 2"
    );
    assert_eq!(
        broken("[1795349100, 1795349400]", "[1795349100, 1795349100]"),
        "snapshot guardrails.checkout-errors.ends[1]: block ends increase, and this one does not"
    );
    assert_eq!(
        broken("[0, 1]", "[0, \"1\"]"),
        "snapshot guardrails.checkout-errors.exposed.events[1]: expected a number or null, found a text"
    );
    assert_eq!(
        broken("\"+Inf\": [9], ", ""),
        "snapshot guardrails.checkout-latency.exposed.le: the bucket `+Inf` is missing: it holds all observations"
    );
    assert_eq!(
        broken("\"0.25\": [5]", "\"fast\": [5]"),
        "snapshot guardrails.checkout-latency.exposed.le.fast: the bound of a bucket is a number or `+Inf`"
    );
    assert_eq!(
        broken("rollout-snapshot/1", "rollout-snapshot/9"),
        "snapshot format: `rollout-snapshot/9` is not a format this version reads; it reads `rollout-snapshot/1`"
    );
    assert_eq!(broken("\"stage\": 1, ", ""), "snapshot stage: is missing");
    assert_eq!(
        broken("\"block_seconds\": 300", "\"block_seconds\": 0"),
        "snapshot block_seconds: a block has a length above 0"
    );
    assert_eq!(
        broken("2026-11-22T12:00:00Z", "yesterday"),
        "snapshot entered_at: `yesterday` is not an instant such as 2026-11-22T12:00:00Z"
    );
    assert_eq!(
        problem("[3]"),
        "snapshot [0]: expected an object, found a number"
    );
    assert!(problem("{").starts_with("the snapshot is not JSON: "));
    // A number too large for a float is not finite; JSON has no other way to say so.
    assert!(broken("[0, 1]", "[0, 1e999]").contains("JSON"));
}

fn numbers(
    odd: impl Strategy<Value = f64>,
    blocks: usize,
) -> impl Strategy<Value = Vec<Option<f64>>> {
    let number = prop_oneof![(0_u32..100_000).prop_map(f64::from), odd, Just(0.0)];
    proptest::collection::vec(proptest::option::weighted(0.8, number), blocks)
}

/// Counts.
fn series(blocks: usize) -> impl Strategy<Value = Vec<Option<f64>>> {
    let odd = proptest::num::f64::POSITIVE;
    numbers(odd.prop_filter("finite", |value| value.is_finite()), blocks)
}

/// Numbers that a column may hold.
fn column(blocks: usize) -> impl Strategy<Value = (Column, Vec<Option<f64>>)> {
    let counted: Vec<Column> = Column::ALL
        .iter()
        .copied()
        .filter(|column| *column != Column::Histogram)
        .collect();
    let any = numbers(proptest::num::f64::NORMAL, blocks);
    (proptest::sample::select(counted), series(blocks), any).prop_map(|(column, counts, any)| {
        match column {
            Column::Query | Column::Sum => (column, any),
            Column::Count | Column::Events | Column::Per | Column::Total | Column::Histogram => {
                (column, counts)
            }
        }
    })
}

fn arm(blocks: usize) -> impl Strategy<Value = ArmSeries> {
    let columns = proptest::collection::vec(column(blocks), 0..3);
    let columns = columns.prop_map(|columns| columns.into_iter().collect());
    let bounds = proptest::collection::btree_set(1_u32..10_000, 0..4);
    (
        columns,
        bounds,
        proptest::collection::vec(series(blocks), 5),
    )
        .prop_map(|(columns, bounds, mut counts)| {
            let mut buckets: Vec<_> = bounds
                .into_iter()
                .map(|millis| (f64::from(millis) / 1_000.0, counts.pop().unwrap()))
                .collect();
            if !buckets.is_empty() {
                buckets.push((f64::INFINITY, counts.pop().unwrap()));
            }
            ArmSeries { columns, buckets }
        })
}

fn guardrail() -> impl Strategy<Value = GuardrailSeries> {
    proptest::collection::btree_set(0_i64..4_000_000_000, 0..6).prop_flat_map(|ends| {
        let blocks = ends.len();
        let groups = proptest::collection::vec(arm(blocks), 2..9);
        let past = proptest::option::of(groups);
        (arm(blocks), arm(blocks), ".{0,20}", ".{0,20}", past).prop_map(
            move |(exposed, unexposed, issue, query, past)| GuardrailSeries {
                ends: ends.iter().copied().collect(),
                exposed,
                unexposed,
                issues: vec![EvidenceIssue::Said(issue)],
                queries: vec![query],
                history: past.map(|groups| History {
                    block: Period::from_minutes(5),
                    ends: ends.iter().copied().collect(),
                    // Without names two groups are written as halves.
                    instances: (groups.len() > 3)
                        .then(|| {
                            let sums =
                                BTreeMap::from([(Column::Events, 3.0), (Column::Total, 9.5)]);
                            ("pod-1".to_owned(), sums)
                        })
                        .into_iter()
                        .collect(),
                    groups,
                }),
                instances: (blocks > 1).then_some(InstanceCounts {
                    exposed: 3,
                    unexposed: 20,
                    shared: (blocks > 2).then_some(2),
                    label: (blocks > 3).then(|| "pod".into()),
                }),
                during: (blocks > 3).then(|| History {
                    block: Period::from_minutes(1),
                    ends: vec![60],
                    groups: vec![ArmSeries::default()],
                    instances: BTreeMap::new(),
                }),
                unsplit: Unsplit::ALL.get(blocks).copied(),
                preflight: BTreeMap::from([(
                    Column::ALL[blocks % Column::ALL.len()],
                    LabelSeen {
                        values: vec![String::new(), "control".into()],
                        recent: vec!["control".into()],
                        refused: (blocks > 3).then(|| "no".into()),
                        last_seen: (blocks > 2).then_some(1_767_225_600),
                        flaw: Flaw::ALL.get(blocks).copied(),
                        labels: vec!["app".into(); blocks % 2],
                        copies: (blocks % 2 == 1).then(|| Copies {
                            label: "replica".into(),
                            values: vec!["a".into(), "b".into()],
                        }),
                    },
                )]),
                scrape_seconds: u32::try_from(blocks)
                    .ok()
                    .filter(|seconds| seconds % 2 == 0),
                assumed: vec![(300, 900); blocks % 3],
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back(
        guardrails in proptest::collection::btree_map("[a-z.-]{1,8}", guardrail(), 0..3),
        source in ".{0,20}",
        assignment in proptest::option::of(series(3)),
        seconds in 1_u32..100_000,
        nanos in 0_u32..1_000_000_000,
        stage in 0_u32..4,
        late in proptest::option::of(1_i64..60),
    ) {
        let since = chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let snapshot = Snapshot {
            plan: "checkout".into(),
            taken_at: chrono::DateTime::from_timestamp(1_795_349_100, nanos).unwrap(),
            known_until: late
                .map(|late| chrono::DateTime::from_timestamp(1_795_349_100 - late, 0).unwrap()),
            source,
            moment: if stage == 0 {
                Moment::Beforehand { since }
            } else {
                Moment::Stage { number: stage, entered_at: since }
            },
            block: Period::from_seconds(seconds),
            guardrails: guardrails.into_iter().collect::<BTreeMap<_, _>>(),
            assignment: assignment.map(|exposed| AssignmentSeries {
                ends: vec![300, 600, 900],
                unexposed: exposed.clone(),
                exposed,
                issues: Vec::new(),
            }),
        };
        let text = serde_json::to_string(&snapshot.to_json()).unwrap();
        prop_assert_eq!(read(&text).unwrap(), vec![snapshot.clone()]);
        let short = snapshot.to_short_json(None);
        prop_assert_eq!(read(&short.to_string()).unwrap(), vec![snapshot.clone()]);
        let several = serde_json::Value::Array(vec![snapshot.to_json(), snapshot.to_json()]);
        prop_assert_eq!(read(&several.to_string()).unwrap().len(), 2);
    }

    #[test]
    fn nothing_makes_reading_panic(text in ".{0,80}") {
        let _ = read(&text);
    }

    #[test]
    fn no_damage_to_a_snapshot_makes_reading_panic(at in 0_usize..EXAMPLE.len(), with in "[\\[\\]{}:,0-9\"null.-]{0,4}") {
        let mut text = EXAMPLE.to_owned();
        text.replace_range(at..(at + with.len()).min(EXAMPLE.len()), &with);
        let _ = read(&text);
    }
}

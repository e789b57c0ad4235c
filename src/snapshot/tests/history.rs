//! The past of an arm: its halves, its days, and how a record keeps it.

use super::*;

#[test]
fn halves_are_the_groups_in_order_or_those_that_hold_any_instance() {
    let group = |events: f64| ArmSeries {
        columns: BTreeMap::from([(Column::Events, vec![Some(events), None])]),
        buckets: vec![(f64::INFINITY, vec![None, Some(events)])],
    };
    let history = |used: &[(usize, f64)]| {
        let mut groups = vec![ArmSeries::default(); 8];
        for (place, events) in used {
            groups[*place] = group(*events);
        }
        History {
            groups,
            ..History::default()
        }
    };
    let halves = |used: &[(usize, f64)]| history(used).halves();
    assert_eq!(
        halves(&[(0, 1.0), (3, 2.0), (4, 5.0)]),
        [group(3.0), group(5.0)]
    );
    assert_eq!(
        halves(&[(5, 1.0), (6, 2.0), (7, 4.0)]),
        [group(1.0), group(6.0)]
    );
    assert_eq!(halves(&[(5, 1.0)]), [ArmSeries::default(), group(1.0)]);
    assert_eq!(halves(&[]), [ArmSeries::default(), ArmSeries::default()]);
}

#[test]
fn the_history_of_an_older_snapshot_is_split_where_the_stage_begins() {
    // The example's stage begins at 1795348800.
    let mut document: serde_json::Value = serde_json::from_str(EXAMPLE).unwrap();
    let name = document["guardrails"].as_object().unwrap().keys().next();
    let name = name.unwrap().clone();
    let entered = chrono::DateTime::parse_from_rfc3339(document["entered_at"].as_str().unwrap());
    let entered = entered.unwrap().timestamp();
    let half = serde_json::json!({"events": "1*2 -", "total": [9, 8, 7]});
    document["guardrails"][&name]["history"] = serde_json::json!({
        "ends": [entered - 300, entered, entered + 300],
        "first": half,
        "second": half,
    });
    let snapshot = read(&document.to_string()).unwrap().remove(0);
    let series = &snapshot.guardrails[&name];
    let (history, during) = (series.history.as_ref(), series.during.as_ref());
    let (history, during) = (history.unwrap(), during.unwrap());
    assert_eq!(history.ends, [entered - 300, entered]);
    assert_eq!(during.ends, [entered + 300]);
    assert_eq!(
        (history.block, during.block),
        (snapshot.block, snapshot.block)
    );
    let [early, late] = [history, during].map(|part| &part.groups[1].columns);
    assert_eq!(early[&Column::Events], [Some(1.0), Some(1.0)]);
    assert_eq!(late[&Column::Events], [None]);
    assert_eq!(late[&Column::Total], [Some(7.0)]);
    // What is written now says how long its blocks are, and is not split again.
    let again = read(&snapshot.to_json().to_string()).unwrap();
    assert_eq!(again, vec![snapshot]);
}

#[test]
fn days_of_history_are_those_of_which_anything_is_known() {
    let mut known = vec![None; 864];
    for place in [100, 387] {
        known[place] = Some(1.0);
    }
    let history = History {
        ends: (1..=864).map(|k| 300 * k).collect(),
        groups: vec![
            ArmSeries::default(),
            ArmSeries {
                columns: BTreeMap::from([(Column::Total, known)]),
                ..ArmSeries::default()
            },
        ],
        ..History::default()
    };
    assert!((history.days() - 1.0).abs() < 1e-12);
    assert!(History::default().days().abs() < f64::EPSILON);
}

#[test]
fn arms_share_instances_where_most_of_the_exposed_arm_serves_both() {
    let housing = |exposed, unexposed, shared| {
        let counts = InstanceCounts {
            exposed,
            unexposed,
            shared,
            label: None,
        };
        counts.housing()
    };
    assert_eq!(housing(2, 20, Some(2)), Some(Housing::Shared));
    assert_eq!(housing(2, 20, Some(1)), Some(Housing::Own));
    assert_eq!(housing(3, 20, Some(2)), Some(Housing::Shared));
    assert_eq!(housing(2, 20, Some(0)), Some(Housing::Own));
    assert_eq!(housing(2, 20, None), None);
    assert_eq!(housing(0, 20, Some(0)), None);
}

#[test]
fn what_a_record_holds_is_a_tenth_of_the_arrays_and_reads_back() {
    let series = |value: f64| vec![Some(value); 864];
    let group = ArmSeries {
        columns: BTreeMap::from([
            (Column::Events, series(0.0)),
            (Column::Total, series(1_234.0)),
        ]),
        ..ArmSeries::default()
    };
    let mut snapshot = read(EXAMPLE).unwrap().remove(0);
    let guardrail = snapshot.guardrails.values_mut().next().unwrap();
    guardrail.history = Some(History {
        ends: (1..=864).map(|k| 300 * k).collect(),
        groups: vec![group; 8],
        ..History::default()
    });
    let (long, short) = (snapshot.to_json(), snapshot.to_short_json(None));
    let [long, short] = [long, short].map(|document| document.to_string());
    assert!(
        short.len() * 10 < long.len(),
        "{} of {}",
        short.len(),
        long.len()
    );
    assert_eq!(read(&short).unwrap(), vec![snapshot]);
    for (from, to) in [
        (r#""last":259200"#, r#""last":259201"#),
        (r#""every":300"#, r#""every":0"#),
        (r#""0*864""#, r#""0*863""#),
    ] {
        assert!(short.contains(from), "{from}");
        assert!(read(&short.replace(from, to)).is_err(), "{to}");
    }
}

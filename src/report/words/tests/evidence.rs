//! What can be wrong with what was measured, one example each, and that snapshots keep it.

use super::examples::{names, period};
use crate::plan::Column;
use crate::snapshot::{
    self, Absence, Arm, Differing, EvidenceIssue, Falls, GuardrailSeries, Nature, SeriesFault,
    Snapshot, Sought,
};

/// A fault in the words of an earlier version.
pub(super) fn said() -> EvidenceIssue {
    EvidenceIssue::Said("`events`: failed to ask".into())
}

pub(super) fn evidence_issues() -> Vec<EvidenceIssue> {
    let column = Column::Events;
    let (selector, label) = (String::from("errors_total"), String::from("variant"));
    let wanted = names(&["treatment"]);
    let mut all = vec![
        said(),
        EvidenceIssue::NoAnswer {
            column,
            error: "reach http://prometheus:9090: connection refused".into(),
        },
        EvidenceIssue::Incomplete {
            column,
            warning: "store 3 is down".into(),
        },
    ];
    let several = |differing| SeriesFault::Several {
        series: 4,
        differing,
    };
    let uncounted = |process| SeriesFault::RestartsUncounted { process };
    let differing = vec![Differing {
        label: "pod".into(),
        values: names(&["a", "b", "c", "d"]),
    }];
    all.extend(
        [
            several(differing),
            several(Vec::new()),
            SeriesFault::NativeHistogram,
            SeriesFault::NoCount,
            SeriesFault::NoNumber,
            SeriesFault::NoNativeHistogram,
            SeriesFault::NoBound,
            SeriesFault::NoInfinity,
            uncounted(None),
            uncounted(Some("pod=\"a\"".into())),
            SeriesFault::NotCumulative,
        ]
        .map(|fault| EvidenceIssue::Unusable {
            column,
            arm: Arm::Exposed,
            fault,
        }),
    );
    let no_result = |over_range| Absence::NoResult {
        arms: vec![Arm::Exposed, Arm::Unexposed],
        over_range,
    };
    let no_series = |sought| Absence::NoSeries {
        selector: selector.clone(),
        sought,
    };
    let other_values = |seen: &[&str]| Absence::OtherValues {
        selector: selector.clone(),
        label: label.clone(),
        wanted: wanted.clone(),
        seen: names(seen),
    };
    all.extend(
        [
            no_result(false),
            no_result(true),
            no_series(Sought::Events),
            no_series(Sought::Histogram),
            no_series(Sought::Other),
            Absence::NoLabel {
                selector: selector.clone(),
                label: label.clone(),
            },
            other_values(&["canary", "stable"]),
            other_values(&[]),
            Absence::NotAtBlockEnds {
                label: label.clone(),
                wanted: wanted.clone(),
            },
        ]
        .map(|absence| EvidenceIssue::Absent {
            columns: vec![Column::Events, Column::Total],
            absence,
        }),
    );
    all.extend(
        [Nature::Level, Nature::ManyProcesses, Nature::Restarts].map(|nature| {
            EvidenceIssue::NoCounter {
                column,
                falls: Falls {
                    series: "load{pod=\"a\"}".into(),
                    falls: 50,
                    changes: 99,
                    within: period("2h"),
                    around: vec![5.25, 4.75, 5.25],
                    nature,
                },
            }
        }),
    );
    all.extend(
        [vec![Arm::Exposed, Arm::Unexposed], Vec::new()].map(|arms| EvidenceIssue::InNoOneArm {
            column,
            label: "version".into(),
            value: "7f9c".into(),
            arms,
        }),
    );
    all
}

fn snapshot_with(issues: Vec<EvidenceIssue>) -> Snapshot {
    let plan = crate::decide::fixture::pending();
    let mut snapshot =
        Snapshot::before(&plan, "a test", super::examples::at("2026-11-22T12:00:00Z"));
    let series = GuardrailSeries {
        issues,
        ..GuardrailSeries::default()
    };
    snapshot.guardrails.insert("errors".into(), series);
    snapshot
}

#[test]
fn a_snapshot_keeps_what_is_wrong_and_says_it() {
    let snapshot = snapshot_with(evidence_issues());
    let document = snapshot.to_json();
    let written = &document["guardrails"]["errors"];
    for (index, issue) in evidence_issues().iter().enumerate() {
        assert_eq!(written["issues"][index], issue.to_string());
        assert_eq!(written["facts"][index]["code"], issue.code());
    }
    let read = snapshot::read(&document.to_string()).unwrap();
    assert_eq!(read, [snapshot]);
}

#[test]
fn sentences_of_before_facts_and_facts_of_later_versions_are_kept_as_sentences() {
    let mut document = snapshot_with(vec![evidence_issues().remove(1)]).to_json();
    document["guardrails"]["errors"]["facts"][0]["code"] = "of-a-later-version".into();
    let later = snapshot::read(&document.to_string()).unwrap().remove(0);
    let sentence = evidence_issues()[1].to_string();
    assert_eq!(
        later.guardrails["errors"].issues,
        [EvidenceIssue::Said(sentence.clone())]
    );
    let series = document["guardrails"]["errors"].as_object_mut().unwrap();
    series.remove("facts");
    let before = snapshot::read(&document.to_string()).unwrap().remove(0);
    assert_eq!(
        before.guardrails["errors"].issues,
        [EvidenceIssue::Said(sentence)]
    );
}

//! What the judge says of the assignment of users to arms, scenario by scenario.

use crate::plan::{ASSIGNMENT, Assignment, Column, Plan, Restart, Selector};
use crate::snapshot::{AssignmentSeries, EvidenceIssue};
use crate::units::{Digest, Exposure};

use super::fixture::*;
use super::{Judgement, judge};

#[test]
fn a_broken_assignment_is_told() {
    let mut plan = plan(vec![errors()]);
    plan.assignment = Some(Assignment {
        users: Selector::parse("assignments_total").unwrap(),
    });
    let told = |exposed: f64, issues: Vec<EvidenceIssue>| {
        let mut snapshot = snapshot(vec![("errors", traffic(1.0, 100))]);
        snapshot.assignment = Some(AssignmentSeries {
            ends: (1..=100).map(|k| ENTERED + k * BLOCK).collect(),
            exposed: vec![Some(exposed); 100],
            unexposed: vec![Some(540.0); 100],
            issues,
        });
        judge(&plan, &snapshot, instant(ENTERED + 100 * BLOCK)).assignment_broken
    };
    assert_eq!(told(60.0, vec![]), None);
    assert!(told(72.0, vec![]).unwrap().to_string().contains("11.76 %"));
    assert!(
        told(60.0, vec![EvidenceIssue::Said("two series".into())])
            .unwrap()
            .to_string()
            .contains("two series")
    );
    let snapshot = snapshot(vec![("errors", traffic(1.0, 100))]);
    let missing = judge(&plan, &snapshot, instant(ENTERED + 100 * BLOCK));
    assert!(missing.assignment_broken.is_some());
}

#[test]
fn an_arm_that_lost_its_traffic_breaks_the_assignment() {
    let mut plan = plan(vec![errors()]);
    plan.assignment = Some(Assignment {
        users: Selector::parse("assignments_total").unwrap(),
    });
    let quiet = series(steady(4.0, 400.0, 100), steady(90.0, 9_000.0, 100), 100);
    let mut snapshot = snapshot(vec![("errors", quiet)]);
    snapshot.assignment = Some(AssignmentSeries {
        ends: (1..=100).map(|k| ENTERED + k * BLOCK).collect(),
        exposed: vec![Some(60.0); 100],
        unexposed: vec![Some(540.0); 100],
        issues: Vec::new(),
    });
    let judgement = judge(&plan, &snapshot, instant(ENTERED + 100 * BLOCK));
    assert!(
        judgement
            .assignment_broken
            .unwrap()
            .to_string()
            .contains("far less traffic")
    );
}

fn counting_users() -> Plan {
    let mut plan = plan(vec![errors()]);
    plan.assignment = Some(Assignment {
        users: Selector::parse("assignments_total").unwrap(),
    });
    plan
}

/// So many new users a block, of whom this share is exposed, in a stage at this exposure.
fn stage(plan: &mut Plan, percent: f64, share: f64, blocks: i64) -> Judgement {
    let state = plan.state.as_mut().unwrap();
    state.exposure = Exposure::from_percent(percent).unwrap();
    let many = |share: f64| vec![Some(600.0 * share); usize::try_from(blocks).unwrap()];
    // As much traffic as that share explains.
    let requests = series(
        steady(10.0, 10_000.0 * percent / 100.0, blocks),
        steady(90.0, 10_000.0 * (1.0 - percent / 100.0), blocks),
        blocks,
    );
    let mut snapshot = snapshot(vec![("errors", requests)]);
    snapshot.assignment = Some(AssignmentSeries {
        ends: (1..=blocks).map(|k| ENTERED + k * BLOCK).collect(),
        exposed: many(share),
        unexposed: many(1.0 - share),
        issues: Vec::new(),
    });
    let judgement = judge(plan, &snapshot, instant(ENTERED + blocks * BLOCK));
    let state = plan.state.as_mut().unwrap();
    state.stage += 1;
    state.carried.clone_from(&judgement.carried);
    judgement
}

#[test]
fn evidence_of_a_broken_assignment_multiplies_over_stages_with_different_shares() {
    // An eighth too many users, first of 10 %, then of 25 %, each for too short to prove it.
    let (ten, quarter) = ((10.0, 0.1125, 55), (25.0, 0.28125, 15));
    let mut alone = counting_users();
    alone.state.as_mut().unwrap().stage = 2;
    assert_eq!(
        stage(&mut alone, quarter.0, quarter.1, quarter.2).assignment_broken,
        None
    );
    let mut plan = counting_users();
    assert_eq!(
        stage(&mut plan, ten.0, ten.1, ten.2).assignment_broken,
        None
    );
    let told = stage(&mut plan, quarter.0, quarter.1, quarter.2).assignment_broken;
    assert!(told.is_some_and(|told| told.to_string().contains("28.12 %")));
}

#[test]
fn users_and_traffic_of_before_a_restart_do_not_count() {
    let mut plan = counting_users();
    // The pods that the arms name now came in the middle of the stage.
    let halves = |before: f64, after: f64| -> Vec<Option<f64>> {
        let of = |block| Some(if block < 100 { before } else { after });
        (0..200).map(of).collect()
    };
    let mut requests = series(steady(10.0, 1_000.0, 200), steady(90.0, 9_000.0, 200), 200);
    let total = requests.exposed.columns.get_mut(&Column::Total).unwrap();
    total.clone_from(&halves(0.0, 1_000.0));
    let mut snapshot = snapshot(vec![("errors", requests)]);
    snapshot.assignment = Some(AssignmentSeries {
        ends: (1..=200).map(|k| ENTERED + k * BLOCK).collect(),
        exposed: halves(0.0, 60.0),
        unexposed: vec![Some(540.0); 200],
        issues: Vec::new(),
    });
    let now = instant(ENTERED + 200 * BLOCK);
    let broken = |plan: &Plan| judge(plan, &snapshot, now).assignment_broken;
    let said = broken(&plan).unwrap();
    assert_eq!(said.code(), "wrong-share");
    let restart = Restart {
        at: instant(ENTERED + 100 * BLOCK),
        definition: Digest::of(b"other arms"),
    };
    let restarts = &mut plan.state.as_mut().unwrap().restarts;
    restarts.insert(ASSIGNMENT.to_owned(), restart.clone());
    restarts.insert("errors".to_owned(), restart);
    assert_eq!(broken(&plan), None);
    // The traffic is that of the guardrail, whose evidence starts again as well.
    let restarts = &mut plan.state.as_mut().unwrap().restarts;
    restarts.remove(ASSIGNMENT);
    assert_eq!(broken(&plan).unwrap().code(), "wrong-share");
}

#[test]
fn a_healthy_stage_hides_no_broken_one() {
    let mut plan = counting_users();
    assert_eq!(stage(&mut plan, 10.0, 0.10, 250).assignment_broken, None);
    let told = stage(&mut plan, 25.0, 0.30, 60).assignment_broken;
    assert!(told.is_some(), "{:?}", plan.state);
}

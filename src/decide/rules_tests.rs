//! Each rule as a scenario, in the order of the rules.

use std::collections::BTreeMap;

use super::fixture::{
    alone, at, entered, finding, judged, limit, no_data, pending, percent, period, running, stages,
    state,
};
use super::{Action, Decision, Exit, GateState, Neighbour, Surroundings, decide, next_state};
use crate::judge::{Judgement, Verdict};
use crate::plan::{After, Freeze, OnBreach, OnNoData, Pause, Plan, Role, RuleOut, Ruling, Status};
use crate::snapshot::{Snapshot, SnapshotError};
use crate::units::{Digest, Exposure, Period};
use Verdict::{Breach, Inconclusive, NotApplicable, Pass};

const ROLLBACK: Action = Action::Rollback {
    exposure: Exposure::NONE,
};

fn with(plan: &Plan, verdicts: &[Verdict]) -> Decision {
    decide(plan, Some(&judged(plan, verdicts)), &alone())
}

fn why(decision: &Decision) -> Vec<String> {
    decision.reasons.iter().map(ToString::to_string).collect()
}

fn to(stage: u32, exposure: f64) -> Action {
    Action::Advance {
        stage,
        exposure: percent(exposure),
    }
}

fn on_a_freeze() -> Surroundings {
    let mut around = alone();
    around.calendar.freezes.push(Freeze {
        from: None,
        until: at("2027-01-04T00:00:00Z"),
        reason: "holiday freeze".into(),
        owner: Some("sre".into()),
    });
    around
}

fn record(by: Ruling) -> Pause {
    Pause {
        by,
        at: at("2026-11-22T10:00:00Z"),
        reason: Some("customers complain".into()),
    }
}

#[test]
fn a_pending_plan_enters_its_first_stage_without_data() {
    let decision = decide(&pending(), None, &alone());
    assert_eq!((decision.action, decision.exit), (to(1, 1.0), Exit::Go));
    assert_eq!(why(&decision), ["entering stage 1 of 4 at 1 %"]);
}

#[test]
fn a_pending_plan_waits_for_the_end_of_a_freeze() {
    let decision = decide(&pending(), None, &on_a_freeze());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["advances are frozen until 2027-01-04 00:00 UTC (holiday freeze; ask sre)"]
    );
}

#[test]
fn all_guardrails_passed_advance_one_stage() {
    let plan = running(1);
    let judgement = judged(&plan, &[Pass, Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (to(2, 10.0), Exit::Go));

    let next = next_state(&plan, &decision, Some(&judgement), alone().now).unwrap();
    assert_eq!((next.stage, next.exposure), (2, percent(10.0)));
    assert_eq!(next.entered_at, alone().now);
    assert_eq!(next.carried, judgement.carried);
}

#[test]
fn a_breach_rolls_back_before_min_duration_in_a_freeze_and_while_paused() {
    let mut plan = running(1);
    state(&mut plan).status = Status::Paused;
    state(&mut plan).entered_at = at("2026-11-22T11:50:00Z");
    let judgement = judged(&plan, &[Breach, no_data()]);
    let decision = decide(&plan, Some(&judgement), &on_a_freeze());
    assert_eq!((decision.action, decision.exit), (ROLLBACK, Exit::Rollback));
    assert_eq!(
        why(&decision)[..2],
        [
            "errors is breached (on_breach = \"rollback\")",
            "latency has no usable evidence"
        ]
    );
    let next = next_state(&plan, &decision, Some(&judgement), alone().now).unwrap();
    assert_eq!(
        (next.status, next.exposure, next.stage),
        (Status::RolledBack, Exposure::NONE, 1)
    );
}

#[test]
fn a_rolled_back_plan_is_latched_whatever_the_metrics_say() {
    let mut plan = running(1);
    state(&mut plan).status = Status::RolledBack;
    state(&mut plan).exposure = Exposure::NONE;
    state(&mut plan).rollback = Some(record(Ruling::Person("ann".into())));
    for judgement in [
        None,
        Some(judged(&plan, &[Pass, Pass])),
        Some(judged(&plan, &[Breach, Breach])),
    ] {
        let decision = decide(&plan, judgement.as_ref(), &alone());
        assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
        assert_eq!(
            why(&decision),
            [
                "rolled back (by ann on 2026-11-22 10:00 UTC: customers complain); stays there until `rollout retry checkout`"
            ]
        );
        assert_eq!(
            next_state(&plan, &decision, judgement.as_ref(), alone().now),
            None
        );
    }
}

#[test]
fn missing_evidence_does_what_the_plan_says() {
    let mut plan = running(1);
    let decision = with(&plan, &[no_data(), Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );

    plan.guardrails[0].on_no_data = OnNoData::Pause;
    let decision = with(&plan, &[no_data(), Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Pause, Exit::Inconclusive)
    );

    // The evidence ended an hour ago.
    plan.guardrails[0].on_no_data = OnNoData::Rollback {
        after: period("90m"),
    };
    let decision = with(&plan, &[no_data(), Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    assert_eq!(
        why(&decision),
        ["errors has no usable evidence: rolls back in 30m if it stays so"]
    );
    plan.guardrails[0].on_no_data = OnNoData::Rollback {
        after: period("1h"),
    };
    let decision = with(&plan, &[no_data(), Pass]);
    assert_eq!((decision.action, decision.exit), (ROLLBACK, Exit::Rollback));
}

#[test]
fn no_judgement_of_an_exposed_plan_is_no_data() {
    let decision = decide(&running(1), None, &alone());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    assert_eq!(
        why(&decision),
        ["errors and latency have no usable evidence"]
    );
}

#[test]
fn a_broken_assignment_never_advances() {
    let plan = running(1);
    let broken = Judgement {
        assignment_broken: Some("1.4 % instead of 1 %".into()),
        ..judged(&plan, &[Pass, Pass])
    };
    let decision = decide(&plan, Some(&broken), &alone());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
}

#[test]
fn a_pause_guardrail_pauses_and_says_so_while_the_breach_lasts() {
    let mut plan = running(1);
    let judgement = judged(&plan, &[Pass, Breach]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Pause, Exit::NoGo)
    );
    let next = next_state(&plan, &decision, Some(&judgement), alone().now).unwrap();
    assert_eq!(
        next.pause.as_ref().unwrap().by,
        Ruling::Guardrail("latency".into())
    );
    assert_eq!(next.exposure, percent(1.0));

    plan.state = Some(next);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::NoGo));
    assert_eq!(
        next_state(&plan, &decision, Some(&judgement), alone().now),
        None
    );

    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
}

#[test]
fn a_warning_is_said_and_stops_nothing() {
    let mut plan = running(1);
    plan.guardrails[1].on_breach = OnBreach::Warn;
    let decision = with(&plan, &[Pass, Breach]);
    assert_eq!((decision.action, decision.exit), (to(2, 10.0), Exit::Go));
    assert_eq!(
        why(&decision)[1],
        "latency is breached; on_breach = \"warn\", so it stops nothing"
    );
    // But a watcher that sees nothing is still no evidence.
    assert_eq!(with(&plan, &[Pass, no_data()]).exit, Exit::Inconclusive);
}

#[test]
fn a_young_stage_holds_and_says_how_long() {
    let mut plan = running(1);
    state(&mut plan).entered_at = at("2026-11-21T15:10:00Z");
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["stage 1 has 3h 10m of its min_duration left"]
    );
}

#[test]
fn what_is_not_ruled_out_holds_until_max_duration_asks_a_person() {
    let mut plan = running(1);
    let decision = with(&plan, &[Inconclusive, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["stage 1 needs more evidence on errors: about 9h more at the present rate"]
    );
    state(&mut plan).entered_at = at("2026-11-17T12:00:00Z");
    let decision = with(&plan, &[Inconclusive, Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    // An answer after max_duration is still an answer.
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(2, 10.0));
}

#[test]
fn nothing_to_rule_out_still_needs_evidence() {
    let mut plan = running(1);
    stages(&mut plan)[0].rule_out = RuleOut::Nothing;
    assert_eq!(
        with(&plan, &[Inconclusive, Inconclusive]).action,
        to(2, 10.0)
    );

    let mut empty = judged(&plan, &[Inconclusive, Inconclusive]);
    for finding in &mut empty.findings {
        finding.blocks = 0;
    }
    assert_eq!(decide(&plan, Some(&empty), &alone()).action, Action::Hold);
    for verdict in [Pass, NotApplicable] {
        for finding in &mut empty.findings {
            finding.verdict = verdict;
        }
        assert_eq!(decide(&plan, Some(&empty), &alone()).action, Action::Hold);
    }
}

#[test]
fn an_incident_of_both_arms_holds() {
    let mut plan = running(1);
    plan.guardrails[0].limit = Some(limit("2%"));
    let mut judgement = judged(&plan, &[Pass, Pass]);
    judgement.findings[0].limit.as_mut().unwrap().ambient = true;
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
}

#[test]
fn a_success_metric_stops_only_where_it_is_required() {
    let mut plan = running(1);
    plan.guardrails[1].role = Role::Success;
    assert_eq!(with(&plan, &[Pass, Inconclusive]).action, to(2, 10.0));
    assert_eq!(with(&plan, &[Pass, Breach]).action, to(2, 10.0));
    plan.require_success = true;
    let decision = with(&plan, &[Pass, Inconclusive]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(2, 10.0));
}

#[test]
fn a_changed_definition_restarts_its_evidence_once() {
    let mut plan = running(1);
    plan.guardrails[0].definition = Digest::of(b"another margin");
    let judgement = judged(&plan, &[Breach, Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    let next = next_state(&plan, &decision, Some(&judgement), alone().now).unwrap();
    assert_eq!(next.restarts["errors"].at, alone().now);
    assert_eq!(next.entered_at, plan.state.as_ref().unwrap().entered_at);

    // From then on the judge's word counts again, and nothing more is written.
    plan.state = Some(next);
    let judgement = judged(&plan, &[Inconclusive, Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(
        next_state(&plan, &decision, Some(&judgement), alone().now),
        None
    );
    assert_eq!(with(&plan, &[Breach, Pass]).action, ROLLBACK);
}

#[test]
fn a_paused_plan_waits_for_a_person() {
    let mut plan = running(1);
    state(&mut plan).status = Status::Paused;
    state(&mut plan).pause = Some(record(Ruling::Person("ann".into())));
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["paused by ann (customers complain) until `rollout resume checkout`"]
    );
}

#[test]
fn another_plan_must_be_far_enough_first() {
    let mut plan = pending();
    plan.after.push(After {
        plan: "payments-v2".into(),
        at_least: percent(50.0),
    });
    let decision = decide(&plan, None, &alone());
    assert_eq!(
        why(&decision),
        ["waits for payments-v2, and there is no such valid plan"]
    );
    let mut around = alone();
    around.neighbours.push(Neighbour {
        name: "payments-v2".into(),
        surface: None,
        status: Some(Status::Progressing),
        exposure: percent(10.0),
    });
    let decision = decide(&plan, None, &around);
    assert_eq!(
        (why(&decision), decision.exit),
        (
            vec!["waits for payments-v2 to reach 50 %; it is at 10 %".to_owned()],
            Exit::Hold
        )
    );
    around.neighbours[0].exposure = percent(50.0);
    assert_eq!(decide(&plan, None, &around).action, to(1, 1.0));
}

#[test]
fn an_exclusive_surface_takes_one_plan_at_a_time_and_never_locks_up() {
    let mut plan = pending();
    plan.surface = Some("checkout".into());
    let mut around = alone();
    around.exclusive_surface = true;
    around.neighbours.push(Neighbour {
        name: "basket".into(),
        surface: Some("checkout".into()),
        status: Some(Status::Progressing),
        exposure: percent(10.0),
    });
    assert_eq!(decide(&plan, None, &around).exit, Exit::Hold);
    around.neighbours[0].status = Some(Status::Complete);
    assert_eq!(decide(&plan, None, &around).exit, Exit::Go);

    // Both active already: the one that is further goes on, the other waits.
    around.neighbours[0].status = Some(Status::Progressing);
    let behind = Plan {
        surface: plan.surface.clone(),
        ..running(1)
    };
    let ahead = Plan {
        surface: plan.surface.clone(),
        ..running(3)
    };
    let passed = |plan: &Plan| decide(plan, Some(&judged(plan, &[Pass, Pass])), &around).exit;
    assert_eq!((passed(&behind), passed(&ahead)), (Exit::Hold, Exit::Go));
}

#[test]
fn an_approval_counts_for_its_own_stage() {
    let mut plan = running(2);
    stages(&mut plan)[1].approval = true;
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["leaving stage 2 needs a person: `rollout approve checkout`"]
    );
    let approval = record(Ruling::Person("ann".into()));
    state(&mut plan).approval = Some(approval.clone());
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(3, 50.0));
    // One given before the stage was entered is of another stage.
    state(&mut plan).approval = Some(Pause {
        at: at("2026-11-20T00:00:00Z"),
        ..approval
    });
    assert_eq!(with(&plan, &[Pass, Pass]).action, Action::Hold);
}

#[test]
fn everybody_exposed_leaves_nothing_to_compare_and_completes() {
    let plan = running(4);
    let judgement = judged(&plan, &[NotApplicable, NotApplicable]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Complete, Exit::Go)
    );
    let next = next_state(&plan, &decision, Some(&judgement), alone().now).unwrap();
    assert_eq!(
        (next.status, next.exposure),
        (Status::Complete, Exposure::FULL)
    );

    // A limit that sees nothing is no evidence, even at 100 %.
    assert_eq!(
        with(&plan, &[no_data(), NotApplicable]).exit,
        Exit::Inconclusive
    );
    // Below 100 % there is somebody to compare with.
    assert_eq!(
        with(&running(1), &[NotApplicable, NotApplicable]).action,
        Action::Hold
    );
}

#[test]
fn a_complete_plan_stays_complete() {
    let mut plan = running(4);
    state(&mut plan).status = Status::Complete;
    let decision = decide(&plan, None, &on_a_freeze());
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Complete, Exit::Go)
    );
    assert_eq!(next_state(&plan, &decision, None, alone().now), None);
}

#[test]
fn a_plan_edited_under_its_state_waits_for_a_person() {
    let mut plan = running(4);
    stages(&mut plan).truncate(2);
    let decision = with(&plan, &[Pass, Pass]);
    assert_eq!(
        (decision.action, decision.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    // Even so, harm rolls back.
    assert_eq!(with(&plan, &[Breach, Pass]).action, ROLLBACK);

    let mut plan = running(3);
    stages(&mut plan)[3].exposure = percent(20.0);
    assert_eq!(with(&plan, &[Pass, Pass]).action, Action::Hold);
}

#[test]
fn every_gate_is_reported_whichever_decides() {
    let plan = running(1);
    let names = |decision: &Decision| -> Vec<&str> {
        decision.gates.iter().map(|gate| gate.name).collect()
    };
    let all = [
        "latch",
        "rollback",
        "data",
        "pause",
        "min_duration",
        "definitions",
        "rule_out",
        "ambient",
        "success",
        "course",
        "paused",
        "freeze",
        "window",
        "after",
        "surface",
        "approval",
    ];
    assert_eq!(names(&with(&plan, &[Pass, Pass])), all);
    assert_eq!(names(&with(&plan, &[Breach, Pass])), all);
    assert_eq!(names(&decide(&pending(), None, &alone())), all);
    let closed = with(&plan, &[Breach, Inconclusive]);
    let count = closed
        .gates
        .iter()
        .filter(|g| matches!(g.state, GateState::Closed(_)))
        .count();
    assert_eq!(count, 2);
}

#[test]
fn a_snapshot_of_another_stage_or_plan_is_no_evidence() {
    let mut plan = running(1);
    let mut snapshot = Snapshot {
        plan: "basket".into(),
        taken_at: alone().now,
        source: String::new(),
        stage: 1,
        entered_at: entered(),
        block: period("5m"),
        guardrails: BTreeMap::new(),
        assignment: None,
    };
    assert!(matches!(
        snapshot.fits(&plan),
        Err(SnapshotError::OtherPlan { .. })
    ));
    snapshot.plan.clone_from(&plan.name);
    assert_eq!(snapshot.fits(&plan), Ok(()));
    snapshot.stage = 2;
    assert_eq!(
        snapshot.fits(&plan).unwrap_err().to_string(),
        "the snapshot of checkout is stale: it speaks of stage 2 entered at 2026-11-21T00:00:00+00:00, \
         the plan is in stage 1 entered at 2026-11-21T00:00:00+00:00; take a new one"
    );
    plan.state = None;
    assert!(
        snapshot
            .fits(&plan)
            .unwrap_err()
            .to_string()
            .contains("no stage yet")
    );
}

#[test]
fn a_guardrail_the_judge_forgot_has_no_data() {
    let plan = running(1);
    let mut judgement = judged(&plan, &[Pass, Pass]);
    judgement.findings = vec![finding(&plan.guardrails[0], Pass)];
    assert_eq!(
        decide(&plan, Some(&judgement), &alone()).exit,
        Exit::Inconclusive
    );
}

#[test]
fn the_expected_wait_is_the_longest_and_unknown_if_any_is() {
    let plan = running(1);
    let mut judgement = judged(&plan, &[Inconclusive, Inconclusive]);
    let wait = |judgement: &mut Judgement, index: usize, wait: Option<Period>| {
        judgement.findings[index]
            .measure
            .as_mut()
            .unwrap()
            .expected_wait = wait;
    };
    wait(&mut judgement, 1, Some(period("11h")));
    let said = why(&decide(&plan, Some(&judgement), &alone()));
    assert!(
        said[0].ends_with("about 11h more at the present rate"),
        "{said:?}"
    );
    wait(&mut judgement, 0, None);
    let said = why(&decide(&plan, Some(&judgement), &alone()));
    assert!(
        said[0].ends_with("how much longer cannot be said yet"),
        "{said:?}"
    );
}

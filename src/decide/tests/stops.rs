//! Rules 8 and 9: what stops an advance and never a rollback.

use super::super::fixture::{alone, at, judged, pending, percent, running, stages, state};
use super::super::{Action, Decision, Exit, Neighbour, decide};
use super::said::{on_a_freeze, record, to, why, with};
use crate::judge::Verdict::{Breach, Pass};
use crate::judge::{Obstacle, Obstruction};
use crate::plan::{Actor, After, Intervention, Plan, Status};

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
fn a_paused_plan_waits_for_a_person() {
    let mut plan = running(1);
    state(&mut plan).status = Status::Paused;
    state(&mut plan).pause = Some(record(Actor::Person("ann".into())));
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
        ["waits for payments-v2, but there is no valid plan of this name"]
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
        ["leaving stage 2 needs approval: `rollout approve checkout`"]
    );
    let approval = record(Actor::Person("ann".into()));
    state(&mut plan).approval = Some(approval.clone());
    assert_eq!(with(&plan, &[Pass, Pass]).action, to(3, 50.0));
    // One given before the stage was entered is of another stage.
    state(&mut plan).approval = Some(Intervention {
        at: at("2026-11-20T00:00:00Z"),
        ..approval
    });
    assert_eq!(with(&plan, &[Pass, Pass]).action, Action::Hold);
}

/// A pending plan that is asked about beforehand, and what was in the way.
fn beforehand(obstacles: Option<Vec<Obstruction>>) -> Decision {
    let mut plan = pending();
    plan.judge.preflight = true;
    let mut judgement = judged(&plan, &[Pass, Pass]);
    judgement.findings.clear();
    judgement.preflight = obstacles.map(|obstacles| {
        let of = |what| Obstacle {
            guardrail: "errors".into(),
            column: Some(crate::plan::Column::Total),
            what,
        };
        obstacles.into_iter().map(of).collect()
    });
    decide(&plan, Some(&judgement), &alone())
}

#[test]
fn nobody_is_exposed_before_there_is_something_to_judge_by() {
    let ready = beforehand(Some(Vec::new()));
    assert_eq!((ready.action, ready.exit), (to(1, 1.0), Exit::Go));
    let waits = beforehand(Some(vec![Obstruction::NotThere]));
    assert_eq!((waits.action, waits.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&waits),
        [
            "not started: there is nothing to judge by yet; `total` of errors: no series match yet: is the service running, and is the metric's name right?"
        ]
    );
    let label = Obstruction::NoLabel {
        label: "variant".into(),
        others: Vec::new(),
    };
    let against = beforehand(Some(vec![Obstruction::NotThere, label]));
    assert_eq!(
        (against.action, against.exit),
        (Action::Hold, Exit::Inconclusive)
    );
    assert!(
        why(&against)[0].starts_with("not started: what Prometheus has does not match the plan")
    );
    // Nothing was asked: no evidence never passes.
    assert_eq!(beforehand(None).exit, Exit::Inconclusive);
}

#[test]
fn a_draft_is_held_and_rolled_back_like_any_other() {
    let mut plan = pending();
    plan.draft = Some("the margins".into());
    let decision = decide(&plan, None, &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        why(&decision),
        ["a draft (the margins): remove the line `draft = ...` when that is done"]
    );
    let mut plan = running(1);
    plan.draft = Some("the margins".into());
    assert_eq!(with(&plan, &[Pass, Pass]).action, Action::Hold);
    let harmed = with(&plan, &[Breach, Pass]);
    assert!(matches!(harmed.action, Action::Rollback { .. }));
}

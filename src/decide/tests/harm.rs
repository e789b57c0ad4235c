//! Rules 1 to 5: the latch, breaches, missing evidence, pauses.

use std::collections::BTreeMap;

use super::super::fixture::{
    alone, at, entered, finding, judged, no_data, percent, period, running, state,
};
use super::super::{Action, Exit, decide};
use super::said::{ROLLBACK, on_a_freeze, record, to, why, with};
use crate::judge::Verdict::{Breach, Pass};
use crate::judge::{Judgement, Misassigned};
use crate::plan::{Actor, OnBreach, OnNoData, Status};
use crate::snapshot::{Moment, Snapshot, SnapshotError};
use crate::units::Exposure;

#[test]
fn all_guardrails_passed_advance_one_stage() {
    let plan = running(1);
    let judgement = judged(&plan, &[Pass, Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (to(2, 10.0), Exit::Go));

    let next = decision.next.clone().unwrap();
    assert_eq!((next.stage, next.exposure), (2, percent(10.0)));
    assert_eq!(next.entered_at, alone().now);
    assert_eq!(next.carried, judgement.carried);
    assert_eq!(next.dispersion, judgement.dispersion);
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
    let next = decision.next.clone().unwrap();
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
    state(&mut plan).rollback = Some(record(Actor::Person("ann".into())));
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
        assert_eq!(decision.next.clone(), None);
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
        assignment_broken: Some(Misassigned::NoUsers),
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
    let next = decision.next.clone().unwrap();
    assert_eq!(
        next.pause.as_ref().unwrap().by,
        Actor::Guardrail("latency".into())
    );
    assert_eq!(next.exposure, percent(1.0));

    plan.state = Some(next);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::NoGo));
    assert_eq!(decision.next.clone(), None);

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
fn a_snapshot_of_another_stage_or_plan_is_no_evidence() {
    let mut plan = running(1);
    let mut snapshot = Snapshot {
        plan: "basket".into(),
        taken_at: alone().now,
        known_until: None,
        source: String::new(),
        moment: Moment::Stage {
            number: 1,
            entered_at: entered(),
        },
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
    snapshot.moment = Moment::Stage {
        number: 2,
        entered_at: entered(),
    };
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

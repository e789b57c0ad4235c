//! What people decide, and that automation never undoes it.

use super::super::by_hand::{Operator, Refusal, approve, pause, resume, retry, rollback};
use super::super::fixture::{alone, judged, pending, percent, running, stages, state};
use super::super::{Action, Exit, decide};
use crate::judge::Verdict;
use crate::plan::{Actor, Intervention, Plan, Status};
use crate::units::{Exposure, LogE};
use Verdict::{Breach, Inconclusive, Pass};

fn ann() -> Operator<'static> {
    Operator {
        person: "ann",
        now: alone().now,
        reason: Some("because"),
    }
}

/// Applies a person's decision; panics where it changes nothing.
fn after(plan: &Plan, decided: Result<Option<crate::plan::State>, Refusal>) -> Plan {
    Plan {
        state: Some(decided.unwrap().unwrap()),
        ..plan.clone()
    }
}

/// A hundred runs of cron on healthy data.
fn cron(mut plan: Plan) -> Plan {
    for _ in 0..100 {
        let judgement = plan.needs_data().then(|| judged(&plan, &[Pass, Pass]));
        let decision = decide(&plan, judgement.as_ref(), &alone());
        if let Some(state) = decision.next.clone() {
            plan.state = Some(state);
        }
    }
    plan
}

#[test]
fn a_rollback_by_hand_outlasts_a_hundred_healthy_runs() {
    for plan in [pending(), running(1), running(4)] {
        let plan = after(&plan, rollback((&plan).into(), ann()));
        let state = plan.state.as_ref().unwrap();
        assert_eq!(
            (state.status, state.exposure),
            (Status::RolledBack, Exposure::NONE)
        );
        assert_eq!(
            state.rollback.as_ref().unwrap().by,
            Actor::Person("ann".into())
        );
        assert_eq!(cron(plan.clone()), plan);
        assert_eq!(rollback((&plan).into(), ann()), Ok(None));
    }
}

#[test]
fn a_pause_by_hand_outlasts_a_hundred_healthy_runs() {
    for plan in [pending(), running(1), running(4)] {
        let plan = after(&plan, pause((&plan).into(), ann()));
        assert_eq!(cron(plan.clone()), plan);
        assert_eq!(pause((&plan).into(), ann()), Ok(None));
    }
}

#[test]
fn resume_goes_on_where_it_stopped() {
    let plan = running(2);
    let resumed = after(
        &plan,
        resume(&after(&plan, pause((&plan).into(), ann())), ann()),
    );
    assert_eq!(resumed, plan);
    assert_eq!(resume(&plan, ann()), Ok(None));

    let waiting = after(&pending(), pause((&pending()).into(), ann()));
    let resumed = after(&waiting, resume(&waiting, ann()));
    assert_eq!(resumed.status(), Status::Pending);
    assert_eq!(
        decide(&resumed, None, &alone()).action,
        Action::Advance {
            stage: 1,
            exposure: percent(1.0)
        }
    );
}

#[test]
fn resume_after_a_breach_judges_what_happens_from_now_on() {
    let mut plan = running(1);
    state(&mut plan).carried.insert("latency".into(), LogE(4.0));
    let judgement = judged(&plan, &[Pass, Breach]);
    let decision = decide(&plan, Some(&judgement), &alone());
    plan.state = decision.next.clone();
    let resumed = after(&plan, resume(&plan, ann()));
    let state = resumed.state.as_ref().unwrap();
    assert_eq!(state.status, Status::Progressing);
    assert_eq!(state.restarts["latency"].at, ann().now);
    assert!(!state.carried.contains_key("latency"));
}

#[test]
fn a_rolled_back_plan_cannot_be_paused_or_resumed() {
    let plan = after(&running(1), rollback((&running(1)).into(), ann()));
    assert!(matches!(
        pause((&plan).into(), ann()),
        Err(Refusal::NothingToPause { .. })
    ));
    assert!(matches!(
        resume(&plan, ann()),
        Err(Refusal::ResumeLatched { .. })
    ));
}

#[test]
fn retry_exposes_nobody_until_the_next_advance() {
    let latched = after(&running(3), rollback((&running(3)).into(), ann()));
    for (from, stage, exposure) in [(None, 1, 1.0), (Some(2), 2, 10.0), (Some(4), 4, 100.0)] {
        let retried = after(&latched, retry(&latched, from, ann()));
        let state = retried.state.as_ref().unwrap();
        assert_eq!(
            (state.status, state.exposure),
            (Status::Pending, Exposure::NONE)
        );
        assert_eq!(state.evidence, latched.state.as_ref().unwrap().evidence);
        assert_eq!(
            decide(&retried, None, &alone()).action,
            Action::Advance {
                stage,
                exposure: percent(exposure)
            }
        );
        assert_eq!(retry(&retried, None, ann()), Ok(None));
    }
}

#[test]
fn retry_refuses_what_is_not_rolled_back_and_stages_that_are_not_there() {
    assert!(matches!(
        retry(&running(1), None, ann()),
        Err(Refusal::NotRolledBack { .. })
    ));
    let latched = after(&running(3), rollback((&running(3)).into(), ann()));
    for stage in [0, 5] {
        assert!(matches!(
            retry(&latched, Some(stage), ann()),
            Err(Refusal::NoSuchStage { .. })
        ));
    }
    // A plan nobody ever saw needs no retry from its first stage.
    assert_eq!(retry(&pending(), None, ann()), Ok(None));
}

#[test]
fn approval_is_refused_while_anything_else_is_in_the_way() {
    let mut plan = running(2);
    stages(&mut plan)[1].approval = true;
    let decision = decide(&plan, Some(&judged(&plan, &[Inconclusive, Pass])), &alone());
    let refusal = approve(&plan, &decision, ann()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "checkout cannot be approved yet: stage 2 needs more evidence on errors: about 9h more \
         at the present rate; approve when nothing else is in the way"
    );

    let passed = judged(&plan, &[Pass, Pass]);
    let decision = decide(&plan, Some(&passed), &alone());
    let approved = after(&plan, approve(&plan, &decision, ann()));
    let decision = decide(&approved, Some(&passed), &alone());
    assert_eq!(decision.exit, Exit::Go);
    assert_eq!(approve(&approved, &decision, ann()), Ok(None));

    // The next stage needs its own.
    let next = decision.next.clone().unwrap();
    assert_eq!(next.approval, None);
}

#[test]
fn approval_of_a_stage_that_asks_for_none_is_refused() {
    let plan = running(2);
    let decision = decide(&plan, Some(&judged(&plan, &[Pass, Pass])), &alone());
    assert!(matches!(
        approve(&plan, &decision, ann()),
        Err(Refusal::NoApprovalAsked { .. })
    ));
}

#[test]
fn the_record_keeps_who_when_and_why() {
    let paused = after(&running(1), pause((&running(1)).into(), ann()));
    assert_eq!(
        paused.state.unwrap().pause,
        Some(Intervention {
            by: Actor::Person("ann".into()),
            at: alone().now,
            reason: Some("because".into())
        })
    );
}

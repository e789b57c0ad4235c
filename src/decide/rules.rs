//! The ten rules, in order. Everything a plan does of itself is decided here and nowhere else; the
//! findings are sorted in `evidence`, each rule is a gate in `gates`, the next step comes from `course`.

use crate::judge::Judgement;
use crate::plan::{Plan, Status};
use crate::units::Exposure;

use super::course::{self, Target};
use super::evidence;
use super::gates::{approval, harm_and_data, latch, preflight, ramp_gates, stage_gates};
use super::next::next_state;
use super::stops;
use super::{Action, Decision, Environment, Exit, Gate, GateName, GateState, Reason};

/// What one plan does now. `judgement` is `None` only where no data is needed: nobody exposed yet,
/// rolled back, or complete. Missing where it is needed, it counts as no data at all.
///
/// Every gate is evaluated; the first that is closed decides:
/// 1. latch: stay at the rollback exposure, whatever the metrics say
/// 2. (nothing could be asked: not a decision, the caller leaves with exit 1)
/// 3. a rollback guardrail is breached
/// 4. evidence missing, or the assignment broken: as `on_no_data` says
/// 5. a pause guardrail is breached
/// 6. `min_duration`
/// 7. what the stage must rule out
/// 8. a target that somebody set, paused, frozen, outside the windows, `after`, exclusive surface
/// 9. approval
/// 10. one step
pub fn decide(plan: &Plan, judgement: Option<&Judgement>, around: &Environment) -> Decision {
    if plan.status() == Status::Complete {
        return already_complete();
    }
    let requirements = course::requirements(plan);
    let weighed = plan.needs_data().then(|| {
        evidence::weigh(
            plan,
            requirements.map(|r| r.rule_out),
            judgement,
            around.now,
        )
    });
    let pacing = judgement.and_then(|judgement| judgement.pacing.as_ref());
    let target = course::target(plan, pacing);

    let mut gates = Vec::new();
    let mut held = Vec::new();
    stops::stops(plan, around, &mut held);
    let is_held = held
        .iter()
        .any(|gate| matches!(gate.state, GateState::Closed(_)));
    gates.push(latch(plan));
    // What holds a plan that nobody sees yet needs no data, so that it may not have been asked for.
    gates.push(if judgement.is_none() && is_held {
        Gate::not_applicable(GateName::Preflight)
    } else {
        preflight(plan, judgement)
    });
    harm_and_data(plan, weighed.as_ref(), pacing, &mut gates);
    ramp_gates(plan, pacing, around, &mut gates);
    stage_gates(
        plan,
        requirements,
        weighed.as_ref(),
        &target,
        around,
        &mut gates,
    );
    gates.append(&mut held);
    gates.push(approval(plan, requirements));

    let closed = gates.iter().filter_map(|gate| match &gate.state {
        GateState::Closed(reason) => Some(reason.clone()),
        GateState::Open | GateState::NotApplicable => None,
    });
    let mut reasons: Vec<Reason> = closed.collect();
    if reasons.is_empty() {
        reasons.push(step(target));
    }
    let (action, exit) = ruling(&reasons[0], plan.status());
    if plan.awaits_first_user() && !plan.judge.preflight {
        reasons.push(Reason::PreflightOff);
    }
    if let Some(weighed) = weighed
        && !weighed.warned.is_empty()
    {
        reasons.push(Reason::Warned {
            guardrails: weighed.warned,
        });
    }
    let next = next_state(plan, action, &reasons, judgement, around.now);
    if next.is_some() {
        // A record holds no files of others, and what is recorded can be decided again.
        reasons.retain(|reason| !matches!(reason, Reason::TargetApart { .. }));
    }
    Decision {
        action,
        reasons,
        gates,
        exit,
        next,
    }
}

/// Rule 10's reason, and so what is done.
fn step(target: Target) -> Reason {
    match target {
        Target::Enter {
            stage,
            stages,
            exposure,
        } => Reason::Entering {
            stage,
            stages,
            exposure,
        },
        Target::Climb {
            now, next, curve, ..
        } => Reason::Climbing { now, next, curve },
        Target::Complete => Reason::LastGatePassed,
        Target::Lost(reason) => reason,
    }
}

/// What the deciding reason does, and the exit code it gives.
fn ruling(reason: &Reason, status: Status) -> (Action, Exit) {
    use super::NoDataThen;

    // Who is paused already stays paused; there is nothing to write.
    let pause = match status {
        Status::Paused => Action::Hold,
        Status::Pending | Status::Progressing | Status::RolledBack | Status::Complete => {
            Action::Pause
        }
    };
    let rollback = Action::Rollback {
        exposure: Exposure::NONE,
    };
    match reason {
        Reason::Breached { .. } => (rollback, Exit::Rollback),
        Reason::AssignmentBroken { then, .. } | Reason::NoData { then, .. } => match then {
            NoDataThen::Rollback => (rollback, Exit::Rollback),
            NoDataThen::Pause => (pause, Exit::Inconclusive),
            NoDataThen::Hold | NoDataThen::RollbackIn(_) => (Action::Hold, Exit::Inconclusive),
        },
        Reason::BudgetSpent { rollback: true, .. } => (rollback, Exit::Rollback),
        Reason::PauseBreached { .. }
        | Reason::BudgetSpent {
            rollback: false, ..
        } => (pause, Exit::NoGo),
        Reason::MaxDurationOver { .. }
        | Reason::AheadOfTime { .. }
        | Reason::StageGone { .. }
        | Reason::TrafficUnknown
        | Reason::PreflightContradicted { .. }
        | Reason::PreflightUnknown
        | Reason::NextStageSmaller { .. } => (Action::Hold, Exit::Inconclusive),
        Reason::Latched { .. }
        | Reason::MinDuration { .. }
        | Reason::BetweenMoves { .. }
        | Reason::NothingSinceMove
        | Reason::BudgetHolds { .. }
        | Reason::BudgetUnknown
        | Reason::BudgetTooSmall { .. }
        | Reason::Leaning { .. }
        | Reason::NotRuledOut { .. }
        | Reason::Ambient { .. }
        | Reason::NoSuccessYet { .. }
        | Reason::EvidenceRestarts { .. }
        | Reason::PreflightWaits { .. }
        | Reason::Draft { .. }
        | Reason::Paused { .. }
        | Reason::Frozen { .. }
        | Reason::OutsideWindow { .. }
        | Reason::Waiting { .. }
        | Reason::SurfaceBusy { .. }
        | Reason::TargetApart { .. }
        | Reason::ApprovalNeeded { .. }
        // Said beside other reasons, never the first of them.
        | Reason::PreflightOff
        | Reason::Warned { .. } => (Action::Hold, Exit::Hold),
        Reason::Entering {
            stage, exposure, ..
        } => (
            Action::Advance {
                stage: *stage,
                exposure: *exposure,
            },
            Exit::Go,
        ),
        Reason::Climbing { next, .. } => (
            Action::Advance {
                stage: 1,
                exposure: *next,
            },
            Exit::Go,
        ),
        Reason::LastGatePassed | Reason::AlreadyComplete => (Action::Complete, Exit::Go),
    }
}

/// A complete plan is out of automation's hands: the release is everybody's, and its arms are
/// usually gone.
fn already_complete() -> Decision {
    Decision {
        action: Action::Complete,
        reasons: vec![Reason::AlreadyComplete],
        gates: vec![Gate::new(GateName::Complete, None)],
        exit: Exit::Go,
        next: None,
    }
}

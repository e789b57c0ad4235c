//! The ten rules, in order. Everything a plan does of itself is decided here and nowhere else; the
//! findings are sorted in `evidence`, the next step comes from `course`.

use crate::judge::{Judgement, Pacing};
use crate::plan::{OnBreach, Plan, Ruling, Status};
use crate::units::{Exposure, Period};

use super::budget;
use super::course::{self, Requirements, Target};
use super::evidence::{self, Evidence};
use super::next::next_state;
use super::stops;
use super::{Action, Decision, Exit, Gate, GateState, Reason, Surroundings};

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
/// 8. paused, frozen, outside the windows, `after`, exclusive surface
/// 9. approval
/// 10. one step
pub fn decide(plan: &Plan, judgement: Option<&Judgement>, around: &Surroundings) -> Decision {
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
    gates.push(latch(plan));
    gates.push(preflight(plan, judgement));
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
    stops::stops(plan, around, &mut gates);
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
        gates: vec![Gate::new("complete", None)],
        exit: Exit::Go,
        next: None,
    }
}

/// Rule 1.
fn latch(plan: &Plan) -> Gate {
    let latched = (plan.status() == Status::RolledBack).then(|| Reason::Latched {
        plan: plan.name.clone(),
        ruling: plan.state.as_ref().and_then(|state| state.rollback.clone()),
    });
    Gate::new("latch", latched)
}

/// Before the first user: is there anything to judge by? What contradicts the plan comes before what
/// is only not there yet.
fn preflight(plan: &Plan, judgement: Option<&Judgement>) -> Gate {
    if !plan.needs_preflight() {
        return Gate::not_applicable("preflight");
    }
    let obstacles = judgement.and_then(|judgement| judgement.preflight.clone());
    Gate::new(
        "preflight",
        match obstacles {
            None => Some(Reason::PreflightUnknown),
            Some(obstacles) if obstacles.is_empty() => None,
            Some(obstacles) if obstacles.iter().any(|o| o.what.contradicts()) => {
                Some(Reason::PreflightContradicted { obstacles })
            }
            Some(obstacles) => Some(Reason::PreflightWaits { obstacles }),
        },
    )
}

/// Rules 3, 4 and 5.
fn harm_and_data(
    plan: &Plan,
    weighed: Option<&Evidence>,
    pacing: Option<&Pacing>,
    gates: &mut Vec<Gate>,
) {
    let Some(weighed) = weighed else {
        gates.extend(["rollback", "budget", "data", "pause", "budget"].map(Gate::not_applicable));
        return;
    };
    gates.push(Gate::new(
        "rollback",
        some(&weighed.rollback).map(|guardrails| Reason::Breached { guardrails }),
    ));
    budget_gates(plan, pacing, OnBreach::Rollback, gates);
    if weighed.missing.is_empty() {
        gates.push(Gate::new("data", None));
    }
    gates.extend(
        weighed
            .missing
            .iter()
            .map(|reason| Gate::new("data", Some(reason.clone()))),
    );
    gates.push(Gate::new(
        "pause",
        some(&weighed.pause).map(|guardrails| Reason::PauseBreached { guardrails }),
    ));
    budget_gates(plan, pacing, OnBreach::Pause, gates);
}

/// A ramp's own clock, and evidence of the present exposure: they stand beside rule 6.
fn ramp_gates(plan: &Plan, pacing: Option<&Pacing>, around: &Surroundings, gates: &mut Vec<Gate>) {
    let next = plan
        .needs_data()
        .then(|| course::next_move_at(plan, pacing))
        .flatten();
    let Some(next) = next else {
        gates.extend(["every", "fresh"].map(Gate::not_applicable));
        return;
    };
    gates.push(Gate::new(
        "every",
        (around.now < next).then(|| Reason::BetweenMoves {
            left: Period::between(around.now, next),
        }),
    ));
    let fresh = pacing.is_some_and(|pacing| pacing.blocks_since_move > 0);
    gates.push(Gate::new(
        "fresh",
        (!fresh).then_some(Reason::NothingSinceMove),
    ));
}

/// The risk budget of an adaptive ramp is spent: as the guardrail that shows it does on a breach.
fn budget_gates(
    plan: &Plan,
    pacing: Option<&Pacing>,
    consequence: OnBreach,
    gates: &mut Vec<Gate>,
) {
    let Some(budget) = budget::budget(plan).filter(|_| plan.needs_data()) else {
        gates.push(Gate::not_applicable("budget"));
        return;
    };
    let closed: Vec<Gate> = course::spent(plan, pacing)
        .into_iter()
        .filter(|spent| spent.on_breach == consequence)
        .map(|spent| {
            Gate::new(
                "budget",
                Some(Reason::BudgetSpent {
                    guardrail: spent.guardrail,
                    spent: spent.so_far,
                    ahead: spent.ahead,
                    budget,
                    rollback: consequence == OnBreach::Rollback,
                }),
            )
        })
        .collect();
    if closed.is_empty() {
        gates.push(Gate::new("budget", None));
    }
    gates.extend(closed);
}

/// Rules 6 and 7.
fn stage_gates(
    plan: &Plan,
    requirements: Option<Requirements<'_>>,
    weighed: Option<&Evidence>,
    target: &Target,
    around: &Surroundings,
    gates: &mut Vec<Gate>,
) {
    let lost = match target {
        Target::Lost(reason) => Some(reason.clone()),
        Target::Enter { .. } | Target::Climb { .. } | Target::Complete => None,
    };
    let (Some(state), Some(weighed)) = (&plan.state, weighed) else {
        gates.extend(
            [
                "min_duration",
                "definitions",
                "leaning",
                "rule_out",
                "ambient",
                "success",
            ]
            .map(Gate::not_applicable),
        );
        gates.push(Gate::new("course", lost));
        return;
    };
    let stage = state.stage;
    let age = Period::between(state.entered_at, around.now);
    let min = requirements.map_or(Period::ZERO, |r| r.min_duration);
    gates.push(Gate::new(
        "min_duration",
        (age < min).then(|| Reason::MinDuration {
            stage,
            left: Period::from_seconds(min.seconds() - age.seconds()),
        }),
    ));
    gates.push(Gate::new(
        "definitions",
        some(&weighed.restarts).map(|guardrails| Reason::EvidenceRestarts { guardrails }),
    ));
    let max = requirements.and_then(|r| r.max_duration);
    let unanswered: Vec<String> = [
        &weighed.leaning,
        &weighed.open,
        &weighed.ambient,
        &weighed.success,
    ]
    .into_iter()
    .flatten()
    .cloned()
    .collect();
    let overdue = max.is_some_and(|max| age >= max) && !unanswered.is_empty();
    let leaning = Gate::new(
        "leaning",
        some(&weighed.leaning).map(|guardrails| Reason::Leaning { guardrails }),
    );
    let rule_out = Gate::new(
        "rule_out",
        if overdue {
            Some(Reason::MaxDurationOver {
                stage,
                guardrails: unanswered,
            })
        } else {
            some(&weighed.open).map(|guardrails| Reason::NotRuledOut {
                stage,
                guardrails,
                expected: weighed.expected,
            })
        },
    );
    // Harm in sight is said before what good news is waited for; a question that has been open for
    // too long is a person's, whatever it is.
    gates.extend(if overdue {
        [rule_out, leaning]
    } else {
        [leaning, rule_out]
    });
    gates.push(Gate::new(
        "ambient",
        some(&weighed.ambient).map(|guardrails| Reason::Ambient { guardrails }),
    ));
    gates.push(Gate::new(
        "success",
        some(&weighed.success).map(|guardrails| Reason::NoSuccessYet { guardrails }),
    ));
    gates.push(Gate::new("course", lost));
}

/// Rule 9. An approval counts for the stage in which it was given.
fn approval(plan: &Plan, requirements: Option<Requirements<'_>>) -> Gate {
    let (Some(state), Some(requirements)) = (&plan.state, requirements) else {
        return Gate::not_applicable("approval");
    };
    if !requirements.approval {
        return Gate::not_applicable("approval");
    }
    let approved = state.approval.as_ref().is_some_and(|approval| {
        approval.at >= state.entered_at && matches!(approval.by, Ruling::Person(_))
    });
    Gate::new(
        "approval",
        (!approved).then(|| Reason::ApprovalNeeded {
            plan: plan.name.clone(),
            stage: state.stage,
        }),
    )
}

fn some(names: &[String]) -> Option<Vec<String>> {
    (!names.is_empty()).then(|| names.to_vec())
}

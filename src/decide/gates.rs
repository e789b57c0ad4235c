//! The rules as gates, each open or closed for a reason. In which order they are asked, and what the
//! first closed one does, is [`super::rules`]'s part.

use chrono::TimeDelta;

use crate::judge::{Judgement, Pacing};
use crate::plan::{Actor, OnBreach, Plan, Status};
use crate::units::Period;

use super::budget;
use super::course::{self, Requirements, Target};
use super::evidence::ClassifiedFindings;
use super::{Environment, Gate, GateName, Reason};

/// Rule 1.
pub(super) fn latch(plan: &Plan) -> Gate {
    let latched = (plan.status() == Status::RolledBack).then(|| Reason::Latched {
        plan: plan.name.clone(),
        ruling: plan.state.as_ref().and_then(|state| state.rollback.clone()),
    });
    Gate::new(GateName::Latch, latched)
}

/// Before the first user: is there anything to judge by? What contradicts the plan comes before what
/// is only not there yet.
pub(super) fn preflight(plan: &Plan, judgement: Option<&Judgement>) -> Gate {
    if !plan.needs_preflight() {
        return Gate::not_applicable(GateName::Preflight);
    }
    let obstacles = judgement.and_then(|judgement| judgement.preflight.clone());
    Gate::new(
        GateName::Preflight,
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
pub(super) fn harm_and_data(
    plan: &Plan,
    weighed: Option<&ClassifiedFindings>,
    pacing: Option<&Pacing>,
    gates: &mut Vec<Gate>,
) {
    let Some(weighed) = weighed else {
        gates.extend(
            [
                GateName::Rollback,
                GateName::Budget,
                GateName::Data,
                GateName::Pause,
                GateName::Budget,
            ]
            .map(Gate::not_applicable),
        );
        return;
    };
    gates.push(Gate::new(
        GateName::Rollback,
        some(&weighed.rollback).map(|guardrails| Reason::Breached { guardrails }),
    ));
    budget_gates(plan, pacing, OnBreach::Rollback, gates);
    if weighed.missing.is_empty() {
        gates.push(Gate::new(GateName::Data, None));
    }
    gates.extend(
        weighed
            .missing
            .iter()
            .map(|reason| Gate::new(GateName::Data, Some(reason.clone()))),
    );
    gates.push(Gate::new(
        GateName::Pause,
        some(&weighed.pause).map(|guardrails| Reason::PauseBreached { guardrails }),
    ));
    budget_gates(plan, pacing, OnBreach::Pause, gates);
}

/// Clocks of machines that keep time differ by less.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// Whether the state speaks of a time that has not come: it would hold until then without a word.
fn ahead_of_time(plan: &Plan, around: &Environment) -> Option<Reason> {
    let entered_at = plan.state.as_ref()?.entered_at;
    let raised_at = plan.watched_since().unwrap_or(entered_at).max(entered_at);
    (raised_at - around.now > CLOCKS_DIFFER).then(|| Reason::AheadOfTime {
        plan: plan.name.clone(),
        raised_at,
    })
}

/// A ramp's own clock, and evidence of the present exposure: they stand beside rule 6.
pub(super) fn ramp_gates(
    plan: &Plan,
    pacing: Option<&Pacing>,
    around: &Environment,
    gates: &mut Vec<Gate>,
) {
    let next = plan
        .needs_data()
        .then(|| course::next_move_at(plan, pacing))
        .flatten();
    let Some(next) = next else {
        gates.extend([GateName::Every, GateName::Fresh].map(Gate::not_applicable));
        return;
    };
    gates.push(Gate::new(
        GateName::Every,
        ahead_of_time(plan, around).or_else(|| {
            (around.now < next).then(|| Reason::BetweenMoves {
                left: Period::between(around.now, next),
            })
        }),
    ));
    let fresh = pacing.is_some_and(|pacing| pacing.blocks_since_move > 0);
    gates.push(Gate::new(
        GateName::Fresh,
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
        gates.push(Gate::not_applicable(GateName::Budget));
        return;
    };
    let closed: Vec<Gate> = course::spent(plan, pacing)
        .into_iter()
        .filter(|spent| spent.on_breach == consequence)
        .map(|spent| {
            Gate::new(
                GateName::Budget,
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
        gates.push(Gate::new(GateName::Budget, None));
    }
    gates.extend(closed);
}

/// Rules 6 and 7.
pub(super) fn stage_gates(
    plan: &Plan,
    requirements: Option<Requirements<'_>>,
    weighed: Option<&ClassifiedFindings>,
    target: &Target,
    around: &Environment,
    gates: &mut Vec<Gate>,
) {
    let lost = match target {
        Target::Lost(reason) => Some(reason.clone()),
        Target::Enter { .. } | Target::Climb { .. } | Target::Complete => None,
    };
    let (Some(state), Some(weighed)) = (&plan.state, weighed) else {
        gates.extend(
            [
                GateName::MinDuration,
                GateName::Definitions,
                GateName::Leaning,
                GateName::RuleOut,
                GateName::Ambient,
                GateName::Success,
            ]
            .map(Gate::not_applicable),
        );
        gates.push(Gate::new(GateName::Course, lost));
        return;
    };
    let stage = state.stage;
    let age = Period::between(state.entered_at, around.now);
    let watched = Period::between(plan.watched_since().unwrap_or(state.entered_at), around.now);
    let min = requirements.map_or(Period::ZERO, |r| r.min_duration);
    gates.push(Gate::new(
        GateName::MinDuration,
        ahead_of_time(plan, around).or_else(|| {
            (watched < min).then(|| Reason::MinDuration {
                stage,
                left: Period::from_seconds(min.seconds() - watched.seconds()),
            })
        }),
    ));
    gates.push(Gate::new(
        GateName::Definitions,
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
        GateName::Leaning,
        some(&weighed.leaning).map(|guardrails| Reason::Leaning { guardrails }),
    );
    let still_open = some(&weighed.open).map(|guardrails| Reason::NotRuledOut {
        stage,
        guardrails,
        expected: weighed.expected,
    });
    let rule_out = if overdue {
        let guardrails = unanswered;
        Gate::new(
            GateName::RuleOut,
            Some(Reason::MaxDurationOver { stage, guardrails }),
        )
    } else if still_open.is_none() && weighed.is_answered_elsewhere() {
        // Nothing is ruled out for those either, and other gates are closed for them.
        Gate::not_applicable(GateName::RuleOut)
    } else {
        Gate::new(GateName::RuleOut, still_open)
    };
    // Harm in sight is said before what good news is waited for; a question that has been open for
    // too long is a person's, whatever it is.
    gates.extend(if overdue {
        [rule_out, leaning]
    } else {
        [leaning, rule_out]
    });
    gates.push(Gate::new(
        GateName::Ambient,
        some(&weighed.ambient).map(|guardrails| Reason::Ambient { guardrails }),
    ));
    gates.push(Gate::new(
        GateName::Success,
        some(&weighed.success).map(|guardrails| Reason::NoSuccessYet { guardrails }),
    ));
    gates.push(Gate::new(GateName::Course, lost));
}

/// Rule 9. An approval counts for the stage in which it was given.
pub(super) fn approval(plan: &Plan, requirements: Option<Requirements<'_>>) -> Gate {
    let (Some(state), Some(requirements)) = (&plan.state, requirements) else {
        return Gate::not_applicable(GateName::Approval);
    };
    if !requirements.approval {
        return Gate::not_applicable(GateName::Approval);
    }
    let approved = state.approval.as_ref().is_some_and(|approval| {
        approval.at >= state.entered_at && matches!(approval.by, Actor::Person(_))
    });
    Gate::new(
        GateName::Approval,
        (!approved).then(|| Reason::ApprovalNeeded {
            plan: plan.name.clone(),
            stage: state.stage,
        }),
    )
}

fn some(names: &[String]) -> Option<Vec<String>> {
    (!names.is_empty()).then(|| names.to_vec())
}

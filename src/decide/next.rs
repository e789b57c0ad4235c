//! The state that a decision leads to. Writing it is not done here.

use std::collections::BTreeMap;

use crate::judge::Judgement;
use crate::judge::understands;
use crate::plan::{
    ASSIGNMENT, Actor, CarriedEvidence, Intervention, Plan, RampProgress, Restart, State, Status,
};
use crate::units::{Exposure, Instant};

use super::budget::spending;
use super::course::{self, Target};
use super::{Action, Reason};

/// The state in which a plan enters this stage at this instant, whatever the rules would say of it: for
/// past data, which is looked at as if the stage had begun there.
#[must_use]
pub fn entered(plan: &Plan, stage: u32, exposure: Exposure, at: Instant) -> Option<State> {
    next_state(plan, Action::Advance { stage, exposure }, &[], None, at)
}

/// The state to write; `None` when nothing changes. The evidence path of the old state is kept:
/// whoever writes the record replaces it. Called where a decision is made, and nowhere else: the
/// decision holds it.
pub(super) fn next_state(
    plan: &Plan,
    action: Action,
    reasons: &[Reason],
    judgement: Option<&Judgement>,
    now: Instant,
) -> Option<State> {
    let pacing = judgement.and_then(|judgement| judgement.pacing.as_ref());
    match action {
        Action::Advance { stage, exposure } => match course::target(plan, pacing) {
            Target::Climb { climb, .. } => Some(climbed(plan, exposure, climb, judgement, now)),
            Target::Enter { .. } | Target::Complete | Target::Lost(_) => {
                let (carried, dispersion) = match (judgement, &plan.state) {
                    (Some(judgement), _) => {
                        (judgement.carried.clone(), judgement.dispersion.clone())
                    }
                    (None, Some(state)) if understands(state.judge) => {
                        (state.carried.clone(), state.dispersion.clone())
                    }
                    (None, Some(_) | None) => (BTreeMap::new(), BTreeMap::new()),
                };
                Some(State {
                    carried,
                    dispersion,
                    ..fresh(plan, stage, exposure, now)
                })
            }
        },
        Action::Hold => with_restarts(plan, judgement, now),
        Action::Pause => {
            let state = with_restarts(plan, judgement, now).or_else(|| plan.state.clone())?;
            Some(State {
                status: Status::Paused,
                pause: Some(ruling(plan, reasons, now)),
                ..state
            })
        }
        Action::Rollback { exposure } => {
            let state = plan.state.as_ref()?;
            let mut back = taken_back(state, exposure, ruling(plan, reasons, now));
            // Nothing is asked about it afterwards: what it had cost is known now or never.
            if let (Some(climb), Some(spent)) = (&mut back.ramp, spent(plan, judgement)) {
                climb.spent = spent;
            }
            Some(back)
        }
        Action::Complete => {
            let state = plan.state.clone()?;
            (state.status != Status::Complete).then_some(State {
                status: Status::Complete,
                ..state
            })
        }
    }
}

/// The state after a rollback from this one: whoever ruled, the rest of it stays as it is.
#[must_use]
pub fn taken_back(from: &State, exposure: Exposure, ruling: Intervention) -> State {
    State {
        status: Status::RolledBack,
        exposure,
        pause: None,
        approval: None,
        rollback: Some(ruling),
        ..from.clone()
    }
}

/// A stage entered now: nothing of what was said of the stage before holds for it.
pub(super) fn fresh(plan: &Plan, stage: u32, exposure: Exposure, now: Instant) -> State {
    let users = plan.assignment_definition();
    let users = users.map(|definition| (ASSIGNMENT.to_owned(), definition));
    State {
        status: Status::Progressing,
        stage,
        exposure,
        entered_at: now,
        declared: plan.declared.clone(),
        evidence: plan.state.as_ref().and_then(|state| state.evidence.clone()),
        definitions: plan
            .guardrails
            .iter()
            .map(|guardrail| (guardrail.name.clone(), guardrail.definition.clone()))
            .chain(users)
            .collect(),
        restarts: BTreeMap::new(),
        judge: crate::judge::VERSION,
        carried: BTreeMap::new(),
        dispersion: BTreeMap::new(),
        pause: None,
        approval: None,
        rollback: None,
        ramp: None,
    }
}

/// One move of a ramp: its evidence goes on where a stage's begins anew, so that the file remembers
/// when the ramp began and what it measures, and nothing of each move.
fn climbed(
    plan: &Plan,
    exposure: Exposure,
    climb: RampProgress,
    judgement: Option<&Judgement>,
    now: Instant,
) -> State {
    let base = plan
        .state
        .clone()
        .filter(|_| plan.is_exposed())
        .unwrap_or_else(|| fresh(plan, 1, exposure, now));
    State {
        status: Status::Progressing,
        exposure,
        pause: None,
        approval: None,
        judge: crate::judge::VERSION,
        carried: assignment(&base, judgement),
        ramp: Some(RampProgress {
            moved_at: now,
            spent: spent(plan, judgement).unwrap_or(climb.spent),
            ..climb
        }),
        ..base
    }
}

/// What a move remembers of the assignment, whose declared share it changes. The guardrails' evidence
/// goes on.
fn assignment(before: &State, judgement: Option<&Judgement>) -> CarriedEvidence {
    let mut carried = before.carried.clone();
    if let Some(log_e) = judgement.and_then(|judgement| judgement.carried.get(ASSIGNMENT)) {
        carried.insert(ASSIGNMENT.to_owned(), *log_e);
    }
    carried
}

/// Excess bad events so far, to a tenth: more digits would pretend to know more.
fn spent(plan: &Plan, judgement: Option<&Judgement>) -> Option<f64> {
    spending(plan, judgement).map(|spending| (spending.spent * 10.0).round() / 10.0)
}

/// What was spent before evidence starts again stays spent.
pub(super) fn settle(climb: &mut RampProgress) {
    climb.settled = climb.spent;
}

/// The present state with what changed of the guardrails and of how users are counted starting again
/// now; `None` when nothing did. Guardrails that the plan no longer has are forgotten with them.
fn with_restarts(plan: &Plan, judgement: Option<&Judgement>, now: Instant) -> Option<State> {
    let state = plan.state.as_ref().filter(|_| plan.needs_data())?;
    let outdated: Vec<_> = plan
        .guardrails
        .iter()
        .filter(|guardrail| state.outdates(guardrail))
        .map(|guardrail| (guardrail.name.as_str(), guardrail.definition.clone()))
        .collect();
    let users = plan
        .assignment_definition()
        .filter(|_| plan.outdates_assignment());
    if outdated.is_empty() && users.is_none() {
        return None;
    }
    let mut state = state.clone();
    if let (Some(climb), false) = (&mut state.ramp, outdated.is_empty()) {
        climb.spent = spent(plan, judgement).unwrap_or(climb.spent);
        settle(climb);
    }
    state
        .restarts
        .retain(|name, _| name == ASSIGNMENT || plan.guardrails.iter().any(|g| g.name == *name));
    let users = users.map(|definition| (ASSIGNMENT, definition));
    for (name, definition) in outdated.into_iter().chain(users) {
        let restart = Restart {
            at: now,
            definition,
        };
        state.restarts.insert(name.to_owned(), restart);
        // What earlier stages said was said of another definition.
        state.carried.remove(name);
        state.dispersion.remove(name);
    }
    Some(state)
}

/// Who stopped the plan: the first guardrail of the deciding reason. Why is said by whoever writes it,
/// in a sentence that the file keeps for when the metrics are gone.
fn ruling(plan: &Plan, reasons: &[Reason], now: Instant) -> Intervention {
    let by = match reasons.first() {
        Some(
            Reason::Breached { guardrails }
            | Reason::PauseBreached { guardrails }
            | Reason::NoData { guardrails, .. },
        ) => guardrails.first().cloned(),
        Some(Reason::BudgetSpent { guardrail, .. }) => Some(guardrail.clone()),
        Some(Reason::AssignmentBroken { .. }) => Some("assignment".into()),
        Some(_) | None => None,
    };
    Intervention {
        by: Actor::Guardrail(by.unwrap_or_else(|| plan.name.clone())),
        at: now,
        reason: None,
    }
}

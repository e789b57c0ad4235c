//! The order in which the plans of one run move, and what each sees of those before it. Whoever harms
//! users goes first; then an exclusive surface is given to one plan and not to two.

use std::collections::BTreeMap;

use crate::decide::{Action, decide};
use crate::plan::{State, state_of};
use crate::workspace::WorkspaceError;

use super::answered::Answered;
use super::evaluation::{Evaluation, Outcome};
use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::plan_set::PlanSet;
use super::transition::Step;

/// Takes one plan after the other, rollbacks first, and answers in the order they came. What is
/// decided on a plan is decided again when a neighbour has moved before it; what was measured is the
/// same.
pub(crate) fn in_turn<'d>(
    outcomes: Vec<Outcome<'d>>,
    mut take: impl FnMut(&Evaluation<'d>) -> Result<Option<Step>, Failure>,
) -> Vec<Answered> {
    let mut turns: Vec<(usize, Outcome<'d>)> = outcomes.into_iter().enumerate().collect();
    turns.sort_by_key(|(index, outcome)| (!rolls_back(outcome), *index));
    let mut moved = BTreeMap::new();
    let mut answered: Vec<(usize, Answered)> = Vec::with_capacity(turns.len());
    for (index, outcome) in turns {
        let answer = match outcome {
            Outcome::Failed { loaded, failure } => Answered::failed(loaded, failure),
            Outcome::Evaluated(mut evaluation) => {
                refresh(&mut evaluation, &moved);
                match take(&evaluation) {
                    Ok(step) => {
                        let change = step.map(|Step { change, state }| {
                            moved.insert(evaluation.plan.name.clone(), state);
                            change
                        });
                        Answered::decided(*evaluation, change)
                    }
                    Err(failure) => Answered::failed(evaluation.loaded, failure),
                }
            }
        };
        answered.push((index, answer));
    }
    answered.sort_by_key(|(index, _)| *index);
    answered.into_iter().map(|(_, answer)| answer).collect()
}

fn rolls_back(outcome: &Outcome<'_>) -> bool {
    match outcome {
        Outcome::Evaluated(evaluation) => match evaluation.decision.action {
            Action::Rollback { .. } => true,
            Action::Advance { .. } | Action::Hold | Action::Pause | Action::Complete => false,
        },
        Outcome::Failed { .. } => false,
    }
}

/// Decides again if a neighbour has moved in this run.
fn refresh(evaluation: &mut Evaluation<'_>, moved: &BTreeMap<String, State>) {
    let mut differs = false;
    for neighbour in &mut evaluation.around.neighbours {
        if let Some(state) = moved.get(&neighbour.name) {
            neighbour.status = Some(state.status);
            neighbour.exposure = state.exposure;
            differs = true;
        }
    }
    if differs {
        evaluation.decision = decide(
            evaluation.plan,
            evaluation.judgement.as_ref(),
            &evaluation.around,
        );
    }
}

/// Looks that the others on an exclusive surface still stand where they stood when it was decided to
/// expose more users of it: another run may have given it away meanwhile.
///
/// # Errors
/// When one of them does not.
pub(crate) fn still_alone(
    evaluation: &Evaluation<'_>,
    state: &State,
    plan_set: &PlanSet,
) -> Result<(), WorkspaceError> {
    let before = evaluation.plan.state.as_ref();
    let more = before.is_none_or(|before| state.exposure > before.exposure);
    if !(evaluation.around.exclusive_surface && more) {
        return Ok(());
    }
    for neighbour in &evaluation.around.neighbours {
        if neighbour.surface != evaluation.plan.surface {
            continue;
        }
        let Some(LoadedPlan { file, .. }) = plan_set.named(&neighbour.name) else {
            continue;
        };
        let now = plan_set
            .directory
            .read_plan(&file.path)
            .map_err(|u| u.error)?;
        let now = state_of(&now.text).value.flatten();
        let stands = now.as_ref().map(|state| (state.status, state.exposure));
        let stood = neighbour.status.map(|status| (status, neighbour.exposure));
        if stands != stood {
            return Err(WorkspaceError::Stale {
                path: file.shown.clone(),
            });
        }
    }
    Ok(())
}

//! The order in which the plans of one run move, and what each sees of those before it. Whoever harms
//! users goes first; then an exclusive surface is given to one plan and not to two.

use std::collections::BTreeMap;

use crate::decide::{Action, decide};
use crate::plan::{State, state_of};
use crate::report::Change;
use crate::workspace::WorkspaceError;

use super::answered::Answered;
use super::evaluate::{Outcome, Trial};
use super::failure::Failure;
use super::plan_set::Desk;

/// Takes one plan after the other, rollbacks first, and answers in the order they came. What is
/// decided on a plan is decided again when a neighbour has moved before it; what was measured is the
/// same.
pub(crate) fn in_turn<'d>(
    outcomes: Vec<Outcome<'d>>,
    mut take: impl FnMut(&Trial<'d>) -> Result<Option<Change>, Failure>,
) -> Vec<Answered> {
    let mut turns: Vec<(usize, Outcome<'d>)> = outcomes.into_iter().enumerate().collect();
    turns.sort_by_key(|(index, outcome)| (!rolls_back(outcome), *index));
    let mut moved = BTreeMap::new();
    let mut answered: Vec<(usize, Answered)> = Vec::with_capacity(turns.len());
    for (index, outcome) in turns {
        let answer = match outcome {
            Outcome::Failed { sheet, failure } => Answered::failed(sheet, failure),
            Outcome::Tried(mut trial) => {
                refresh(&mut trial, &moved);
                match take(&trial) {
                    Ok(change) => {
                        let after = change.as_ref().map(|change| state_of(&change.after));
                        if let Some(state) = after.and_then(|parsed| parsed.value.flatten()) {
                            moved.insert(trial.plan.name.clone(), state);
                        }
                        Answered::decided(*trial, change)
                    }
                    Err(failure) => Answered::failed(trial.sheet, failure),
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
        Outcome::Tried(trial) => match trial.decision.action {
            Action::Rollback { .. } => true,
            Action::Advance { .. } | Action::Hold | Action::Pause | Action::Complete => false,
        },
        Outcome::Failed { .. } => false,
    }
}

/// Decides again if a neighbour has moved in this run.
fn refresh(trial: &mut Trial<'_>, moved: &BTreeMap<String, State>) {
    let mut differs = false;
    for neighbour in &mut trial.around.neighbours {
        if let Some(state) = moved.get(&neighbour.name) {
            neighbour.status = Some(state.status);
            neighbour.exposure = state.exposure;
            differs = true;
        }
    }
    if differs {
        trial.decision = decide(trial.plan, trial.judgement.as_ref(), &trial.around);
    }
}

/// Looks that the others on an exclusive surface still stand where they stood when it was decided to
/// expose more users of it: another run may have given it away meanwhile.
///
/// # Errors
/// When one of them does not.
pub(crate) fn still_alone(
    trial: &Trial<'_>,
    state: &State,
    desk: &Desk,
) -> Result<(), WorkspaceError> {
    let before = trial.plan.state.as_ref();
    let more = before.is_none_or(|before| state.exposure > before.exposure);
    if !(trial.around.exclusive_surface && more) {
        return Ok(());
    }
    for neighbour in &trial.around.neighbours {
        let file =
            desk.sheets.iter().map(|sheet| &sheet.file).find(|file| {
                file.name == neighbour.name && neighbour.surface == trial.plan.surface
            });
        let Some(file) = file else { continue };
        let now = desk.directory.read_plan(&file.path).map_err(|u| u.error)?;
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

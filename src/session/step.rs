//! One step of one plan: what it would change, and the step itself with everything that the decision
//! was made from.

use crate::plan::revise;
use crate::report::words::written_state;
use crate::report::{self, Change, Decided, PlanReport};
use crate::workspace::Grounds;

use super::evaluate::Trial;
use super::failure::Failure;
use super::plan_set::Desk;
use super::transition::Recorder;
use super::turns::still_alone;

/// What applying the decision would change in the file.
pub(crate) fn preview(trial: &Trial<'_>) -> Option<Change> {
    let state = written_state(
        trial.plan,
        &trial.decision,
        trial.judgement.as_ref(),
        trial.now,
    )?;
    let before = &trial.sheet.file.text;
    // A file that does not take the state is found by `advance`, which then says so.
    let after = revise(before, &state).ok()?;
    Some(Change {
        before: before.clone(),
        after,
        applied: false,
        evidence: None,
        commit: None,
    })
}

/// Who takes a step, in which directory, and why.
pub(crate) struct Run<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) recorder: &'a Recorder,
    pub(crate) reason: Option<&'a str>,
    pub(crate) person: &'a str,
}

/// Writes the next state with its evidence, where the decision changes anything.
///
/// # Errors
/// When it cannot be written; nothing is changed then.
pub(crate) fn take(trial: &Trial<'_>, run: &Run<'_>) -> Result<Option<Change>, Failure> {
    let Some(state) = written_state(
        trial.plan,
        &trial.decision,
        trial.judgement.as_ref(),
        trial.now,
    ) else {
        return Ok(None);
    };
    let grounds = grounds(trial, run.desk, run.reason, run.person);
    run.recorder.write(
        &run.desk.directory,
        &trial.sheet.file,
        &state,
        &grounds,
        trial.now,
        &|| still_alone(trial, &state, run.desk),
    )
}

/// Everything the decision was made from, for the record.
pub(crate) fn grounds(
    trial: &Trial<'_>,
    desk: &Desk,
    reason: Option<&str>,
    person: &str,
) -> Grounds {
    let report = PlanReport {
        plan: trial.plan.name.clone(),
        file: trial.sheet.shown.clone(),
        outcome: report::Outcome::Decided(Box::new(Decided {
            plan: trial.plan.clone(),
            judgement: trial.judgement.clone(),
            decision: trial.decision.clone(),
            change: None,
        })),
    };
    Grounds {
        decision: trial.decision.action.key().to_owned(),
        reasons: trial
            .decision
            .reasons
            .iter()
            .map(ToString::to_string)
            .collect(),
        reason_codes: trial
            .decision
            .reasons
            .iter()
            .map(|reason| reason.code().to_owned())
            .collect(),
        actor: format!("rollout, run by {person}"),
        reason: reason.map(str::to_owned),
        config_text: desk.config_text.clone(),
        neighbours: trial.around.neighbours.clone(),
        snapshot: trial.snapshot.as_ref().map(|snapshot| snapshot.to_json()),
        report: Some(report::json::plan(&report)),
    }
}

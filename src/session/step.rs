//! One step of one plan: what it would change, and the step itself with everything that the decision
//! was made from.

use crate::decide::RecordedActor;
use crate::plan::revise;
use crate::report::words::written_state;
use crate::report::{self, Change, Decided, PlanReport};
use crate::snapshot::EntryHistory;
use crate::workspace::DecisionContext;

use super::evaluation::Evaluation;
use super::failure::Failure;
use super::plan_set::PlanSet;
use super::transition::{Step, TransitionWriter};
use super::turns::still_alone;

/// What applying the decision would change in the file.
pub(crate) fn preview(evaluation: &Evaluation<'_>) -> Option<Step> {
    let state = written_state(&evaluation.decision, evaluation.judgement.as_ref())?;
    let before = &evaluation.loaded.file.text;
    // A file that does not take the state is found by `advance`, which then says so.
    let after = revise(before, &state).ok()?;
    Some(Step {
        change: Change {
            before: before.clone(),
            after,
            applied: false,
            evidence: None,
            commit: None,
        },
        state,
    })
}

/// Who takes a step, in which directory, and why.
pub(crate) struct Run<'a> {
    pub(crate) plan_set: &'a PlanSet,
    pub(crate) writer: &'a TransitionWriter,
    pub(crate) reason: Option<&'a str>,
    pub(crate) person: &'a str,
}

/// Writes the next state with its evidence, where the decision changes anything. `history` is what was
/// asked of the time before the stage that is entered.
///
/// # Errors
/// When it cannot be written; nothing is changed then.
pub(crate) fn take(
    evaluation: &Evaluation<'_>,
    run: &Run<'_>,
    history: Option<&EntryHistory>,
) -> Result<Option<Step>, Failure> {
    let Some(state) = written_state(&evaluation.decision, evaluation.judgement.as_ref()) else {
        return Ok(None);
    };
    let grounds = DecisionContext {
        history: history.map(EntryHistory::to_json),
        ..grounds(evaluation, run.plan_set, (run.reason, run.person), history)
    };
    run.writer.write(
        &run.plan_set.directory,
        &evaluation.loaded.file,
        &state,
        &grounds,
        evaluation.now,
        &|| still_alone(evaluation, &state, run.plan_set),
    )
}

/// Everything the decision was made from, for the record; in short beside the history of a stage that the
/// same record enters.
pub(crate) fn grounds(
    evaluation: &Evaluation<'_>,
    plan_set: &PlanSet,
    (reason, person): (Option<&str>, &str),
    entered: Option<&EntryHistory>,
) -> DecisionContext {
    let report = PlanReport {
        plan: evaluation.plan.name.clone(),
        file: evaluation.loaded.shown.clone(),
        outcome: report::Outcome::Decided(Box::new(Decided {
            plan: evaluation.plan.clone(),
            judgement: evaluation.judgement.clone(),
            decision: evaluation.decision.clone(),
            change: None,
            targets: Vec::new(),
        })),
    };
    DecisionContext {
        decision: evaluation.decision.action.into(),
        reasons: evaluation
            .decision
            .reasons
            .iter()
            .map(ToString::to_string)
            .collect(),
        reason_codes: evaluation
            .decision
            .reasons
            .iter()
            .map(|reason| reason.code().to_owned())
            .collect(),
        actor: RecordedActor::Automation {
            run_by: Some(person.to_owned()),
        },
        reason: reason.map(str::to_owned),
        config_text: plan_set.config_text.clone(),
        neighbours: evaluation.around.neighbours.clone(),
        snapshot: evaluation
            .snapshot
            .as_ref()
            .map(|snapshot| snapshot.to_short_json(entered)),
        history: None,
        report: serde_json::to_value(report::json::plan(&report)).ok(),
    }
}

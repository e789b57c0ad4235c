//! The sentence that a plan's file keeps of why it was stopped.

use crate::decide::{Action, Decision};
use crate::judge::Judgement;
use crate::plan::{Actor, Intervention, State};

/// The state to write, with why the plan was stopped: what the judge says of the guardrail that ruled,
/// else the deciding reason. The file must say it when the metrics are gone.
#[must_use]
pub fn written_state(decision: &Decision, judgement: Option<&Judgement>) -> Option<State> {
    let mut state = decision.next.clone()?;
    let ruling = match decision.action {
        Action::Pause => state.pause.as_mut(),
        Action::Rollback { .. } => state.rollback.as_mut(),
        Action::Advance { .. } | Action::Hold | Action::Complete => None,
    };
    if let Some(ruling) = ruling {
        ruling.reason = why(ruling, decision, judgement);
    }
    Some(state)
}

fn why(
    ruling: &Intervention,
    decision: &Decision,
    judgement: Option<&Judgement>,
) -> Option<String> {
    let finding = match &ruling.by {
        Actor::Guardrail(name) => {
            judgement.and_then(|judgement| judgement.findings.iter().find(|f| f.name == *name))
        }
        Actor::Person(_) => None,
    };
    finding
        .map(|finding| finding.why.to_string())
        .or_else(|| decision.reasons.first().map(ToString::to_string))
}

//! A ramp in reports: how far it has come, and what it has spent of its risk budget.

use serde_json::{Value, json};

use crate::decide::{Spending, spending};
use crate::judge::Judgement;
use crate::plan::{Pace, Plan, RampProgress, Schedule};

use super::numbers;

/// `risk budget: about 38 of 500 excess bad events spent, at most 61 by errors`; `None` for plans
/// without a risk budget.
pub(super) fn spent(plan: &Plan, judgement: Option<&Judgement>) -> Option<String> {
    let Spending {
        budget,
        spent,
        at_most,
        guardrail,
    } = spending(plan, judgement)?;
    let events = |number: f64| numbers::count(number.round());
    let most = match (at_most, guardrail) {
        (Some(most), Some(guardrail)) => {
            format!(", at most {} by {guardrail}", events(most))
        }
        (Some(most), None) => format!(", at most {}", events(most)),
        (None, _) => ", as far as the latest move knew".to_owned(),
    };
    Some(format!(
        "risk budget: about {} of {} excess bad events spent{most}",
        events(spent),
        events(budget),
    ))
}

/// The ramp as JSON; null for plans in stages.
pub(super) fn document(plan: &Plan, judgement: Option<&Judgement>) -> Value {
    let Schedule::Ramp(ramp) = &plan.course else {
        return Value::Null;
    };
    let climb = plan.state.as_ref().and_then(|state| state.ramp);
    let mut value = json!({
        "pace": match ramp.pace {
            Pace::Fixed => "fixed",
            Pace::Adaptive { .. } => "adaptive",
        },
        "from": ramp.from.percent(),
        "to": ramp.to.percent(),
        "over_seconds": ramp.over.seconds(),
    });
    if let (
        Value::Object(value),
        Some(RampProgress {
            moves,
            progress,
            moved_at,
            spent: _,
            settled: _,
        }),
    ) = (&mut value, climb)
    {
        value.insert("moves".into(), json!(moves));
        value.insert("progress_seconds".into(), json!(progress.seconds()));
        value.insert(
            "moved_at".into(),
            json!(moved_at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
        );
    }
    if let (
        Value::Object(value),
        Some(Spending {
            budget,
            spent,
            at_most,
            guardrail,
        }),
    ) = (&mut value, spending(plan, judgement))
    {
        value.insert("risk_budget".into(), json!(budget));
        value.insert("spent".into(), json!(spent));
        value.insert("spent_at_most".into(), json!(at_most));
        value.insert("strictest".into(), json!(guardrail));
    }
    value
}

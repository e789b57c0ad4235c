//! A ramp in reports for people: what it has spent of its risk budget.

use crate::decide::{Spending, spending};
use crate::judge::Judgement;
use crate::plan::Plan;

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

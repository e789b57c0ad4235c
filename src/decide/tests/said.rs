//! Short forms for the scenarios: decide on these verdicts, and what was said.

use super::super::fixture::{alone, at, judged, percent};
use super::super::{Action, Decision, Environment, decide};
use crate::judge::Verdict;
use crate::plan::{Actor, Freeze, Intervention, Plan};
use crate::units::Exposure;

pub(super) const ROLLBACK: Action = Action::Rollback {
    exposure: Exposure::NONE,
};

pub(super) fn with(plan: &Plan, verdicts: &[Verdict]) -> Decision {
    decide(plan, Some(&judged(plan, verdicts)), &alone())
}

pub(super) fn why(decision: &Decision) -> Vec<String> {
    let reasons = decision.reasons.iter();
    // The plans of these tests are not asked about beforehand, and say so.
    reasons
        .filter(|reason| reason.code() != "preflight-off")
        .map(ToString::to_string)
        .collect()
}

pub(super) fn to(stage: u32, exposure: f64) -> Action {
    Action::Advance {
        stage,
        exposure: percent(exposure),
    }
}

pub(super) fn on_a_freeze() -> Environment {
    let mut around = alone();
    around.calendar.freezes.push(Freeze {
        from: None,
        until: at("2027-01-04T00:00:00Z"),
        reason: "holiday freeze".into(),
        owner: Some("sre".into()),
    });
    around
}

pub(super) fn record(by: Actor) -> Intervention {
    Intervention {
        by,
        at: at("2026-11-22T10:00:00Z"),
        reason: Some("customers complain".into()),
    }
}

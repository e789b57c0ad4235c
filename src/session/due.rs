//! Which plans it is worth asking Prometheus about. Whoever is exposed always is: a rollback waits for
//! nothing. A plan that nobody sees yet is not while the calendar or another plan holds it anyway.

use crate::decide::{GateName, GateState, decide};
use crate::plan::{After, Plan, Schedule, Status};
use crate::units::{Exposure, Instant};

use super::plan_set::PlanSet;

/// Whether what Prometheus says can change what becomes of this plan in a run that takes each plan at most
/// one step further.
pub(crate) fn is_due(plan_set: &PlanSet, plan: &Plan, now: Instant) -> bool {
    if !plan.awaits_first_user() || plan.needs_traffic() {
        return true;
    }
    let decision = decide(plan, None, &plan_set.surroundings(plan, now));
    let held_by_calendar = decision.gates.iter().any(|gate| {
        matches!(gate.name, GateName::Freeze | GateName::Window)
            && matches!(gate.state, GateState::Closed(_))
    });
    let waits = plan.after.iter().any(|after| !may_be(plan_set, after));
    !(held_by_calendar || waits)
}

/// Whether the other plan is as far as it must be, or may be so after its next step.
fn may_be(plan_set: &PlanSet, after: &After) -> bool {
    let other = plan_set.named(&after.plan);
    let Some(other) = other.and_then(|loaded| loaded.plan.as_ref()) else {
        return false;
    };
    furthest(other) >= after.at_least
}

/// The highest exposure that a plan can have after one step.
fn furthest(plan: &Plan) -> Exposure {
    let now = plan.exposure();
    match plan.status() {
        Status::RolledBack | Status::Complete | Status::Paused => now,
        Status::Pending | Status::Progressing => match &plan.course {
            Schedule::Ramp(_) => Exposure::FULL,
            Schedule::Stages(stages) => {
                let stage = plan.state.as_ref().map_or(0, |state| state.stage as usize);
                let next = stages.get(stage).map(|stage| stage.exposure);
                next.map_or(now, |next| next.max(now))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Config, parse_plan};

    fn furthest_of(written: &str) -> f64 {
        let text = format!(
            "[[stages]]\nexposure = 1\nmin_duration = \"24h\"\n\n[[stages]]\nexposure = 50\nmin_duration = \"24h\"\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = {{ events = 'errors_total', total = 'requests_total' }}\n{written}"
        );
        let parsed = parse_plan("checkout", &text, &Config::default());
        furthest(&parsed.value.unwrap()).percent()
    }

    fn standing(word: &str, stage: u32, exposure: &str) -> String {
        format!(
            "\n[state]\nstatus = \"{word}\"\nstage = {stage}\nexposure = {exposure}\nentered_at = 2026-01-01T00:00:00Z\n"
        )
    }

    #[test]
    fn a_plan_that_may_move_gets_as_far_as_its_next_stage() {
        let cases = [
            (String::new(), 1.0),
            (standing("progressing", 1, "1.0"), 50.0),
            (standing("progressing", 2, "50.0"), 50.0),
            (standing("paused", 1, "1.0"), 1.0),
            (standing("rolled_back", 1, "0.0"), 0.0),
            (standing("complete", 2, "50.0"), 50.0),
        ];
        for (state, expected) in cases {
            let furthest = furthest_of(&state);
            assert!((furthest - expected).abs() < 1e-9, "{state}: {furthest}");
        }
    }
}

//! Harm that is there from the very start, followed through the stages until it is rolled back or
//! released.

use crate::judge::planning::carried_out_of;
use crate::plan::{OnBreach, Plan, Role};
use crate::units::{LogE, Period};

use super::cost::cost;
use super::entered::entered;
use super::question::{path, to_leave};
use super::{Cost, End, HarmOutcome, Traffic};

/// Follows every factor of harm in every guardrail that rolls back.
pub(super) fn journeys(plan: &Plan, traffic: &Traffic, factors: &[f64]) -> Vec<HarmOutcome> {
    let harmed = plan.guardrails.iter().filter(|guardrail| {
        guardrail.role == Role::Guardrail
            && guardrail.on_breach == OnBreach::Rollback
            && traffic.loads.contains_key(&guardrail.name)
    });
    harmed
        .flat_map(|guardrail| {
            factors
                .iter()
                .filter_map(|&factor| journey(plan, &guardrail.name, traffic, factor))
        })
        .collect()
}

fn journey(plan: &Plan, name: &str, traffic: &Traffic, factor: f64) -> Option<HarmOutcome> {
    let guardrail = plan.guardrails.iter().find(|g| g.name == name)?;
    let mut carried: Vec<(String, LogE)> = Vec::new();
    let mut spent = Cost {
        time: Period::ZERO,
        exposed: 0.0,
        users: traffic.users_per_second.map(|_| 0.0),
        excess: 0.0,
    };
    let mut end = End::Released;
    for (stage, number) in plan.stages().iter().zip(1_u32..) {
        let at = entered(plan, number, stage.exposure, &carried);
        // A stage in which nothing can be compared finds nothing and holds nothing up.
        let Ok((path, tolerated)) = path(&at, stage, guardrail, traffic) else {
            continue;
        };
        let found = path.breach_after(factor, tolerated);
        let least = f64::from(stage.min_duration.seconds());
        let left = match to_leave(stage, guardrail, tolerated) {
            None => Some(least),
            Some(asked) => path.pass_after(factor, asked).map(|time| time.max(least)),
        };
        let most = stage.max_duration.map(|most| f64::from(most.seconds()));
        let overdue = left.is_none_or(|left| most.is_some_and(|most| left > most));
        match (found, left) {
            (Some(found), left) if left.is_none_or(|left| found <= left) => {
                end = End::RolledBack { stage: number };
                spent = spent.and(cost(&path, traffic, factor, found));
                break;
            }
            (_, Some(left)) if !overdue => {
                spent = spent.and(cost(&path, traffic, factor, left));
                let judged = (left - path.warmup_seconds()).max(0.0);
                let ended = path.breach_at(factor, tolerated, judged);
                carried = vec![(name.to_owned(), carried_out_of(&at, guardrail, ended))];
            }
            (_, _) => {
                end = End::Stuck { stage: number };
                let until = most.unwrap_or(least);
                spent = spent.and(cost(&path, traffic, factor, until));
                break;
            }
        }
    }
    Some(HarmOutcome {
        guardrail: name.to_owned(),
        factor,
        end,
        cost: spent,
    })
}

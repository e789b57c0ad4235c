//! What each stage can be expected to find and to rule out, and what harm costs until it is found.

use crate::judge::planning::shares_evidence;
use crate::plan::{Guardrail, Plan, Role, Schedule, Stage};
use crate::units::{Exposure, Period};

use super::cost::{cost, period};
use super::entered::{course, entered};
use super::journey::journeys;
use super::question::{path, to_leave};
use super::together::together;
use super::{Answer, Asked, Forecast, GuardrailForecast, Harm, Numbers, StageForecast, Traffic};

/// Foresees every stage of a plan.
#[must_use]
pub fn forecast(plan: &Plan, traffic: &Traffic, factors: &[f64]) -> Forecast {
    let course = course(plan);
    let stages = course
        .stages()
        .iter()
        .zip(1_u32..)
        .map(|(stage, number)| StageForecast {
            stage: number,
            exposure: stage.exposure,
            min_duration: stage.min_duration,
            floor: plan.judge.floor_for(stage.min_duration),
            max_duration: stage.max_duration,
            together: together(&course, stage, number, traffic),
            guardrails: plan
                .guardrails
                .iter()
                .filter(|guardrail| guardrail.role == Role::Guardrail)
                .map(|guardrail| GuardrailForecast {
                    name: guardrail.name.clone(),
                    kind: guardrail.metric.kind,
                    on_breach: guardrail.on_breach,
                    is_shared: shares_evidence(guardrail, stage.exposure),
                    answer: answer(&course, stage, number, guardrail, traffic, factors),
                })
                .collect(),
        })
        .collect();
    Forecast {
        plan: plan.name.clone(),
        ramp: match &plan.course {
            Schedule::Stages(_) => None,
            Schedule::Ramp(ramp) => Some(ramp.pace),
        },
        journeys: journeys(&course, traffic, factors),
        traffic: traffic.clone(),
        factors: factors.to_vec(),
        stages,
    }
}

fn answer(
    plan: &Plan,
    stage: &Stage,
    number: u32,
    guardrail: &Guardrail,
    traffic: &Traffic,
    factors: &[f64],
) -> Answer {
    let at = entered(plan, number, stage.exposure, &[]);
    let (path, tolerated) = match path(&at, stage, guardrail, traffic) {
        Ok(found) => found,
        Err(why) => return Answer::Unforeseen(why),
    };
    let rule_out = to_leave(stage, guardrail, tolerated);
    let affordable = match tolerated {
        Asked::Harm(_) => path.affordable(stage.min_duration, 1),
        Asked::Limit(_) => None,
    };
    Answer::Foreseen(Numbers {
        tolerated,
        smallest: path.smallest(tolerated, stage.min_duration),
        rule_out,
        rule_out_after: rule_out
            .and_then(|asked| path.pass_after(1.0, asked))
            .map(period),
        affordable,
        at_half: at_half(plan, stage, number, guardrail, traffic),
        harms: factors
            .iter()
            .map(|&factor| Harm {
                factor,
                cost: path
                    .breach_after(factor, tolerated)
                    .map(|time| cost(&path, traffic, factor, time)),
            })
            .collect(),
    })
}

/// The time until a harmless change has ruled out what it must with half of the users exposed.
fn at_half(
    plan: &Plan,
    stage: &Stage,
    number: u32,
    guardrail: &Guardrail,
    traffic: &Traffic,
) -> Option<Period> {
    let half = Exposure::from_percent(50.0)
        .ok()
        .filter(|half| stage.exposure > *half)?;
    let halved = Stage {
        exposure: half,
        ..stage.clone()
    };
    let at = entered(plan, number, half, &[]);
    let (path, tolerated) = path(&at, &halved, guardrail, traffic).ok()?;
    let asked = to_leave(&halved, guardrail, tolerated)?;
    path.pass_after(1.0, asked).map(period)
}

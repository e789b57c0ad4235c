//! A forecast as JSON for programs.

use serde_json::{Map, Value, json};

use crate::power::{
    Answer, Cost, End, Forecast, GuardrailForecast, Harm, HarmOutcome, InfeasibleStage, Load,
    Numbers, Origin, StageForecast, Traffic, doubts,
};

/// A forecast as one JSON document.
#[must_use]
pub fn document(forecast: &Forecast) -> Value {
    let Forecast {
        plan,
        traffic,
        factors,
        ramp,
        stages,
        journeys,
    } = forecast;
    json!({
        "format": "rollout-power/1",
        "plan": plan,
        "traffic": traffic_json(traffic),
        "factors": factors,
        "pieces_of_a_ramp": ramp.is_some(),
        "stages": stages.iter().map(stage_json).collect::<Vec<_>>(),
        "from_the_start": journeys.iter().map(journey_json).collect::<Vec<_>>(),
        "doubts": doubts(forecast).iter().map(doubt_json).collect::<Vec<_>>(),
    })
}

fn traffic_json(traffic: &Traffic) -> Value {
    let Traffic {
        origin,
        loads,
        users_per_second,
    } = traffic;
    let loads: Map<String, Value> = loads
        .iter()
        .map(|(name, load)| {
            let Load {
                per_second,
                baseline,
                dispersion,
                belief,
                scatter,
            } = load;
            let load = json!({
                "per_second": per_second, "baseline": baseline, "dispersion": dispersion,
                "learnt": belief.is_learnt(), "believed": belief.dispersion,
                "scatter_known": scatter.is_some(),
            });
            (name.clone(), load)
        })
        .collect();
    let (source, hours) = match origin {
        Origin::Given => ("given", None),
        Origin::Measured { source, hours } => (source.as_str(), Some(hours)),
    };
    json!({"source": source, "hours": hours, "guardrails": loads, "users_per_second": users_per_second})
}

fn stage_json(stage: &StageForecast) -> Value {
    let StageForecast {
        stage,
        exposure,
        min_duration,
        max_duration,
        guardrails,
    } = stage;
    json!({
        "stage": stage,
        "exposure": exposure.percent(),
        "min_duration_seconds": min_duration.seconds(),
        "max_duration_seconds": max_duration.map(|most| most.seconds()),
        "guardrails": guardrails.iter().map(guardrail_json).collect::<Vec<_>>(),
    })
}

fn guardrail_json(guardrail: &GuardrailForecast) -> Value {
    let GuardrailForecast {
        name,
        kind,
        on_breach,
        answer,
    } = guardrail;
    let mut value = json!({"name": name, "kind": kind.key(), "on_breach": on_breach.key()});
    let more = match answer {
        Answer::Unforeseen(why) => json!({"unforeseen": why.to_string(), "code": why.code()}),
        Answer::Foreseen(numbers) => {
            let Numbers {
                tolerated,
                smallest,
                rule_out,
                rule_out_after,
                affordable,
                harms,
            } = numbers;
            json!({
                "smallest_found": smallest,
                "tolerated": tolerated.to_string(),
                "rule_out": rule_out.map(|asked| asked.to_string()),
                "rule_out_seconds": rule_out_after.map(|time| time.seconds()),
                "smallest_ruled_out": affordable,
                "harms": harms.iter().map(harm_json).collect::<Vec<_>>(),
            })
        }
    };
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

fn harm_json(harm: &Harm) -> Value {
    let Harm { factor, cost } = harm;
    json!({"factor": factor, "until_found": cost.as_ref().map(cost_json)})
}

fn cost_json(cost: &Cost) -> Value {
    let Cost {
        time,
        exposed,
        users,
        excess,
    } = cost;
    json!({"seconds": time.seconds(), "exposed": exposed, "users": users, "excess": excess})
}

fn journey_json(journey: &HarmOutcome) -> Value {
    let HarmOutcome {
        guardrail,
        factor,
        end,
        cost,
    } = journey;
    let (end, stage) = match end {
        End::RolledBack { stage } => ("rolled_back", Some(stage)),
        End::Stuck { stage } => ("stuck", Some(stage)),
        End::Released => ("released", None),
    };
    json!({"guardrail": guardrail, "factor": factor, "end": end, "stage": stage, "cost": cost_json(cost)})
}

fn doubt_json(doubt: &InfeasibleStage) -> Value {
    json!({
        "stage": doubt.stage,
        "guardrail": doubt.guardrail,
        "problem": doubt.problem(),
        "cure": doubt.cure(),
    })
}

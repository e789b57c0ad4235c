//! A forecast as JSON for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::power::{
    Answer, Asked, Cost, End, Forecast, GuardrailForecast, Harm, HarmOutcome, InfeasibleStage,
    Load, Numbers, Origin, StageForecast, Traffic, doubts,
};
use crate::units::Period;

/// A forecast as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    traffic: TrafficPart<'a>,
    factors: &'a [f64],
    pieces_of_a_ramp: bool,
    stages: Vec<StagePart<'a>>,
    from_the_start: Vec<JourneyPart<'a>>,
    doubts: Vec<DoubtPart>,
}

#[derive(Debug, Serialize)]
struct TrafficPart<'a> {
    source: &'a str,
    hours: Option<f64>,
    guardrails: BTreeMap<&'a str, LoadPart>,
    users_per_second: Option<f64>,
}

#[derive(Debug, Serialize)]
struct LoadPart {
    per_second: f64,
    baseline: f64,
    dispersion: f64,
    learnt: bool,
    believed: f64,
    scatter_known: bool,
}

#[derive(Debug, Serialize)]
struct StagePart<'a> {
    stage: u32,
    exposure: f64,
    min_duration_seconds: u32,
    floor_seconds: u32,
    max_duration_seconds: Option<u32>,
    guardrails: Vec<GuardrailPart<'a>>,
    /// Until all of them have ruled out what they must, where several must.
    together_seconds: Option<u32>,
}

#[derive(Debug, Serialize)]
struct GuardrailPart<'a> {
    name: &'a str,
    kind: &'static str,
    on_breach: &'static str,
    #[serde(flatten)]
    answer: AnswerPart,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum AnswerPart {
    Unforeseen {
        unforeseen: String,
        code: &'static str,
    },
    Foreseen {
        smallest_found: Option<f64>,
        tolerated: String,
        rule_out: Option<String>,
        rule_out_seconds: Option<u32>,
        smallest_ruled_out: Option<f64>,
        harms: Vec<HarmPart>,
    },
}

#[derive(Debug, Serialize)]
struct HarmPart {
    factor: f64,
    until_found: Option<CostPart>,
}

#[derive(Debug, Serialize)]
struct CostPart {
    seconds: u32,
    exposed: f64,
    users: Option<f64>,
    excess: f64,
}

#[derive(Debug, Serialize)]
struct JourneyPart<'a> {
    guardrail: &'a str,
    factor: f64,
    end: &'static str,
    stage: Option<u32>,
    cost: CostPart,
}

#[derive(Debug, Serialize)]
struct DoubtPart {
    stage: u32,
    guardrail: String,
    code: &'static str,
    problem: String,
    cure: String,
}

/// A forecast as one JSON document.
#[must_use]
pub fn document(forecast: &Forecast) -> Document<'_> {
    let Forecast {
        plan,
        traffic,
        factors,
        ramp,
        stages,
        journeys,
    } = forecast;
    Document {
        format: "rollout-power/1",
        plan,
        traffic: traffic.into(),
        factors,
        pieces_of_a_ramp: ramp.is_some(),
        stages: stages.iter().map(StagePart::from).collect(),
        from_the_start: journeys.iter().map(JourneyPart::from).collect(),
        doubts: doubts(forecast).iter().map(DoubtPart::from).collect(),
    }
}

impl<'a> From<&'a Traffic> for TrafficPart<'a> {
    fn from(traffic: &'a Traffic) -> Self {
        let Traffic {
            origin,
            loads,
            users_per_second,
        } = traffic;
        let (source, hours) = match origin {
            Origin::Given => ("given", None),
            Origin::Measured { source, hours } => (source.as_str(), Some(*hours)),
        };
        Self {
            source,
            hours,
            guardrails: loads
                .iter()
                .map(|(name, load)| (name.as_str(), load.into()))
                .collect(),
            users_per_second: *users_per_second,
        }
    }
}

impl From<&Load> for LoadPart {
    fn from(load: &Load) -> Self {
        let Load {
            per_second,
            baseline,
            dispersion,
            belief,
            scatter: _,
            levels: _,
            unsplit: _,
            is_shown: _,
        } = load;
        Self {
            per_second: *per_second,
            baseline: *baseline,
            dispersion: *dispersion,
            learnt: belief.is_learnt(),
            believed: belief.clumps(),
            scatter_known: load.is_variation_known(),
        }
    }
}

impl<'a> From<&'a StageForecast> for StagePart<'a> {
    fn from(stage: &'a StageForecast) -> Self {
        let StageForecast {
            stage,
            exposure,
            min_duration,
            floor,
            max_duration,
            guardrails,
            together,
        } = stage;
        Self {
            stage: *stage,
            exposure: exposure.percent(),
            min_duration_seconds: min_duration.seconds(),
            floor_seconds: floor.seconds(),
            max_duration_seconds: max_duration.map(Period::seconds),
            guardrails: guardrails.iter().map(GuardrailPart::from).collect(),
            together_seconds: together
                .as_ref()
                .and_then(|together| together.after)
                .map(Period::seconds),
        }
    }
}

impl<'a> From<&'a GuardrailForecast> for GuardrailPart<'a> {
    fn from(guardrail: &'a GuardrailForecast) -> Self {
        let GuardrailForecast {
            name,
            kind,
            on_breach,
            is_shared: _,
            answer,
        } = guardrail;
        Self {
            name,
            kind: kind.key(),
            on_breach: on_breach.key(),
            answer: answer.into(),
        }
    }
}

impl From<&Answer> for AnswerPart {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::Unforeseen(why) => Self::Unforeseen {
                unforeseen: why.to_string(),
                code: why.code(),
            },
            Answer::Foreseen(numbers) => {
                let Numbers {
                    tolerated,
                    smallest,
                    rule_out,
                    rule_out_after,
                    affordable,
                    at_half: _,
                    harms,
                } = numbers;
                Self::Foreseen {
                    smallest_found: *smallest,
                    tolerated: written(*tolerated),
                    rule_out: rule_out.map(written),
                    rule_out_seconds: rule_out_after.map(Period::seconds),
                    smallest_ruled_out: *affordable,
                    harms: harms.iter().map(HarmPart::from).collect(),
                }
            }
        }
    }
}

/// As in a plan: `10%`, `limit 2%`.
fn written(asked: Asked) -> String {
    match asked {
        Asked::Harm(effect) => effect.to_string(),
        Asked::Limit(bound) => format!("limit {bound}"),
    }
}

impl From<&Harm> for HarmPart {
    fn from(harm: &Harm) -> Self {
        let Harm { factor, cost } = harm;
        Self {
            factor: *factor,
            until_found: cost.as_ref().map(CostPart::from),
        }
    }
}

impl From<&Cost> for CostPart {
    fn from(cost: &Cost) -> Self {
        let Cost {
            time,
            exposed,
            users,
            excess,
        } = cost;
        Self {
            seconds: time.seconds(),
            exposed: *exposed,
            users: *users,
            excess: *excess,
        }
    }
}

impl<'a> From<&'a HarmOutcome> for JourneyPart<'a> {
    fn from(journey: &'a HarmOutcome) -> Self {
        let HarmOutcome {
            guardrail,
            factor,
            end,
            cost,
        } = journey;
        let (end, stage) = match end {
            End::RolledBack { stage } => ("rolled_back", Some(*stage)),
            End::Stuck { stage } => ("stuck", Some(*stage)),
            End::Released => ("released", None),
        };
        Self {
            guardrail,
            factor: *factor,
            end,
            stage,
            cost: cost.into(),
        }
    }
}

impl From<&InfeasibleStage> for DoubtPart {
    fn from(doubt: &InfeasibleStage) -> Self {
        Self {
            stage: doubt.stage,
            guardrail: doubt.guardrail.clone(),
            code: doubt.code(),
            problem: doubt.problem(),
            cure: doubt.cure(),
        }
    }
}

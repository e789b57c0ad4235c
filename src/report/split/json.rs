//! The answer as JSON for programs.

use chrono::SecondsFormat;
use serde::Serialize;

use crate::plan::Word as _;
use crate::simulate::{GuardrailAnswer, LeftOut, Scatter, SmallestHarm, SplitAnswer, StageAnswer};
use crate::units::Instant;

use super::words;

/// The answer as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    plan: &'a str,
    source: &'a str,
    from: String,
    to: String,
    days: f64,
    places: usize,
    instances: usize,
    label: Option<&'a str>,
    rollouts: u32,
    splits: u32,
    rolled_back: RolledBack,
    paused: u32,
    held: u32,
    released: u32,
    data_ended: u32,
    released_median_seconds: Option<i64>,
    too_often: bool,
    stages: Vec<StagePart>,
    guardrails: Vec<GuardrailPart<'a>>,
    left_out: Vec<LeftOutPart<'a>>,
}

#[derive(Debug, Serialize)]
struct RolledBack {
    count: u32,
    share: f64,
    lower: f64,
    upper: f64,
}

#[derive(Debug, Serialize)]
struct StagePart {
    stage: u32,
    exposure: f64,
    exposure_here: f64,
    places: usize,
    min_duration_seconds: u32,
    entered: u32,
    left: u32,
    median_seconds: Option<i64>,
    rolled_back: u32,
    paused: u32,
}

#[derive(Debug, Serialize)]
struct GuardrailPart<'a> {
    name: &'a str,
    on_breach: &'static str,
    rolled_back: u32,
    paused: u32,
    harms: Vec<HarmPart>,
    scatter: ScatterPart,
}

#[derive(Debug, Serialize)]
struct HarmPart {
    stage: u32,
    outcome: &'static str,
    factor: Option<f64>,
    median_seconds: Option<i64>,
}

#[derive(Debug, Serialize)]
struct ScatterPart {
    words: String,
    clumps: Option<f64>,
    drift: Option<f64>,
    spread: Option<f64>,
    hour: Option<f64>,
    day: Option<f64>,
}

#[derive(Debug, Serialize)]
struct LeftOutPart<'a> {
    name: &'a str,
    code: &'static str,
    why: String,
}

/// As one JSON document. `budget` is the share of healthy rollouts that the plan lets be rolled back.
#[must_use]
pub fn document(answer: &SplitAnswer, budget: f64) -> Document<'_> {
    let SplitAnswer {
        plan,
        source,
        from,
        to,
        slots,
        instances,
        label,
        rollouts,
        splits,
        rolled_back,
        rolled_back_interval: (lower, upper),
        paused,
        held,
        released,
        data_ended,
        released_after,
        stages,
        guardrails,
        left_out,
    } = answer;
    Document {
        format: "rollout-split/1",
        plan,
        source,
        from: written(*from),
        to: written(*to),
        days: answer.days(),
        places: *slots,
        instances: *instances,
        label: label.as_deref(),
        rollouts: *rollouts,
        splits: *splits,
        rolled_back: RolledBack {
            count: *rolled_back,
            share: f64::from(*rolled_back) / f64::from((*rollouts).max(1)),
            lower: *lower,
            upper: *upper,
        },
        paused: *paused,
        held: *held,
        released: *released,
        data_ended: *data_ended,
        released_median_seconds: *released_after,
        too_often: answer.rolls_back_too_often(budget),
        stages: stages.iter().map(StagePart::from).collect(),
        guardrails: guardrails.iter().map(GuardrailPart::from).collect(),
        left_out: left_out
            .iter()
            .map(|(name, why)| LeftOutPart {
                name,
                code: match why {
                    LeftOut::Unsplit(why) => why.word(),
                    LeftOut::Point => "point",
                },
                why: words::left_out(*why),
            })
            .collect(),
    }
}

impl From<&StageAnswer> for StagePart {
    fn from(answer: &StageAnswer) -> Self {
        let StageAnswer {
            stage,
            exposure,
            share,
            slots,
            min_duration,
            entered,
            left,
            seconds,
            rolled_back,
            paused,
        } = *answer;
        Self {
            stage,
            exposure: exposure.percent(),
            exposure_here: 100.0 * share,
            places: slots,
            min_duration_seconds: min_duration.seconds(),
            entered,
            left,
            median_seconds: seconds,
            rolled_back,
            paused,
        }
    }
}

impl<'a> From<&'a GuardrailAnswer> for GuardrailPart<'a> {
    fn from(answer: &'a GuardrailAnswer) -> Self {
        let GuardrailAnswer {
            name,
            on_breach,
            divides,
            rolled_back,
            paused,
            harms,
            scatter,
        } = answer;
        let harms = harms.iter().map(|(stage, harm)| {
            let (outcome, factor, median_seconds) = match harm {
                SmallestHarm::Found { factor, seconds } => {
                    let factor = if *divides { 1.0 / factor } else { *factor };
                    ("found", Some(factor), Some(*seconds))
                }
                SmallestHarm::Beyond => ("beyond", None, None),
                SmallestHarm::NotSought => ("not_sought", None, None),
                SmallestHarm::NoData => ("no_data", None, None),
            };
            HarmPart {
                stage: *stage,
                outcome,
                factor,
                median_seconds,
            }
        });
        Self {
            name,
            on_breach: on_breach.word(),
            rolled_back: *rolled_back,
            paused: *paused,
            harms: harms.collect(),
            scatter: (*scatter).into(),
        }
    }
}

impl From<Scatter> for ScatterPart {
    fn from(scatter: Scatter) -> Self {
        let words = words::scatter(scatter);
        let nothing = Self {
            words,
            clumps: None,
            drift: None,
            spread: None,
            hour: None,
            day: None,
        };
        match scatter {
            Scatter::Counts {
                clumps,
                drift,
                spread,
            } => Self {
                clumps: Some(clumps),
                drift: Some(drift),
                spread: Some(spread),
                ..nothing
            },
            Scatter::Values { hour, day } => Self {
                hour: Some(hour),
                day,
                ..nothing
            },
            Scatter::Unknown => nothing,
        }
    }
}

fn written(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

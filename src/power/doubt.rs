//! Stages that cannot do what they ask, at the traffic seen.

use crate::plan::OnBreach;
use crate::units::Period;

use super::{Answer, Asked, Forecast, StageForecast, Together};

/// A stage that will probably not rule out what it must in the time it has.
#[derive(Debug, Clone, PartialEq)]
pub struct InfeasibleStage {
    /// 1-based.
    pub stage: u32,
    /// The guardrail that takes longest.
    pub guardrail: String,
    /// What the stage must rule out.
    pub rule_out: Asked,
    /// The time it has.
    pub time: Period,
    /// The expected time; `None` is never.
    pub expected: Option<Period>,
    /// The smallest factor that could be ruled out within the stage's `min_duration`.
    pub affordable: Option<f64>,
    /// So many guardrails must do it together, where each alone can.
    pub together: Option<u32>,
    /// The expected time with half of the users exposed, where that is in time and more are exposed.
    pub at_half: Option<Period>,
}

impl InfeasibleStage {
    /// A short name that stays, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match (self.rule_out, self.together) {
            (Asked::Harm(_), None) => "harm-not-ruled-out-in-time",
            (Asked::Harm(_), Some(_)) => "not-all-ruled-out-in-time",
            (Asked::Limit(_), _) => "limit-not-proven-in-time",
        }
    }
}

/// A stage without `max_duration` may take this many times its `min_duration` before it is doubted:
/// the plan's author expected about `min_duration`, and a rollout that takes twice as long is a
/// surprise worth a warning.
const PATIENCE: u32 = 2;

/// Every guardrail and stage in doubt, in order.
#[must_use]
pub fn doubts(forecast: &Forecast) -> Vec<InfeasibleStage> {
    let mut doubts = Vec::new();
    for stage in &forecast.stages {
        let patience = stage.min_duration.seconds().saturating_mul(PATIENCE);
        let time = stage.max_duration.unwrap_or(Period::from_seconds(patience));
        for guardrail in &stage.guardrails {
            match guardrail.on_breach {
                OnBreach::Rollback | OnBreach::Pause => {}
                // It is watched and holds nothing up.
                OnBreach::Warn => continue,
            }
            let Answer::Foreseen(numbers) = &guardrail.answer else {
                continue;
            };
            let Some(rule_out) = numbers.rule_out else {
                continue;
            };
            if numbers
                .rule_out_after
                .is_none_or(|expected| expected > time)
            {
                doubts.push(InfeasibleStage {
                    stage: stage.stage,
                    guardrail: guardrail.name.clone(),
                    rule_out,
                    time,
                    expected: numbers.rule_out_after,
                    affordable: numbers.affordable,
                    together: None,
                    at_half: numbers.at_half.filter(|half| *half <= time),
                });
            }
        }
        if doubts.iter().all(|doubt| doubt.stage != stage.stage) {
            doubts.extend(all(stage, time));
        }
    }
    doubts
}

/// That the guardrails of a stage will not all pass in time, though each alone would.
fn all(stage: &StageForecast, time: Period) -> Option<InfeasibleStage> {
    let Together {
        guardrails,
        last,
        after,
        affordable,
        at_half,
    } = stage.together.as_ref()?;
    if after.is_some_and(|after| after <= time) {
        return None;
    }
    let named = stage
        .guardrails
        .iter()
        .find(|guardrail| guardrail.name == *last)?;
    let Answer::Foreseen(numbers) = &named.answer else {
        return None;
    };
    Some(InfeasibleStage {
        stage: stage.stage,
        guardrail: last.clone(),
        rule_out: numbers.rule_out?,
        time,
        expected: *after,
        affordable: *affordable,
        together: Some(*guardrails),
        at_half: at_half.filter(|half| *half <= time),
    })
}

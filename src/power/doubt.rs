//! Stages that cannot do what they ask, at the traffic seen.

use crate::plan::OnBreach;
use crate::units::Period;

use super::{Answer, Asked, Forecast};

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
}

impl InfeasibleStage {
    /// A short name that stays, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.rule_out {
            Asked::Harm(_) => "harm-not-ruled-out-in-time",
            Asked::Limit(_) => "limit-not-proven-in-time",
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
                });
            }
        }
    }
    doubts
}

//! Stages that cannot do what they ask, at the traffic seen.

use crate::plan::OnBreach;
use crate::units::Period;

use super::{Answer, Asked, Forecast};

/// A stage that will probably not rule out what it must in the time it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
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

/// A stage without `max_duration` may take this many times its `min_duration` before it is doubted:
/// the plan's author expected about `min_duration`, and a rollout that takes twice as long is a
/// surprise worth a warning.
const PATIENCE: u32 = 2;

/// Every guardrail and stage in doubt, in order.
#[must_use]
pub fn doubts(forecast: &Forecast) -> Vec<Doubt> {
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
                doubts.push(Doubt {
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

impl Doubt {
    /// What is wrong, as a lower-case fragment.
    #[must_use]
    pub fn problem(&self) -> String {
        let expected = match self.expected {
            Some(expected) => format!("expected after {}", expected.rough()),
            None => "not expected within a year".into(),
        };
        let what = match self.rule_out {
            Asked::Harm(effect) => format!("rule out harm of {effect} for {}", self.guardrail),
            Asked::Limit(limit) => {
                format!("prove that {} keeps its limit of {limit}", self.guardrail)
            }
        };
        format!(
            "stage {} will probably not {what} within {} ({expected})",
            self.stage,
            self.time.rough(),
        )
    }

    /// What to write instead.
    #[must_use]
    pub fn cure(&self) -> String {
        match (self.rule_out, self.affordable) {
            (Asked::Limit(_), _) => "raise the `limit`, write `rule_out = \"nothing\"`, expose more users, or give it more time".into(),
            (Asked::Harm(_), Some(factor)) => {
                // Rounded up, so that what is written can be done.
                let factor = (factor * 20.0).ceil() / 20.0;
                format!(
                    "write `rule_out = \"{factor}x\"`, which its min_duration affords, or expose more users, or give it more time"
                )
            }
            (Asked::Harm(_), None) => "write `rule_out = \"nothing\"`, or expose more users, or give it more time: at this traffic it can rule nothing out".into(),
        }
    }
}

//! Stages that cannot do what they ask, at the traffic seen.

use crate::plan::OnBreach;
use crate::units::{Effect, Period};

use super::{Answer, Forecast};

/// A stage that will probably not rule out what it must in the time it has.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// 1-based.
    pub stage: u32,
    /// The guardrail that takes longest.
    pub guardrail: String,
    /// What the stage must rule out.
    pub rule_out: Effect,
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
        format!(
            "stage {} will probably not rule out harm of {} for {} within {} ({expected})",
            self.stage,
            self.rule_out,
            self.guardrail,
            self.time.rough(),
        )
    }

    /// What to write instead.
    #[must_use]
    pub fn cure(&self) -> String {
        match self.affordable {
            Some(factor) => {
                // Rounded up, so that what is written can be done.
                let factor = (factor * 20.0).ceil() / 20.0;
                format!(
                    "write `rule_out = \"{factor}x\"`, which its min_duration affords, or expose more users, or give it more time"
                )
            }
            None => "write `rule_out = \"nothing\"`, or expose more users, or give it more time: at this traffic it can rule nothing out".into(),
        }
    }
}

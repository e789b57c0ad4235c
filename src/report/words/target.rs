//! How a target stands, and what a person does about it.

use std::fmt;

use crate::decide::{TargetStanding, TargetState};

use crate::units::Exposure;

use super::sentence::Sentence;

/// A target as its plan says it, and how it stands.
impl Sentence for TargetStanding {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            kind,
            told,
            state,
        } = self;
        let kind = kind.key();
        match state {
            TargetState::AsTold => write!(f, "{kind} in {file} shows {told}, as the plan says"),
            TargetState::Lags { shown } => write!(
                f,
                "{kind} in {file} still shows {shown}, and the plan says {told}"
            ),
            TargetState::Braked { shown } => write!(
                f,
                "{kind} in {file} shows {shown}, and the plan says {told}: somebody lowered it"
            ),
            TargetState::Off => write!(
                f,
                "{kind} in {file} is switched off: nobody is exposed, and the plan says {told}"
            ),
            TargetState::Raised { shown } => write!(
                f,
                "{kind} in {file} exposes {shown}, and the plan says {told}: somebody raised it"
            ),
            TargetState::Overruled { why } => {
                write!(
                    f,
                    "{kind} in {file} exposes more than its numbers say: {why}"
                )
            }
            TargetState::Changed { why } => {
                write!(f, "{kind} in {file} does not say one exposure: {why}")
            }
            TargetState::Unreadable { why } => {
                write!(f, "{kind} in {file} cannot be written: {why}")
            }
        }
    }
}

/// What to do about a target of this plan; nothing where there is nothing to be done.
pub(crate) fn cure(plan: &str, target: &TargetStanding) -> Option<String> {
    Some(match target.state {
        TargetState::AsTold => return None,
        TargetState::Lags { .. } => format!("`rollout sync {plan}` finishes it"),
        TargetState::Braked { .. } => format!(
            "`rollout resume {plan}` or `rollout sync --force {plan}` lets go of the brake, `rollout rollback {plan}` takes the rollout back"
        ),
        TargetState::Off => {
            format!("switch it on again, or take the rollout back: `rollout rollback {plan}`")
        }
        // Where the plan names the wrong arm, 0 % of it is everybody.
        TargetState::Raised { .. } if target.told == Exposure::NONE => {
            "set it to 0 % by hand; where the plan names the arm of those who do not see the change, correct the plan".into()
        }
        TargetState::Raised { .. } => {
            format!("lower it by hand, or take the rollout back: `rollout rollback {plan}`")
        }
        TargetState::Overruled { .. } => {
            format!("take it out of the file by hand; `rollout validate {plan}` shows the place")
        }
        TargetState::Changed { .. } => {
            format!("`rollout sync --force {plan}` writes what the plan says")
        }
        TargetState::Unreadable { .. } => {
            format!("`rollout validate {plan}` shows where and why")
        }
    })
}

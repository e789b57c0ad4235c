//! What cannot be foreseen of a plan, and stages that cannot do what they ask.

use std::fmt;

use crate::power::{Asked, InfeasibleStage, Unforeseen};
use crate::report::numbers::{bound, effect};

use super::sentence::Sentence;

impl Sentence for Unforeseen {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NobodyUnexposed => "there is no unexposed arm: nothing to compare with",
            Self::NoMargin => "no margin and no limit: nothing is tested",
            Self::Threshold => "a plain threshold has no error control to plan with",
            Self::NoSpread => {
                "how much it varies from block to block is known only after both arms have had two hours of traffic: ask again in the first stage, without --rps"
            }
            Self::NoTail => {
                "its traffic does not say how a longer quantile changes the share of slow requests; a margin on that share (`compare = \"share\"`) can be planned"
            }
            Self::NoTraffic => "no traffic is known for it",
        })
    }
}

/// What a column of forecasts shows.
impl Sentence for Asked {
    fn words(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Harm(harm) => f.write_str(&effect(*harm)),
            Self::Limit(limit) => write!(f, "limit {}", bound(*limit)),
        }
    }
}

impl InfeasibleStage {
    /// What is wrong, as a lower-case fragment.
    #[must_use]
    pub fn problem(&self) -> String {
        let expected = match self.expected {
            Some(expected) => format!("expected after {}", expected.rough()),
            None => "not expected within a year".into(),
        };
        let what = match (self.rule_out, self.together) {
            (Asked::Harm(harm), None) => {
                format!("rule out harm of {} for {}", effect(harm), self.guardrail)
            }
            (Asked::Harm(_), Some(guardrails)) => {
                format!("rule out what it must for all {guardrails} guardrails together")
            }
            (Asked::Limit(limit), _) => {
                format!(
                    "prove that {} keeps its limit of {}",
                    self.guardrail,
                    bound(limit)
                )
            }
        };
        let least = match (self.rule_out, self.together) {
            (Asked::Harm(harm), Some(_)) => {
                format!(
                    "; {}, at {}, has the least to spare",
                    self.guardrail,
                    effect(harm)
                )
            }
            (Asked::Harm(_), None) | (Asked::Limit(_), _) => String::new(),
        };
        format!(
            "stage {} will probably not {what} within {} ({expected}{least})",
            self.stage,
            self.time.rough(),
        )
    }

    /// What to write instead.
    #[must_use]
    pub fn cure(&self) -> String {
        let half = match self.at_half {
            Some(_) => {
                "prove it in a stage of 50 % before this one, where both arms are large, and write `rule_out = \"nothing\"` here; or "
            }
            None => "",
        };
        match (self.rule_out, self.affordable) {
            (Asked::Limit(_), _) => "raise the `limit`, write `rule_out = \"nothing\"`, expose more users, or give it more time".into(),
            (Asked::Harm(_), Some(factor)) => {
                // Rounded up, so that what is written can be done.
                let factor = (factor * 20.0).ceil() / 20.0;
                let (to, or) = match (self.at_half, self.together) {
                    (Some(_), None) => ("", "give it more time"),
                    (None, None) => ("", "expose more users, or give it more time"),
                    (_, Some(_)) => (
                        " to all of them",
                        "judge fewer guardrails, one of a sum in place of its parts, or give it more time",
                    ),
                };
                format!(
                    "{half}write `rule_out = \"{factor}x\"`, which its min_duration affords{to}, or {or}"
                )
            }
            (Asked::Harm(_), None) => format!("{half}write `rule_out = \"nothing\"`, or expose more users, or give it more time: at this traffic it can rule nothing out"),
        }
    }
}

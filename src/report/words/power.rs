//! What cannot be foreseen of a plan, and stages that cannot do what they ask.

use std::fmt;

use crate::power::{Asked, InfeasibleStage, Unforeseen};

impl fmt::Display for Unforeseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NobodyUnexposed => "nobody is unexposed: nothing to compare with",
            Self::NoMargin => "no margin and no limit: nothing is tested",
            Self::Threshold => "a plain threshold has no error control to plan with",
            Self::NoSpread => {
                "how it varies from block to block is known once both arms have had traffic for two hours of blocks: ask again in the first stage, without --rps"
            }
            Self::NoTail => {
                "how a longer quantile shows in the share of slow requests cannot be told from its traffic; a margin on that share (`compare = \"share\"`) can be planned"
            }
            Self::NoTraffic => "no traffic is known for it",
        })
    }
}

/// What a column of forecasts shows.
impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Harm(effect) => effect.fmt(f),
            Self::Limit(bound) => write!(f, "limit {bound}"),
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

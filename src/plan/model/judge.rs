//! What the judge needs to know beside the metrics: the arms' label, its budgets, and the length of
//! a block.

use crate::units::{Period, Probability};

use super::course::Ramp;

/// The label that tells the arms apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arms {
    /// Label name.
    pub label: String,
    /// Its value in the exposed arm.
    pub exposed: String,
    /// Its value in the unexposed arm.
    pub unexposed: String,
}

impl Default for Arms {
    fn default() -> Self {
        Self {
            label: "variant".into(),
            exposed: "treatment".into(),
            unexposed: "control".into(),
        }
    }
}

/// Budgets of the judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgeSettings {
    /// Chance of a false rollback over a whole rollout, however often it is looked at.
    pub rollback_alpha: Probability,
    /// Chance of leaving a stage although harm is beyond what it must rule out.
    pub advance_alpha: Probability,
    /// Length of a block; `None` is auto: [`JudgeSettings::block_for`].
    pub block: Option<Period>,
    /// Blocks at the start of a stage that are not judged; `None` is auto: 2.
    pub warmup: Option<u32>,
    /// Ask, before the first user is exposed, whether there is data to judge by.
    pub preflight: bool,
}

impl Default for JudgeSettings {
    fn default() -> Self {
        Self {
            rollback_alpha: Probability::FIVE_PERCENT,
            advance_alpha: Probability::FIVE_PERCENT,
            block: None,
            warmup: None,
            preflight: true,
        }
    }
}

impl JudgeSettings {
    /// Blocks not judged after a change of exposure: traffic shifts and caches fill.
    pub const AUTO_WARMUP: u32 = 2;

    /// The block length for a stage of this minimum duration: one minute for stages up to two
    /// hours, else five. Both are four scrapes or more at usual intervals, and short enough to
    /// notice harm within minutes.
    #[must_use]
    pub fn block_for(&self, min_duration: Period) -> Period {
        self.block.unwrap_or_else(|| {
            if !min_duration.is_zero() && min_duration <= Period::from_hours(2) {
                Period::from_minutes(1)
            } else {
                Period::from_minutes(5)
            }
        })
    }

    /// The block length for a ramp, from what its plan says and never from the clock or the traffic:
    /// every run must ask about the same blocks. One minute where it moves every quarter of an hour
    /// or is over in two hours, so that several blocks close between two moves; else five, and longer
    /// ones for ramps of more than a week, so that a record stays at about two thousand blocks, but
    /// never longer than a third of `every`. What the evidence says hardly depends on it: counts add
    /// up, and dispersion is measured at the length there is.
    #[must_use]
    pub fn block_for_ramp(&self, ramp: &Ramp) -> Period {
        /// The shortest time between two moves of a ramp with `every = "auto"`.
        const AUTO: Period = Period::from_minutes(15);
        let minutes = Period::from_minutes;
        self.block.unwrap_or_else(|| {
            let every = ramp.every.unwrap_or(minutes(60));
            if every <= AUTO || ramp.over <= Period::from_hours(2) {
                return minutes(1);
            }
            let days = |days: u32| Period::from_hours(24 * days);
            let wanted = if ramp.over <= days(7) {
                minutes(5)
            } else if ramp.over <= days(21) {
                minutes(15)
            } else {
                minutes(60)
            };
            // With `every = "auto"` a busy service moves in a quarter of an hour.
            let between = ramp.every.unwrap_or(AUTO).seconds() / 3;
            if wanted.seconds() <= between {
                wanted
            } else {
                minutes(5)
            }
        })
    }

    /// Blocks at the start of a stage that are not judged.
    #[must_use]
    pub fn warmup_blocks(&self) -> u32 {
        self.warmup.unwrap_or(Self::AUTO_WARMUP)
    }
}

#[cfg(test)]
mod tests {
    use super::JudgeSettings;
    use crate::plan::model::course::{Curve, Pace, Ramp};
    use crate::units::{Exposure, Period};

    #[test]
    fn a_ramps_blocks_follow_what_its_plan_says() {
        let period = |text: &str| Period::parse(text).unwrap();
        let block = |over: &str, every: Option<&str>| {
            let ramp = Ramp {
                from: Exposure::HUNDREDTH,
                to: Exposure::FULL,
                over: period(over),
                curve: Curve::Geometric,
                every: every.map(period),
                pace: Pace::Fixed,
            };
            JudgeSettings::default().block_for_ramp(&ramp).to_string()
        };
        assert_eq!(block("12h", Some("5m")), "1m");
        assert_eq!(block("2h", None), "1m");
        assert_eq!(block("12h", None), "5m");
        assert_eq!(block("7d", Some("1h")), "5m");
        assert_eq!(block("14d", Some("1h")), "15m");
        assert_eq!(block("60d", Some("1d")), "1h");
        // A third of `every`, for a busy service's sake also where that is not known.
        assert_eq!(block("60d", Some("1h")), "5m");
        assert_eq!(block("60d", None), "5m");
        let fixed = JudgeSettings {
            block: Some(period("2m")),
            ..JudgeSettings::default()
        };
        let plan = Ramp {
            from: Exposure::HUNDREDTH,
            to: Exposure::FULL,
            over: period("60d"),
            curve: Curve::Linear,
            every: None,
            pace: Pace::Fixed,
        };
        assert_eq!(fixed.block_for_ramp(&plan), period("2m"));
    }
}

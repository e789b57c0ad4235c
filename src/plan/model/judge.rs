//! What the judge needs to know beside the metrics: its budgets, and the length of a block.

use crate::units::{Effect, Period, Probability};

use super::course::Ramp;

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
    /// So long after the blocks that are not judged only gross harm counts; `None` is auto:
    /// [`JudgeSettings::gross_blocks`].
    pub gross_for: Option<Period>,
    /// What gross harm is: a ratio of the arms.
    pub gross: Effect,
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
            gross_for: None,
            gross: Effect::Ratio(3.0),
            preflight: true,
        }
    }
}

impl JudgeSettings {
    /// Blocks not judged after a change of exposure: traffic shifts and caches fill.
    pub const AUTO_WARMUP: u32 = 2;

    /// The block length for stages of minutes: three scrapes at an interval of five seconds.
    const SHORT_BLOCK: Period = Period::from_seconds(15);

    /// The block length for a stage of this minimum duration: a quarter of a minute for stages up to
    /// ten minutes, one minute up to two hours, else five. Short enough to notice harm within a tenth
    /// of the stage. It follows the plan alone, so that every run asks about the same blocks; where
    /// scrapes do not fill a block, the judge puts several together.
    #[must_use]
    pub fn block_for(&self, min_duration: Period) -> Period {
        self.block.unwrap_or_else(|| {
            if min_duration.is_zero() {
                Period::from_minutes(5)
            } else if min_duration <= Period::from_minutes(10) {
                Self::SHORT_BLOCK
            } else if min_duration <= Period::from_hours(2) {
                Period::from_minutes(1)
            } else {
                Period::from_minutes(5)
            }
        })
    }

    /// The shortest stage that anything can be judged in, at this minimum duration's blocks: what is left
    /// of the block in which it begins, the warm-up, and two blocks, since one alone does not show how
    /// much they vary.
    #[must_use]
    pub fn floor_for(&self, min_duration: Period) -> Period {
        let block = self.block_for(min_duration);
        let blocks = self.warmup_blocks(block).saturating_add(3);
        Period::from_seconds(block.seconds().saturating_mul(blocks))
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

    /// Blocks at the start of a stage that are not judged, where blocks are so long: two, and one where
    /// the plan's short stages have made them short.
    #[must_use]
    pub fn warmup_blocks(&self, block: Period) -> u32 {
        self.warmup.unwrap_or(match self.block {
            None if block <= Self::SHORT_BLOCK => 1,
            None | Some(_) => Self::AUTO_WARMUP,
        })
    }

    /// Judged blocks at the start of a stage of this minimum duration in which only gross harm counts,
    /// where blocks are so long. By itself that is the rest of the first half hour of a stage of a day,
    /// or of a 48th of a shorter one, after the blocks that are not judged: caches fill and connections
    /// are made in that time.
    #[must_use]
    pub fn gross_blocks(&self, min_duration: Period, block: Period) -> u32 {
        /// Of the minimum duration.
        const PART: u32 = 48;
        const MOST: Period = Period::from_minutes(30);
        let block_seconds = block.seconds().max(1);
        let seconds = self.gross_for.map_or_else(
            || {
                let first = (min_duration.seconds() / PART).min(MOST.seconds());
                first.saturating_sub(block_seconds.saturating_mul(self.warmup_blocks(block)))
            },
            Period::seconds,
        );
        seconds / block_seconds
    }
}

#[cfg(test)]
mod tests {
    use super::JudgeSettings;
    use crate::plan::model::course::{Curve, Pace, Ramp};
    use crate::units::{Exposure, Period};

    #[test]
    fn a_stages_blocks_and_warm_up_follow_its_least_duration() {
        let period = |text: &str| Period::parse(text).unwrap();
        let auto = JudgeSettings::default();
        for (least, block, warmup, floor) in [
            ("0s", "5m", 2, "25m"),
            ("30s", "15s", 1, "1m"),
            ("10m", "15s", 1, "1m"),
            ("11m", "1m", 2, "5m"),
            ("2h", "1m", 2, "5m"),
            ("24h", "5m", 2, "25m"),
        ] {
            let least = period(least);
            assert_eq!(auto.block_for(least), period(block), "{least}");
            assert_eq!(auto.warmup_blocks(period(block)), warmup, "{least}");
            assert_eq!(auto.floor_for(least), period(floor), "{least}");
        }
        // What a plan says itself holds.
        let said = JudgeSettings {
            block: Some(period("15s")),
            ..auto
        };
        assert_eq!(said.warmup_blocks(period("15s")), 2);
        let said = JudgeSettings {
            warmup: Some(4),
            ..auto
        };
        assert_eq!(said.warmup_blocks(period("15s")), 4);
    }

    #[test]
    fn only_gross_harm_counts_for_the_rest_of_the_first_half_hour() {
        let period = |text: &str| Period::parse(text).unwrap();
        let auto = JudgeSettings::default();
        for (least, block, blocks) in [
            ("24h", "5m", 4),
            ("5d", "5m", 4),
            ("12h", "5m", 1),
            ("8h", "5m", 0),
            ("2h", "1m", 0),
            ("10m", "15s", 0),
        ] {
            let got = auto.gross_blocks(period(least), period(block));
            assert_eq!(got, blocks, "{least}");
        }
        // What a plan says itself comes after the blocks that are not judged.
        let said = JudgeSettings {
            gross_for: Some(period("30m")),
            ..auto
        };
        assert_eq!(said.gross_blocks(period("10m"), period("1m")), 30);
        let never = JudgeSettings {
            gross_for: Some(period("0s")),
            ..auto
        };
        assert_eq!(never.gross_blocks(period("24h"), period("5m")), 0);
    }

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

//! What a stage leaves to the next: how noisy the comparison of the arms was.

use super::super::prior::freedom;
use super::extent::{Extent, GUESS, GUESS_WEIGHT};
use super::learnt::{KURTOSIS_OF_CLUMPS, Learnt};
use super::limits::{LOWER_DECILE_Z, limit, parallel};

/// What earlier stages measured, all of them together. The next one believes no more than this where it
/// has no past, and what certainly exceeds the past where it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Left {
    /// Blocks or clusters that it rests on.
    pub weight: f64,
    /// Degrees of freedom.
    pub freedom: f64,
    /// Upper 90 % limit of the dispersion within an hour, by weight.
    pub clumps: f64,
    /// What longer correlation added for each unit of information in five minutes, by weight.
    pub drift: f64,
    /// The largest lower 90 % limit of the dispersion within an hour that any stage had.
    pub least_clumps: f64,
    /// The same of what longer correlation added.
    pub least_drift: f64,
}

/// What one stage measured of its dispersion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct OfStage {
    pub(super) mid: f64,
    pub(super) low: f64,
    pub(super) up: f64,
    pub(super) long_run_mid: f64,
    pub(super) long_run_low: f64,
    pub(super) pace: f64,
    pub(super) weight: f64,
    pub(super) freedom: f64,
}

impl OfStage {
    /// From the dispersions with covariances of up to an hour, and of up to `lags` blocks.
    pub(super) fn of(short: f64, long_run: f64, lags: usize, extent: &Extent) -> Self {
        let clusters = extent.expected / (KURTOSIS_OF_CLUMPS * (short.max(1.0) - 1.0) + 1.0);
        let in_an_hour = 12.0 / extent.scale;
        let of_short = parallel(1.5 * extent.blocks / (in_an_hour + 1.0), clusters).max(2.0);
        let of_long = parallel(freedom(extent.blocks, lags), clusters).max(2.0);
        Self {
            mid: limit(short, of_short, 0.0),
            low: limit(short, of_short, -LOWER_DECILE_Z),
            up: limit(short, of_short, LOWER_DECILE_Z),
            long_run_mid: limit(long_run, of_long, 0.0),
            long_run_low: limit(long_run, of_long, -LOWER_DECILE_Z),
            pace: extent.pace(),
            weight: extent.blocks.min(extent.expected / short.max(GUESS)),
            freedom: of_long,
        }
    }
}

impl Left {
    /// What is left by this stage, and by those before it. `believed` is the dispersion of clumps that a
    /// past had taught, 1 where none had.
    pub(super) fn after(earlier: Option<&Self>, stage: &OfStage, believed: f64) -> Self {
        let per_pace = |more: f64| {
            if stage.pace > 0.0 {
                more.max(0.0) / stage.pace
            } else {
                0.0
            }
        };
        let own = Self {
            weight: stage.weight,
            freedom: stage.freedom,
            clumps: stage.up,
            drift: per_pace(stage.long_run_mid - stage.mid.max(1.0)),
            least_clumps: stage.low,
            least_drift: per_pace(stage.long_run_low - stage.low.max(believed).max(1.0)),
        };
        earlier.map_or(own, |earlier| earlier.and(&own))
    }

    /// What two stages left.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let weight = self.weight + other.weight;
        let mean = |a: f64, b: f64| {
            if weight > 0.0 {
                (a * self.weight + b * other.weight) / weight
            } else {
                a.max(b)
            }
        };
        Self {
            weight,
            freedom: self.freedom + other.freedom,
            clumps: mean(self.clumps, other.clumps),
            drift: mean(self.drift, other.drift),
            least_clumps: self.least_clumps.max(other.least_clumps),
            least_drift: self.least_drift.max(other.least_drift),
        }
    }

    /// Where there is no past: the stages weighed against a guess.
    pub(super) fn alone(&self) -> Learnt {
        /// Stages of the same rollout count for a third, as a past does, and for eight hours at most.
        const SHARE: f64 = 1.0 / 3.0;
        let total = GUESS_WEIGHT + self.weight;
        Learnt {
            clumps: ((GUESS_WEIGHT * GUESS + self.weight * self.clumps) / total).max(1.0),
            drift: self.weight * self.drift / total,
            weight: (GUESS_WEIGHT + SHARE * self.weight).min(96.0),
            freedom: SHARE * self.freedom,
            span: SPAN,
        }
    }

    /// Where there is a past: what certainly exceeds it.
    pub(super) fn beyond(&self, past: &Learnt) -> Learnt {
        Learnt {
            clumps: past.clumps.max(self.least_clumps),
            drift: self.least_drift,
            span: SPAN,
            ..*past
        }
    }
}

/// The blocks over which a day's stage shows correlation: one more than the root of 288.
pub(super) const SPAN: f64 = 18.0;

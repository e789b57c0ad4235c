//! What is believed of a metric's dispersion before a stage's own evidence has spoken, and how the two
//! are weighed against each other. Measuring is done in `dispersion`.

use super::tally::Tally;

/// What is believed of the dispersion before the evidence has spoken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// The believed dispersion, as far as clumps of events cause it: it is the same however many
    /// events there are.
    pub dispersion: f64,
    /// Its weight, in blocks.
    pub weight: f64,
    /// What slow drift adds for each unit of a block's information: drift is a share of the rate,
    /// so the more events, the more it stands out from chance.
    drift: f64,
    /// The information up to which that was seen.
    reach: f64,
    /// Degrees of freedom of what it was learnt from; none for a guess.
    freedom: f64,
}

impl Prior {
    /// Nothing is known: counts of real services vary about three times as much as independent
    /// events, and an hour of blocks outweighs this belief. Twice would find harm a little faster, but
    /// rolled back more healthy rollouts than the budget allows in the hardest noise.
    pub const UNKNOWN: Self = Self {
        dispersion: 3.0,
        weight: 12.0,
        drift: 0.0,
        reach: 0.0,
        freedom: 0.0,
    };

    /// What a history has taught.
    #[must_use]
    pub(super) const fn learnt(from: &Learnt) -> Self {
        Self {
            dispersion: from.clumps,
            weight: from.weight,
            drift: from.drift,
            reach: from.reach,
            freedom: from.freedom,
        }
    }

    /// True when it was learnt from a history rather than guessed.
    #[must_use]
    pub fn is_learnt(&self) -> bool {
        self.freedom > 0.0
    }

    /// The belief for evidence that starts after the arms have already shown this dispersion: what
    /// was found to be bursty does not become calm because a clock struck.
    #[must_use]
    pub fn after(shown: f64) -> Self {
        Self {
            dispersion: Self::UNKNOWN.dispersion.max(shown),
            ..Self::UNKNOWN
        }
    }

    /// An upper 90 % limit of the measured dispersion, weighed against this belief; at least 1. A
    /// belief that the measurement contradicts is given up for none.
    pub(super) fn weighed(self, measured: &Measured, tally: &Tally, cap: f64) -> f64 {
        if self.is_contradicted(measured, tally) {
            return Self::UNKNOWN.weighed(measured, tally, cap);
        }
        let freedom = freedom(tally.blocks, measured.lags) + self.freedom;
        let upper = upper_limit(measured.long_run, freedom).min(cap);
        // Blocks or expected events, whichever are fewer: an arm that has simply not seen its first
        // burst yet knows nothing of bursts.
        let weight = tally.blocks.min(tally.expected);
        let believed = self.believed(tally);
        let weighed = (self.weight * believed + weight * upper) / (self.weight + weight);
        // Any lower limit is below what was measured: most looks need no limit to know that.
        if self.is_learnt() && measured.within > weighed {
            weighed.max(least(measured, tally).min(cap)).max(1.0)
        } else {
            weighed.max(1.0)
        }
    }

    /// What was learnt elsewhere does not hold here: even the lower 90 % limit of what is measured,
    /// within the blocks or over them, lies above the belief.
    pub(super) fn is_contradicted(self, measured: &Measured, tally: &Tally) -> bool {
        if !self.is_learnt() {
            return false;
        }
        let believed = self.believed(tally);
        let beyond = |raw, freedom| limit(raw, freedom, -LOWER_DECILE_Z) > believed;
        // Any lower limit is below what was measured: most looks need no limit to know that.
        measured.within > believed
            && freedom_within(tally.blocks, tally.spread)
                .is_some_and(|freedom| beyond(measured.within, freedom))
            || measured.long_run > believed
                && beyond(measured.long_run, freedom(tally.blocks, measured.lags))
    }

    /// The belief for blocks of this size.
    pub(super) fn believed(&self, tally: &Tally) -> f64 {
        if !self.is_learnt() {
            return self.dispersion;
        }
        let information = tally.spread / tally.blocks.max(1.0);
        let learnt = (self.dispersion + self.drift * information.min(self.reach)).max(1.0);
        // What was learnt of halves of the unexposed arm is doubted until the arms themselves have
        // spoken: twofold before the first block, and by less than a tenth after three. Found with the
        // bench `calibration`: it costs no detection, and where the halves are calmer than the arms it
        // halves the false rollbacks that are left.
        let heard = tally.blocks.min(tally.spread);
        learnt * (1.0 + (1.0 + heard).powi(-2))
    }
}

/// The 10 % quantile of a standard normal variable.
pub(super) const LOWER_DECILE_Z: f64 = -1.281_551_565_544_600_4;

/// Whatever was learnt elsewhere, the dispersion is not below what the evidence itself has within
/// its blocks. The limit's normal deviate falls with the blocks, from about one for the first few,
/// in which chance alone makes clumps, to none (tuned with the bench `calibration`).
fn least(measured: &Measured, tally: &Tally) -> f64 {
    freedom_within(tally.blocks, tally.spread).map_or(1.0, |freedom| {
        limit(measured.within, freedom, 1.0 / freedom.sqrt())
    })
}

/// Degrees of freedom of a long-run variance over so many blocks and lags.
pub(super) fn freedom(blocks: f64, lags: usize) -> f64 {
    (1.5 * blocks / (lags as f64 + 1.0)).max(2.0)
}

/// Degrees of freedom of the variance within blocks: one a block, and fewer where a block holds
/// few events, because a Poisson count has a kurtosis of its own. Less than one is none.
pub(super) fn freedom_within(blocks: f64, spread: f64) -> Option<f64> {
    let information = spread / blocks;
    let freedom = (blocks - 1.0) / (1.0 + 0.5 / information);
    (information > 0.0 && freedom >= 1.0).then_some(freedom)
}

/// A median-unbiased estimate of a variance.
pub(super) fn median(raw: f64, freedom: f64) -> f64 {
    limit(raw, freedom, 0.0)
}

/// The upper 90 % limit of a variance.
pub(super) fn upper_limit(raw: f64, freedom: f64) -> f64 {
    limit(raw, freedom, LOWER_DECILE_Z)
}

/// The variance that would leave what is measured at this quantile, given by its normal deviate, of
/// what is to be expected: chi-square, after Wilson and Hilferty.
pub(super) fn limit(raw: f64, freedom: f64, z: f64) -> f64 {
    raw * freedom / chi_square_quantile(freedom, z)
}

/// What the evidence itself says of its dispersion, for at least two blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    /// Within blocks: clumps of events.
    pub(super) within: f64,
    /// Over blocks as well: the long-run variance, clumps and drift.
    pub(super) long_run: f64,
    /// Over so many lags.
    pub(super) lags: usize,
}

/// What two alike halves of an arm have taught.
#[derive(Debug, Clone, Copy)]
pub(super) struct Learnt {
    /// Estimate of the dispersion within a block.
    pub(super) clumps: f64,
    /// Upper limit of what drift adds for each unit of information.
    pub(super) drift: f64,
    /// The information of a block in which that was seen.
    pub(super) reach: f64,
    /// Weight in blocks.
    pub(super) weight: f64,
    /// Degrees of freedom.
    pub(super) freedom: f64,
}

/// The quantile of a chi-square variable at a standard normal deviate, after Wilson and Hilferty.
#[must_use]
pub(super) fn chi_square_quantile(freedom: f64, z: f64) -> f64 {
    let variance = 2.0 / (9.0 * freedom);
    freedom * (1.0 - variance + z * variance.sqrt()).max(0.05).powi(3)
}

#[cfg(test)]
mod tests {
    use super::super::moments::bandwidth;
    use super::*;

    /// A past without bursts or drift.
    fn calm() -> Prior {
        Prior::learnt(&Learnt {
            clumps: 1.0,
            drift: 0.0,
            reach: 3.0,
            weight: 96.0,
            freedom: 48.0,
        })
    }

    /// So many blocks with three expected exposed events each.
    fn tally(blocks: f64) -> Tally {
        Tally {
            blocks,
            expected: 3.0 * blocks,
            spread: 3.0 * blocks,
            ..Tally::default()
        }
    }

    fn measured(dispersion: f64, blocks: f64) -> Measured {
        Measured {
            within: dispersion,
            long_run: dispersion,
            lags: bandwidth(blocks),
        }
    }

    #[test]
    fn a_calm_past_is_doubted_until_the_arms_have_spoken() {
        let believed = |blocks: f64| calm().believed(&tally(blocks));
        assert!((believed(0.0) - 2.0).abs() < 1e-12);
        assert!((believed(1.0) - 1.25).abs() < 1e-12);
        assert!(believed(10.0) < 1.01);
    }

    #[test]
    fn what_the_arms_show_soon_outweighs_a_calm_past() {
        let used = |dispersion: f64, blocks: f64| {
            calm().weighed(&measured(dispersion, blocks), &tally(blocks), 50.0)
        };
        assert!(used(1.0, 7.0) < 1.5, "{}", used(1.0, 7.0));
        assert!(used(3.0, 7.0) > 3.0, "{}", used(3.0, 7.0));
        assert!(used(3.0, 100.0) > 3.0);
    }

    #[test]
    fn a_guess_is_never_contradicted_and_a_wild_past_is_not_by_calm_arms() {
        let wild = Prior::learnt(&Learnt {
            clumps: 6.0,
            drift: 0.0,
            reach: 3.0,
            weight: 96.0,
            freedom: 48.0,
        });
        for blocks in [2.0, 20.0, 200.0] {
            assert!(!Prior::UNKNOWN.is_contradicted(&measured(40.0, blocks), &tally(blocks)));
            assert!(!wild.is_contradicted(&measured(1.0, blocks), &tally(blocks)));
        }
    }

    #[test]
    fn lower_limits_lie_below_what_was_measured() {
        for freedom in [1.0, 1.5, 2.0, 5.0, 50.0, 5_000.0_f64] {
            assert!(limit(1.0, freedom, -LOWER_DECILE_Z) < 1.0, "{freedom}");
            assert!(limit(1.0, freedom, 1.0 / freedom.sqrt()) < 1.0, "{freedom}");
        }
    }

    #[test]
    fn a_handful_of_events_says_nothing_of_clumps() {
        let few = Tally {
            blocks: 12.0,
            expected: 0.5,
            spread: 0.5,
            ..Tally::default()
        };
        assert_eq!(freedom_within(few.blocks, few.spread), None);
        assert!(calm().weighed(&measured(2.0, 12.0), &few, 50.0).is_finite());
    }
}

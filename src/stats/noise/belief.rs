//! What is believed of a metric's noise before evidence has spoken for itself, and how much it counts
//! for against what the evidence shows.

use super::super::prior::{Measured, freedom, freedom_within};
use super::extent::{Extent, GUESS, GUESS_WEIGHT};
use super::learnt::Learnt;
use super::left::Left;
use super::limits::{LOWER_DECILE_Z, growth, limit};

/// No variance is told from any larger one beyond this: evidence counts for nothing then.
pub(super) const IMMEASURABLE: f64 = 5_000.0;

/// What is believed of the noise of a comparison of two arms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Belief {
    /// From a past, and from earlier stages; whichever makes more noise is believed.
    sources: [Source; 2],
    weight: f64,
    freedom: f64,
    is_learnt: bool,
}

/// Dispersion as a straight line in a block's information, whose slope grows with the blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Source {
    clumps: f64,
    drift: f64,
    /// How much its drift had added up in the time that it was measured over.
    grown: f64,
}

impl Source {
    const NONE: Self = Self {
        clumps: 1.0,
        drift: 0.0,
        grown: 1.0,
    };
}

/// How much evidence is tempered, and why so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tempered {
    /// The dispersion, which may be below 1, without what arms are always granted.
    pub(super) dispersion: f64,
    /// That of clumps, which skews it; no more counts than the whole.
    pub(super) clumps: f64,
    /// What was measured cannot be if the belief is right.
    pub(super) is_contradicted: bool,
}

impl Belief {
    /// What a past has taught, if anything, and what earlier stages of the rollout left, if any did.
    #[must_use]
    pub fn of(history: Option<&Learnt>, left: Option<&Left>) -> Self {
        let source = |learnt: &Learnt| Source {
            clumps: learnt.clumps,
            drift: learnt.drift,
            grown: growth(learnt.span),
        };
        match (history, left) {
            (Some(past), left) => Self {
                sources: [
                    source(past),
                    left.map_or(Source::NONE, |left| source(&left.beyond(past))),
                ],
                weight: past.weight,
                freedom: past.freedom,
                is_learnt: true,
            },
            (None, Some(left)) => {
                let alone = left.alone();
                Self {
                    sources: [source(&alone), Source::NONE],
                    weight: alone.weight,
                    freedom: alone.freedom,
                    is_learnt: true,
                }
            }
            (None, None) => Self::guess(0.0),
        }
    }

    /// Nothing but that the arms have shown this dispersion; 0 where they have shown nothing.
    #[must_use]
    pub const fn guess(shown: f64) -> Self {
        Self {
            sources: [
                Source {
                    clumps: GUESS.max(shown),
                    ..Source::NONE
                },
                Source::NONE,
            ],
            weight: GUESS_WEIGHT,
            freedom: 0.0,
            is_learnt: false,
        }
    }

    /// The same, and no less than what the arms have shown.
    #[must_use]
    pub fn at_least(mut self, shown: f64) -> Self {
        self.sources[1].clumps = self.sources[1].clumps.max(shown);
        self
    }

    /// True when it was learnt rather than guessed.
    #[must_use]
    pub const fn is_learnt(&self) -> bool {
        self.is_learnt
    }

    /// In blocks, what it rests on; 0 for a guess.
    pub(super) const fn rests_on(&self) -> f64 {
        if self.is_learnt { self.weight } else { 0.0 }
    }

    /// The believed dispersion of clumps.
    #[must_use]
    pub fn clumps(&self) -> f64 {
        self.sources[0].clumps.max(self.sources[1].clumps)
    }

    /// The believed dispersion of evidence of this extent.
    pub(super) fn of_extent(&self, extent: &Extent) -> f64 {
        let pace = extent.pace();
        let of = |s: &Source| s.clumps + s.drift * pace * extent.grown / s.grown;
        let believed = of(&self.sources[0]).max(of(&self.sources[1])).max(1.0);
        if !self.is_learnt {
            return believed;
        }
        // What was learnt elsewhere is doubted until the arms themselves have spoken.
        let heard = extent.blocks.min(extent.information);
        believed * (1.0 + (1.0 + heard).powi(-2))
    }

    /// The dispersion to use: an upper 90 % limit of what was measured, weighed against the belief; more,
    /// where the measurement shows more. `None` was measured of a single block.
    pub(super) fn tempers(&self, measured: Option<&Measured>, extent: &Extent) -> Tempered {
        let believed = self.of_extent(extent);
        let Some(measured) = measured else {
            return Tempered {
                dispersion: believed,
                clumps: if self.is_learnt { self.clumps() } else { 1.0 },
                is_contradicted: false,
            };
        };
        let own = freedom(extent.blocks, measured.lags);
        let upper = limit(measured.long_run, own + self.freedom, LOWER_DECILE_Z).min(IMMEASURABLE);
        // Blocks or expected events, whichever are fewer: an arm that has simply not seen its first
        // burst yet knows nothing of bursts.
        let weight = extent.blocks.min(extent.expected);
        let mut phi = (self.weight * believed + weight * upper) / (self.weight + weight);
        let mut is_contradicted = false;
        if self.is_learnt {
            let within = freedom_within(extent.blocks, extent.information);
            let beyond = |raw: f64, freedom: f64| {
                // Any lower limit is below what was measured: most looks need none to know that.
                raw > believed && limit(raw, freedom, -LOWER_DECILE_Z) > believed
            };
            is_contradicted = within.is_some_and(|freedom| beyond(measured.within, freedom))
                || beyond(measured.long_run, own);
            if is_contradicted {
                phi = phi.max(upper).max(measured.within);
            }
            if let Some(freedom) = within.filter(|_| measured.within > phi) {
                phi = phi.max(limit(measured.within, freedom, 1.0 / freedom.sqrt()));
            }
            phi = phi.max(measured.long_run.min(IMMEASURABLE));
        }
        Tempered {
            dispersion: phi,
            clumps: if self.is_learnt { self.clumps() } else { phi },
            is_contradicted,
        }
    }
}

//! Means and levels: the expected evidence of how far they lie on the wrong side of what is asked. A mean's
//! follows from how it varies from block to block, a level's from how levels have wandered.

use std::sync::Arc;

use crate::judge::planning::LevelPast;
use crate::stats::{Foresight, PairedTest, Scored};
use crate::units::{Period, Worse};

use super::{Asked, BlockVariance};

/// Which of the two questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Breach,
    Pass,
}

/// What is expected of a mean or a level in a stage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) worse: Worse,
    /// In the unexposed arm, and in the exposed one.
    pub(super) baseline: f64,
    pub(super) level: f64,
    /// Terms of a mean in a block.
    pub(super) terms: f64,
    /// The share of traffic that is exposed.
    pub(super) share: f64,
    /// Length of a block.
    pub(super) block_seconds: f64,
    pub(super) scatter: Option<BlockVariance>,
    pub(super) levels: Option<&'a Levels>,
}

/// What the evidence of a level is expected to be, by what is asked.
#[derive(Debug, Clone)]
pub(super) struct Levels {
    /// For effects that are relative, of logarithms.
    by_ratio: Option<Arc<Foresight>>,
    by_difference: Option<Arc<Foresight>>,
    alone: Option<Arc<Foresight>>,
}

impl Levels {
    /// For what is tolerated and what must be ruled out, in blocks of this length.
    pub(super) fn of(past: &LevelPast, asked: [Option<Asked>; 2], block: Period) -> Self {
        let mut levels = Self {
            by_ratio: None,
            by_difference: None,
            alone: None,
        };
        for asked in asked.into_iter().flatten() {
            let (known, found) = match asked {
                Asked::Harm(effect) if effect.is_relative() => {
                    (&mut levels.by_ratio, past.of_arms(effect, block))
                }
                Asked::Harm(effect) => (&mut levels.by_difference, past.of_arms(effect, block)),
                Asked::Limit(_) => (&mut levels.alone, past.of_level(block)),
            };
            *known = found.map(Arc::new);
        }
        levels
    }

    /// True where anything can be expected.
    pub(super) const fn is_known(&self) -> bool {
        self.by_ratio.is_some() || self.by_difference.is_some() || self.alone.is_some()
    }
}

/// The expected course of what one question asks of means or levels.
#[derive(Debug, Clone)]
pub(super) enum Contrast {
    /// By how much a mean is on the wrong side, and how much that varies from block to block.
    Mean { size: f64, scatter: f64 },
    /// The same of a level. Nothing, where what is asked cannot be expected.
    Level {
        mean: f64,
        offset: f64,
        sign: f64,
        foresight: Option<Arc<Foresight>>,
    },
}

impl Contrast {
    /// `None` for counts.
    pub(super) fn of(expected: &Expected<'_>, asked: Asked, side: Side) -> Option<Self> {
        let Expected {
            worse,
            baseline,
            level,
            terms,
            share,
            block_seconds,
            scatter,
            levels,
        } = *expected;
        let sign = match (worse, side) {
            (Worse::Higher, Side::Breach) | (Worse::Lower, Side::Pass) => 1.0,
            (Worse::Higher, Side::Pass) | (Worse::Lower, Side::Breach) => -1.0,
        };
        if let Some(levels) = levels {
            let (mean, offset, foresight) = match asked {
                Asked::Harm(effect) if effect.is_relative() => {
                    let (ratio, _) = effect.null(worse);
                    ((level / baseline).ln(), ratio.ln(), &levels.by_ratio)
                }
                Asked::Harm(effect) => {
                    let (_, offset) = effect.null(worse);
                    (level - baseline, offset, &levels.by_difference)
                }
                Asked::Limit(limit) => (level, limit.value, &levels.alone),
            };
            return Some(Self::Level {
                mean,
                offset,
                sign,
                foresight: foresight.clone(),
            });
        }
        let scatter = scatter?;
        let (size, scatter) = match asked {
            Asked::Harm(effect) => {
                let (ratio, offset) = effect.null(worse);
                let size = level - ratio * baseline - offset;
                (size, scatter.of_contrast(terms, share, ratio))
            }
            Asked::Limit(limit) => (level - limit.value, scatter.of_level(block_seconds)),
        };
        Some(Self::Mean {
            size: sign * size,
            scatter,
        })
    }

    /// The logarithm of the expected e-value after so many blocks.
    pub(super) fn log_e(&self, blocks: f64) -> f64 {
        match self {
            Self::Mean { size, scatter } => PairedTest::foreseen(*size, *scatter, blocks),
            Self::Level {
                mean,
                offset,
                sign,
                foresight,
            } => foresight.as_ref().map_or(0.0, |foresight| {
                foresight.look(*mean, blocks).log_e(*offset, *sign)
            }),
        }
    }

    /// The expected score.
    pub(super) fn scored(&self, blocks: f64) -> Option<Scored> {
        match self {
            Self::Mean { size, scatter } => PairedTest::scored_foreseen(*size, *scatter, blocks),
            Self::Level {
                mean,
                offset,
                sign,
                foresight,
            } => {
                let look = foresight.as_ref()?.look(*mean, blocks);
                look.scored(*offset, *sign)
            }
        }
    }
}

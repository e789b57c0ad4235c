//! How events clump by what others than the exposed arm have shown: the unexposed arm's past, else the
//! unexposed arm of the stage itself.

use crate::stats::{Succession, TwoArmBlock, long_run_of_halves};

/// A span of the unexposed arm is half an hour, in which a session ends, and six blocks of a stage in a
/// hurry.
const SPAN_SECONDS: i64 = 1_800;
const SPAN_BLOCKS: i64 = 6;

/// What is known of it, block by block.
#[derive(Debug, Clone, Copy)]
pub(super) enum OthersClumps {
    /// The past has told.
    Past(f64),
    /// The unexposed arm tells.
    Unexposed(Succession),
}

impl OthersClumps {
    pub(super) fn new(past: Option<f64>, block_seconds: i64) -> Self {
        let blocks = (SPAN_SECONDS / block_seconds.max(1)).clamp(1, SPAN_BLOCKS);
        past.map_or_else(
            || Self::Unexposed(Succession::new(u32::try_from(blocks).unwrap_or(1))),
            Self::Past,
        )
    }

    /// Takes in a block of the stage.
    pub(super) fn push(&mut self, block: &TwoArmBlock) {
        match self {
            Self::Past(_) => {}
            Self::Unexposed(spans) => spans.push(block.unexposed_events, block.unexposed_total),
        }
    }

    /// What a pass reckons with where the arms show this dispersion.
    pub(super) fn at_least(&self, shown: f64) -> f64 {
        match self {
            Self::Past(dispersion) => shown.max(*dispersion),
            Self::Unexposed(spans) => spans.dispersion().map_or(shown, |seen| shown.max(seen)),
        }
    }
}

/// What the halves of the unexposed arm have told of a counted metric before the stage was entered.
pub(super) fn of_past(past: &[(i64, TwoArmBlock)]) -> Option<f64> {
    let blocks: Vec<TwoArmBlock> = past.iter().map(|(_, block)| *block).collect();
    long_run_of_halves(&blocks)
}

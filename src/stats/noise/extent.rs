//! What a belief and a measurement speak of: how much evidence there is; and what is believed of any
//! metric before there is a past.

use super::limits::growth;

/// Nothing is known: counts of real services vary about three times as much as independent events, and
/// an hour of blocks outweighs this belief.
pub(super) const GUESS: f64 = 3.0;
pub(super) const GUESS_WEIGHT: f64 = 12.0;

/// What evidence is about, in blocks of five minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    /// Judged blocks.
    pub(super) blocks: f64,
    /// Events expected in the exposed arm if both arms were alike.
    pub(super) expected: f64,
    /// Information of all blocks.
    pub(super) information: f64,
    /// Length of a block over five minutes.
    pub(super) scale: f64,
    /// How much a drift has added up in its time.
    pub(super) grown: f64,
}

impl Extent {
    /// So many blocks, each over five minutes so long.
    pub(super) fn new(blocks: f64, expected: f64, information: f64, scale: f64) -> Self {
        Self {
            blocks,
            expected,
            information,
            scale,
            grown: growth(blocks * scale),
        }
    }

    /// Its time in blocks of five minutes.
    pub(super) fn time(&self) -> f64 {
        self.blocks * self.scale
    }

    /// Information in five minutes.
    pub(super) fn pace(&self) -> f64 {
        if self.blocks > 0.0 {
            self.information / self.time()
        } else {
            0.0
        }
    }
}

//! What has begun in one block and comes in later ones.

use std::collections::VecDeque;

/// Events and requests that are to come, by block.
#[derive(Debug, Clone, Default)]
pub struct Pending {
    blocks: VecDeque<(f64, f64)>,
}

impl Pending {
    /// What is not over after so many blocks comes in the last of them.
    pub const LONGEST: usize = 48;

    /// Events and requests so many blocks from now.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of blocks, not negative, and cut off"
    )]
    pub fn put(&mut self, later: f64, events: f64, requests: f64) {
        let place = (later as usize).min(Self::LONGEST - 1);
        if self.blocks.len() <= place {
            self.blocks.resize(place + 1, (0.0, 0.0));
        }
        self.blocks[place].0 += events;
        self.blocks[place].1 += requests;
    }

    /// Those of the next block.
    pub fn take(&mut self) -> (f64, f64) {
        self.blocks.pop_front().unwrap_or_default()
    }
}

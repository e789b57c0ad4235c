//! How far each question looks back. Pure arithmetic of block ends; the rules are in the module's page.

/// An absent series is looked for this far back: an outage of scrapes up to this long loses nothing.
const LOOK_SECONDS: i64 = 3_600;

/// A series absent for the look-back, but seen within this, is no birth.
const MEMORY_SECONDS: i64 = 86_400;

/// A block without a sample counts as seen if there was one within this, as Prometheus itself takes a
/// series for present, and within what its scrapes lie apart: scrapes may be rarer than blocks.
const CARRY_SECONDS: i64 = 300;

/// Of so many of its last scrapes it is known how far they lay apart, in blocks.
pub(super) const GAPS: usize = 8;

/// So many blocks from a fall on are counted sample by sample, at least an hour and at most a day: a
/// process that has just been restarted is the likeliest to be restarted again.
const TAIL_BLOCKS: i64 = 12;

/// Numbers of blocks that the rules look back over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Length of a block in seconds, at least 1.
    pub(super) step: i64,
    /// The value before a block is the last one at so many block ends before it.
    pub(super) look: usize,
    /// A series seen at any of so many block ends before it is no birth.
    pub(super) memory: usize,
    /// A block without a sample is seen at most so many blocks after the last one that has one.
    pub(super) carry: usize,
    /// From a fall on so many blocks are counted sample by sample, that of the fall included.
    pub(super) tail: usize,
}

impl Window {
    /// For blocks of so many seconds.
    pub(super) fn of(block_seconds: u32) -> Self {
        let step = i64::from(block_seconds).max(1);
        let blocks =
            |seconds: i64| usize::try_from((seconds + step - 1) / step).unwrap_or(usize::MAX);
        let tail = (TAIL_BLOCKS * step).clamp(LOOK_SECONDS, MEMORY_SECONDS);
        Self {
            step,
            look: blocks(LOOK_SECONDS.max(step)),
            memory: blocks(MEMORY_SECONDS.max(4 * step)),
            carry: blocks(CARRY_SECONDS) - 1,
            tail: blocks(tail),
        }
    }

    /// So many blocks in seconds.
    pub(super) fn seconds(&self, blocks: usize) -> i64 {
        i64::try_from(blocks)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.step)
    }

    /// Block ends that are asked for before the first block, since it is compared with them.
    pub(super) fn lead(&self) -> usize {
        self.look.max(self.tail)
    }

    /// Block ends before those, at which a series of the stage may have been seen; often none.
    pub(super) fn before_lead(&self) -> usize {
        self.memory.saturating_sub(self.lead())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_five_minutes_look_back_an_hour_and_remember_a_day() {
        let window = Window::of(300);
        assert_eq!(
            (window.look, window.memory, window.carry, window.tail),
            (12, 288, 0, 12)
        );
        assert_eq!((window.lead(), window.before_lead()), (12, 276));
    }

    #[test]
    fn short_blocks_carry_a_sample_over_five_minutes() {
        let window = Window::of(15);
        assert_eq!(
            (window.look, window.memory, window.carry, window.tail),
            (240, 5_760, 19, 240)
        );
        assert_eq!(Window::of(60).carry, 4);
    }

    #[test]
    fn long_blocks_look_back_at_least_one_and_remember_four() {
        let hour = Window::of(3_600);
        assert_eq!(
            (hour.look, hour.memory, hour.carry, hour.tail),
            (1, 24, 0, 12)
        );
        let days = Window::of(2 * 86_400);
        assert_eq!((days.look, days.memory, days.tail), (1, 4, 1));
        let uneven = Window::of(7 * 60);
        assert_eq!((uneven.look, uneven.memory), (9, 206));
        assert_eq!(Window::of(6 * 3_600).before_lead(), 0);
    }
}

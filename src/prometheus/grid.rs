//! Blocks: equal intervals, aligned to multiples of their length in Unix time, so that every plan
//! and every run asks about the same ones.

use std::ops::Range;

use chrono::DateTime;

use crate::plan::Plan;
use crate::units::{Instant, Period};

/// The closed blocks of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Length of a block in seconds, at least 1.
    step: i64,
    /// End of the first block in Unix seconds.
    first: i64,
    /// Number of blocks.
    len: usize,
}

impl Grid {
    /// The blocks that begin at or after `since` and end at or before `until`.
    #[must_use]
    pub fn new(since: Instant, until: Instant, block: Period) -> Self {
        let step = i64::from(block.seconds()).max(1);
        // A stage entered within a second begins with the next one.
        let since = since.timestamp() + i64::from(since.timestamp_subsec_nanos() > 0);
        let first =
            since.div_euclid(step) * step + step * (1 + i64::from(since.rem_euclid(step) > 0));
        let last = until.timestamp().div_euclid(step) * step;
        let len = usize::try_from((last - first).div_euclid(step) + 1).unwrap_or(0);
        Self { step, first, len }
    }

    /// Length of a block.
    #[must_use]
    pub fn block(&self) -> Period {
        Period::from_seconds(u32::try_from(self.step).unwrap_or(u32::MAX))
    }

    /// Number of blocks.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True when no block has closed yet.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// End of the first block in Unix seconds.
    #[must_use]
    pub const fn first(&self) -> i64 {
        self.first
    }

    /// End of the last block in Unix seconds; `None` when there is no block.
    #[must_use]
    pub fn last(&self) -> Option<i64> {
        self.ends().next_back()
    }

    /// Block ends in Unix seconds, increasing.
    pub fn ends(&self) -> impl DoubleEndedIterator<Item = i64> + use<> {
        let (first, step) = (self.first, self.step);
        (0..i64::try_from(self.len).unwrap_or(i64::MAX)).map(move |k| first + k * step)
    }

    /// The blocks whose ends lie from `first` to `last`, both in Unix seconds and the first one an end.
    pub(super) fn of_ends(first: i64, last: i64, block: Period) -> Self {
        let step = i64::from(block.seconds()).max(1);
        let len = usize::try_from((last - first).div_euclid(step) + 1).unwrap_or(0);
        Self { step, first, len }
    }

    /// Every block from the first of either to the last of either. Blocks of one length are
    /// aligned alike.
    pub(super) fn union(&self, other: &Self) -> Self {
        let [mine, theirs] = [self, other].map(|grid| (grid.first, grid.last()));
        let first = mine.0.min(theirs.0);
        let last = mine.1.max(theirs.1).unwrap_or(first - self.step);
        Self {
            step: self.step,
            first,
            len: usize::try_from((last - first) / self.step + 1).unwrap_or(0),
        }
    }

    /// Whether these blocks overlap others that begin no later, or come right after them.
    pub(super) fn follows(&self, earlier: &Self) -> bool {
        let next = earlier.first + earlier.seconds(earlier.len);
        self.first <= next
    }

    /// The same blocks, and so many before them.
    pub(super) fn since_before(&self, blocks: usize) -> Self {
        Self {
            step: self.step,
            first: self.first - self.seconds(blocks),
            len: self.len + blocks,
        }
    }

    /// The first so many blocks.
    pub(super) fn first_of(&self, blocks: usize) -> Self {
        Self {
            len: self.len.min(blocks),
            ..*self
        }
    }

    /// The last so many blocks.
    pub(super) fn last_of(&self, blocks: usize) -> Self {
        let skipped = self.len.saturating_sub(blocks);
        Self {
            step: self.step,
            first: self.first + self.seconds(skipped),
            len: self.len - skipped,
        }
    }

    /// So many blocks before these.
    pub(super) fn before(&self, blocks: usize) -> Self {
        Self {
            step: self.step,
            first: self.first - self.seconds(blocks),
            len: blocks,
        }
    }

    /// The places that the blocks of another grid have in this one, as far as they are in it.
    pub(super) fn places(&self, other: &Self) -> Range<usize> {
        let place = |end: i64| {
            let place = usize::try_from((end - self.first).div_euclid(self.step)).unwrap_or(0);
            place.min(self.len)
        };
        let (first, last) = (place(other.first), other.last());
        first
            ..last
                .map_or(first, |last| place(last + self.step))
                .max(first)
    }

    fn seconds(&self, blocks: usize) -> i64 {
        i64::try_from(blocks)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.step)
    }

    /// First and last block end of each piece of at most `most` blocks.
    pub(super) fn pieces(&self, most: usize) -> Vec<(i64, i64)> {
        let ends: Vec<i64> = self.ends().collect();
        ends.chunks(most.max(1))
            .filter_map(|piece| Some((*piece.first()?, *piece.last()?)))
            .collect()
    }

    /// The block that ends here.
    #[must_use]
    pub fn index(&self, end_ms: i64) -> Option<usize> {
        let offset = end_ms - self.first.checked_mul(1_000)?;
        let step = self.step * 1_000;
        let index = usize::try_from(offset.div_euclid(step)).ok()?;
        (offset.rem_euclid(step) == 0 && index < self.len).then_some(index)
    }

    /// An instant as Unix seconds, for the evaluation of the last block.
    #[must_use]
    pub fn closed_at(&self) -> Option<Instant> {
        self.last().and_then(|end| DateTime::from_timestamp(end, 0))
    }
}

/// The block length of a plan's present stage: by the stage's `min_duration`, for a ramp by the
/// whole of it, whose evidence is one.
#[must_use]
pub fn block_of(plan: &Plan) -> Period {
    plan.judge.block_of(plan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    const FIVE: Period = Period::from_minutes(5);

    #[test]
    fn the_first_block_begins_at_or_after_the_entry() {
        let aligned = Grid::new(at(3_000), at(3_900), FIVE);
        assert_eq!(aligned.ends().collect::<Vec<_>>(), [3_300, 3_600, 3_900]);
        let late = Grid::new(at(3_001), at(3_900), FIVE);
        assert_eq!(late.ends().collect::<Vec<_>>(), [3_600, 3_900]);
    }

    #[test]
    fn only_closed_blocks_are_in_it() {
        assert_eq!(Grid::new(at(3_000), at(3_299), FIVE).len(), 0);
        assert_eq!(Grid::new(at(3_000), at(3_300), FIVE).last(), Some(3_300));
        assert_eq!(Grid::new(at(3_000), at(3_599), FIVE).len(), 1);
    }

    #[test]
    fn a_clock_that_went_back_makes_no_blocks() {
        assert!(Grid::new(at(9_000), at(3_000), FIVE).is_empty());
    }

    #[test]
    fn the_union_reaches_from_the_first_to_the_last_block() {
        let early = Grid::new(at(3_000), at(3_900), FIVE);
        let late = Grid::new(at(4_500), at(5_100), FIVE);
        for union in [early.union(&late), late.union(&early)] {
            assert_eq!(
                (union.first(), union.last(), union.len()),
                (3_300, Some(5_100), 7)
            );
        }
    }

    #[test]
    fn what_overlaps_or_comes_next_follows() {
        let early = Grid::new(at(3_000), at(3_900), FIVE);
        let from = |seconds| Grid::new(at(seconds), at(9_000), FIVE);
        let follows = [3_000, 3_600, 3_900, 4_200].map(|seconds| from(seconds).follows(&early));
        assert_eq!(follows, [true, true, true, false]);
    }

    #[test]
    fn blocks_are_found_in_a_longer_grid() {
        let stage = Grid::new(at(3_000), at(3_900), FIVE);
        let longer = stage.since_before(12);
        assert_eq!(
            (longer.first(), longer.last(), longer.len()),
            (-300, Some(3_900), 15)
        );
        assert_eq!(longer.places(&stage), 12..15);
        assert_eq!(stage.places(&longer), 0..3);
        let before = stage.before(12);
        assert_eq!((before.first(), before.last()), (-300, Some(3_000)));
        assert_eq!(longer.places(&before), 0..12);
        assert_eq!(stage.places(&before), 0..0);
    }

    #[test]
    fn pieces_cover_every_block_once() {
        let grid = Grid::new(at(3_000), at(4_800), FIVE);
        assert_eq!(grid.pieces(4), [(3_300, 4_200), (4_500, 4_800)]);
        assert!(Grid::new(at(3_000), at(3_000), FIVE).pieces(4).is_empty());
    }

    #[test]
    fn ends_are_found_and_other_instants_are_not() {
        let grid = Grid::new(at(3_000), at(3_900), FIVE);
        assert_eq!(grid.index(3_600_000), Some(1));
        assert_eq!(grid.index(3_600_123), None);
        assert_eq!(grid.index(4_200_000), None);
        assert_eq!(grid.index(3_000_000), None);
    }
}

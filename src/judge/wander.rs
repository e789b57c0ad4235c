//! How a test of levels that wander is fed: with the blocks of a stage, and with what a history had by
//! each of them. What a level is, is not known here.

use crate::stats::{DriftTest, Past};

use super::question::restart_blocks;

/// A history as a test takes it in: values by the ends of their blocks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wander {
    pub(super) past: Past,
    /// Length of its blocks in seconds.
    pub(super) block: i64,
    /// Block ends in Unix seconds, and the difference of halves or the level.
    pub(super) values: Vec<(i64, f64)>,
}

impl Wander {
    /// A test in blocks of this length in seconds, that knows nothing yet.
    pub(super) fn test(&self, block: i64) -> DriftTest {
        DriftTest::new(block, (self.past, self.block), restart_blocks(block))
    }
}

/// Feeds a test with what has closed by each look.
pub(super) struct Feed<'a> {
    wander: &'a Wander,
    next: usize,
    last: Option<i64>,
    block: i64,
}

impl<'a> Feed<'a> {
    pub(super) const fn new(wander: &'a Wander, block: i64) -> Self {
        Self {
            wander,
            next: 0,
            last: None,
            block,
        }
    }

    /// Takes in the block that ends here, and what the history had by then.
    pub(super) fn push(&mut self, test: &mut DriftTest, end: i64, levels: [f64; 2]) {
        self.learn_until(test, end);
        let skipped = self.last.map_or(0, |last| gap(last, end, self.block));
        test.push(skipped, levels[0], levels[1]);
        self.last = Some(end);
    }

    /// Takes in all that the history has.
    pub(super) fn learn(&mut self, test: &mut DriftTest) {
        self.learn_until(test, i64::MAX);
    }

    fn learn_until(&mut self, test: &mut DriftTest, end: i64) {
        let values = &self.wander.values;
        while let Some((at, value)) = values.get(self.next).filter(|(at, _)| *at <= end) {
            let before = self.next.checked_sub(1).map(|before| values[before].0);
            let skipped = before.map_or(0, |before| gap(before, *at, self.wander.block));
            test.push_history(skipped, *value);
            self.next += 1;
        }
    }
}

/// Blocks of so many seconds that lie between the ends of two.
fn gap(from: i64, to: i64, block: i64) -> u32 {
    u32::try_from((to - from) / block.max(1) - 1).unwrap_or(0)
}

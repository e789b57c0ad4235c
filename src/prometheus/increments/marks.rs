//! Where a process began anew, and what of that is known in a block. Pure; the rules are in the module's
//! page.

use std::collections::BTreeMap;

use super::window::Window;

/// Series of one scrape are this near to each other: collectors that push may write each a little later.
pub(super) const SAME_SCRAPE_MS: i64 = 500;

/// A fall between two values at block ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fall {
    /// The block of the lower value, by number.
    pub(super) block: usize,
    /// The block of the value before it.
    pub(super) since: usize,
    /// Whether the process was there in the block after it.
    pub(super) lives: bool,
}

/// A sample that shows that its process began anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Restart {
    /// When it was taken, in milliseconds.
    pub(super) at_ms: i64,
    /// The most that a counter that fell holds there: no counter of the process has counted more.
    pub(super) most: f64,
}

/// The restarts of the processes of one counter, for another counter of the same processes.
pub(in crate::prometheus) type Restarts = BTreeMap<String, Told>;

/// The restarts of one process.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::prometheus) struct Told {
    pub(super) falls: Vec<ToldFall>,
    pub(super) restarts: Vec<Restart>,
}

/// A fall by the ends of its blocks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ToldFall {
    pub(super) since: i64,
    pub(super) end: i64,
    pub(super) lives: bool,
}

/// What is known of the restarts of a series' process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Marks<'a> {
    /// In order of blocks.
    pub(super) falls: &'a [Fall],
    /// In order of time, from blocks whose samples were looked at.
    pub(super) restarts: &'a [Restart],
    /// Those among them at which another bucket of the same histogram fell, in milliseconds.
    pub(super) histogram: &'a [i64],
    /// Where parts begin whose increments must not depend on what was asked of the time before, in order.
    pub(super) parts: &'a [usize],
}

/// The last finite value before a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Last {
    pub(super) value: f64,
    pub(super) block: usize,
    /// Whether its process began anew after it in the same block, where its samples say so.
    pub(super) anew: Option<bool>,
}

impl<'a> Marks<'a> {
    /// The part of a block begins here.
    fn part(&self, block: usize) -> usize {
        let at = self.parts.partition_point(|begins| *begins <= block);
        at.checked_sub(1).map_or(0, |at| self.parts[at])
    }

    /// The falls that count for a block: what a part's own lead shows.
    fn falls_for(&self, window: &Window, block: usize) -> impl Iterator<Item = &'a Fall> {
        let since = self.part(block).saturating_sub(window.lead());
        let upto = self.falls.partition_point(|fall| fall.block <= block);
        let falls = self.falls[..upto].iter().rev();
        falls
            .take_while(move |fall| fall.block >= since)
            .filter(move |fall| fall.since >= since)
    }

    /// Whether the samples of a block count.
    pub(super) fn counts_samples(&self, window: &Window, block: usize) -> bool {
        // Of most processes, and asked of every block.
        if self.falls.is_empty() {
            return false;
        }
        let mut near = self
            .falls_for(window, block)
            .take_while(|fall| block - fall.block < window.tail);
        near.next().is_some()
    }

    /// Whether the process began anew within this block.
    pub(super) fn falls_within(&self, window: &Window, block: usize) -> bool {
        let last = self.falls_for(window, block).next();
        last.is_some_and(|fall| fall.block == block)
    }

    /// The restarts after an instant and up to another.
    pub(super) fn within(&self, after_ms: i64, until_ms: i64) -> &'a [Restart] {
        let from = self.restarts.partition_point(|one| one.at_ms <= after_ms);
        let upto = self.restarts.partition_point(|one| one.at_ms <= until_ms);
        &self.restarts[from..upto.max(from)]
    }

    /// Whether the process began anew after a series was seen last, and in an earlier block than the one
    /// in which it is there again. `end_ms` is the end of a block, by number.
    pub(super) fn between(
        &self,
        window: &Window,
        last: Option<Last>,
        block: usize,
        end_ms: impl Fn(usize) -> i64,
    ) -> bool {
        if self.falls.is_empty() && self.restarts.is_empty() {
            return false;
        }
        let part = self.part(block);
        let after = last.map(|last| last.block);
        let gone = |at: usize| after.is_none_or(|after| at > after);
        let known = last.and_then(|last| last.anew.filter(|_| last.block >= part));
        if known == Some(true) {
            return true;
        }
        let fell = self
            .falls_for(window, block)
            .filter(|fall| fall.block < block)
            .any(|fall| {
                // A series that goes where its process goes on went with the restart.
                let went = fall.lives && fall.block + 1 < block && known.is_none();
                gone(fall.block) || (after == Some(fall.block) && went)
            });
        let from = after.map_or(part, |after| part.max(after + 1));
        fell || (from < block
            && !self
                .within(end_ms(from) - window.step * 1_000, end_ms(block - 1))
                .is_empty())
    }
}

/// Counts samples one by one over the restarts of their process.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    marks: Marks<'a>,
    /// What the next sample is compared with; `None` where it is no news by itself.
    last: Option<f64>,
    /// When that was.
    at_ms: i64,
    pub(super) sum: f64,
}

impl<'a> Walk<'a> {
    /// From a value on that lies at or before this instant.
    pub(super) const fn from(marks: Marks<'a>, last: Option<f64>, at_ms: i64) -> Self {
        Self {
            marks,
            last,
            at_ms,
            sum: 0.0,
        }
    }

    /// Takes the next sample in.
    pub(super) fn pass(&mut self, at_ms: i64, value: f64) {
        if let Some(last) = self.last {
            self.sum += if value < last || self.began_anew(at_ms, value) {
                value
            } else {
                value - last
            };
        }
        self.last = Some(value);
        self.at_ms = at_ms;
    }

    /// Whether a value that is no lower than the one before it was counted from nothing on.
    fn began_anew(&self, at_ms: i64, value: f64) -> bool {
        let restarts = self
            .marks
            .within(self.at_ms + SAME_SCRAPE_MS, at_ms + SAME_SCRAPE_MS);
        restarts.iter().any(|restart| {
            // It was not there when its process had begun anew; or it was, and may have.
            restart.at_ms + SAME_SCRAPE_MS < at_ms || value <= restart.most
        }) || !self.near(at_ms).is_empty()
    }

    /// The falls of other buckets about this instant.
    fn near(&self, at_ms: i64) -> &'a [i64] {
        let all = self.marks.histogram;
        let from = all.partition_point(|at| at + SAME_SCRAPE_MS < at_ms);
        let upto = all.partition_point(|at| *at <= at_ms + SAME_SCRAPE_MS);
        &all[from..upto]
    }

    /// Whether the process began anew after the last sample, up to this instant.
    pub(super) fn is_gone(&self, until_ms: i64) -> bool {
        let after = self.at_ms + SAME_SCRAPE_MS;
        !self.marks.within(after, until_ms).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_buckets_of_a_histogram_begin_anew_where_one_fell() {
        let restarts = [Restart {
            at_ms: 15_000,
            most: 2.0,
        }];
        let counted = |histogram: &[i64]| {
            let marks = Marks {
                restarts: &restarts,
                histogram,
                ..Marks::default()
            };
            let mut walk = Walk::from(marks, Some(5.0), 0);
            walk.pass(15_003, 6.0);
            walk.pass(30_000, 7.0);
            walk.sum
        };
        assert_eq!(
            counted(&[15_000]).total_cmp(&7.0),
            std::cmp::Ordering::Equal
        );
        assert_eq!(counted(&[]).total_cmp(&2.0), std::cmp::Ordering::Equal);
    }

    #[test]
    fn samples_of_one_scrape_may_be_written_some_milliseconds_apart() {
        let restarts = [15_000, 15_004].map(|at_ms| Restart { at_ms, most: 2.0 });
        let marks = Marks {
            restarts: &restarts,
            ..Marks::default()
        };
        let mut walk = Walk::from(marks, Some(5.0), 0);
        walk.pass(15_002, 6.0);
        walk.pass(30_001, 7.0);
        assert!(!walk.is_gone(45_000));
        assert_eq!(walk.sum.total_cmp(&2.0), std::cmp::Ordering::Equal);
    }
}

//! What is kept of a counter between runs, and the rules by which it is used. Pure.
//!
//! A block depends on samples up to its end and on nothing later, so that a closed block changes only
//! where samples arrive late. Each series' values at the block ends are kept, since the increments that
//! are made of them are then the same as without a cache, by construction.
//!
//! - Nothing of the last minute is kept: scrapes and remote writes are still on their way.
//! - A run asks again for the last three hours of what is kept, and compares. Where one of the first hour
//!   differs, what lies before may, too, and is asked again: four times as far back, then sixteen.
//! - What Q2 and Q3 said is kept once it is older than those three hours: it cannot be compared. Which
//!   samples are wanted depends on the restarts of other series, too, so that each run finds that out, and
//!   asks for those that are not kept. Where anything differs, none of them are used.
//! - Once a day everything is asked for. So a sample that arrives later than three hours after it was
//!   taken, alone in a hole, is missed for a day at most; a longer backlog is found at once.

use std::ops::Range;

use super::store::{Memory, Store};
use super::window::Window;
use crate::prometheus::Grid;

/// Scrapes and remote writes of the last minute may be on their way.
const SETTLE_SECONDS: i64 = 60;

/// Samples are looked for this long after they were due.
const LATE_SECONDS: i64 = 3 * 3_600;

/// A change so near to the first block that is compared may have begun before it.
const NEAR_SECONDS: i64 = 3_600;

/// Samples that are kept of one counter, at two bytes or so each. Where there are more they are asked for
/// in every run.
const MOST_SAMPLES: usize = 250_000;

/// After so long everything is asked for, and what nobody asked for is dropped.
const DAY_SECONDS: i64 = 86_400;

/// A counter's values as they were kept by an earlier run, with room for the blocks that are wanted now.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) store: Store,
    /// The first and the last block end that are kept.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) times: Times,
}

/// When a file was made what it is, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// When everything was asked for.
    pub(super) whole_at: i64,
    /// When its first block was last wanted.
    pub(super) first_wanted_at: i64,
}

impl Kept {
    /// Whether it may be used for the blocks that are wanted.
    pub(super) fn is_usable(&self, now: i64) -> bool {
        let grid = &self.store.grid;
        let step = i64::from(grid.block().seconds());
        let age = now - self.times.whole_at;
        self.first <= grid.first()
            && grid.first() <= self.last + step
            && self.last <= settled(now, step)
            && (0..DAY_SECONDS).contains(&age)
    }

    /// Whether it holds blocks after those that are wanted, and is worth more than they are.
    pub(super) fn reaches_beyond(&self, now: i64) -> bool {
        let grid = &self.store.grid;
        let step = i64::from(grid.block().seconds());
        grid.last().is_some_and(|last| last < self.last) && self.last <= settled(now, step)
    }

    /// The blocks that are asked for at first: what is new, and what late samples may have changed.
    pub(super) fn first_piece(&self, window: &Window) -> Grid {
        let Store { grid, span, .. } = &self.store;
        let last = grid.last().unwrap_or(self.last);
        let from = self.last.min(last) - late(window);
        Grid::of_ends(on_grid(from, span), last, grid.block())
    }

    /// Whether a change of the block that ends here may be the end of a longer one. The very first
    /// blocks may be alike by chance: a backlog has holes of its own.
    pub(super) fn is_early(&self, end: i64, piece: &Grid) -> bool {
        end - piece.first() < NEAR_SECONDS.max(i64::from(piece.block().seconds()))
    }

    /// The blocks that are asked for where the first of a piece were not as they were kept; none where
    /// there are none.
    pub(super) fn piece_before(&self, piece: &Grid, times: i64, window: &Window) -> Option<Grid> {
        let Store { grid, span, .. } = &self.store;
        let step = i64::from(grid.block().seconds());
        let from = piece.first() - times * late(window);
        let before = Grid::of_ends(on_grid(from, span), piece.first() - step, grid.block());
        (!before.is_empty()).then_some(before)
    }

    /// Takes the values of these blocks out, so that they can be asked for again.
    pub(super) fn take_out(&mut self, piece: &Grid) -> Vec<Vec<f64>> {
        let places = self.store.span.places(piece);
        self.store
            .series
            .iter_mut()
            .map(|series| {
                let values = &mut series.values[places.clone()];
                let old = values.to_vec();
                values.fill(super::series::ABSENT);
                old
            })
            .collect()
    }

    /// The end of the first kept block whose values are not as they were.
    pub(super) fn first_change(&self, piece: &Grid, old: &[Vec<f64>]) -> Option<i64> {
        let places = self.store.span.places(piece);
        let compared = piece.ends().take_while(|end| *end <= self.last).count();
        let first = self
            .store
            .series
            .iter()
            .enumerate()
            .filter_map(|(place, series)| {
                let new = &series.values[places.clone()];
                let nothing = [];
                let old = old.get(place).map_or(&nothing[..], Vec::as_slice);
                (0..compared).find(|at| {
                    let old = old.get(*at).copied().unwrap_or(f64::NAN);
                    new[*at].total_cmp(&old).is_ne() && !(new[*at].is_nan() && old.is_nan())
                })
            })
            .min()?;
        piece.ends().nth(first)
    }

    /// Forgets what the blocks from this end on have told, and the time before if that is all.
    pub(super) fn forget_from(&mut self, end: i64) {
        let Store { grid, span, .. } = &self.store;
        let (first, wanted) = (span.first(), grid.last());
        for series in &mut self.store.series {
            series.samples.clear();
            if end <= first {
                series.memory = None;
            }
        }
        // What lies behind the blocks that are wanted was not compared.
        if let Some(wanted) = wanted.filter(|wanted| *wanted < self.last) {
            self.last = wanted;
        }
    }
}

/// How far back samples may be late.
fn late(window: &Window) -> i64 {
    LATE_SECONDS.max(window.seconds(window.look))
}

/// The last block end that is old enough to be kept.
fn settled(now: i64, step: i64) -> i64 {
    (now - SETTLE_SECONDS).div_euclid(step) * step
}

/// The first block end at or after this, but no earlier than the first there is.
fn on_grid(from: i64, span: &Grid) -> i64 {
    let step = i64::from(span.block().seconds());
    let end = from.div_euclid(step) * step;
    end.max(span.first())
}

/// Takes from the values before the wanted blocks, and from what was asked of the time before those,
/// when each series was seen last.
pub(super) fn recall(store: &mut Store, window: &Window) {
    let wanted = store.span.places(&store.grid).start;
    let first = store.grid.first();
    let since = first - window.seconds(window.before_lead());
    for series in &mut store.series {
        let before = &series.values[..wanted];
        if let Some(at) = before.iter().rposition(|value| !value.is_nan()) {
            series.seen_before = Some(wanted - at);
        } else if let Some(memory) = series.memory.filter(|memory| memory.since <= since) {
            series.seen_before = memory.seen.and_then(|seen| {
                let blocks = usize::try_from((first - seen) / window.step).ok()?;
                (blocks > 0).then_some(blocks)
            });
        }
    }
}

/// Whether it is known of a series when it was seen last before the wanted blocks.
pub(super) fn is_recalled(store: &Store, place: usize, window: &Window) -> bool {
    let series = &store.series[place];
    let since = store.grid.first() - window.seconds(window.before_lead());
    series.seen_before.is_some() || series.memory.is_some_and(|memory| memory.since <= since)
}

/// Keeps what Q2 said of these series.
pub(super) fn keep_memory(store: &mut Store, asked: &[usize], window: &Window, now: i64) {
    let first = store.grid.first();
    if first - window.step > now - late(window) {
        return;
    }
    let since = first - window.seconds(window.before_lead());
    for place in asked {
        let series = &mut store.series[*place];
        let seen = series
            .seen_before
            .map(|blocks| first - window.seconds(blocks));
        series.memory = Some(Memory { since, seen });
    }
}

/// The samples that are kept besides these blocks: those after one instant and up to another, in
/// milliseconds; `None` where they are too many.
pub(super) fn samples(store: &Store, kept: &Grid, now: i64) -> Option<Range<i64>> {
    let window = Window::of(kept.block().seconds());
    let after = kept.first() - window.step;
    let upto = on_grid(now - late(&window), kept).min(kept.last()?);
    let samples = store.series.iter().map(|series| series.samples.len());
    (after < upto && samples.sum::<usize>() <= MOST_SAMPLES).then_some(after * 1_000..upto * 1_000)
}

/// What is written of a store: the blocks, first and last by end. `None` where nothing is worth it.
pub(super) fn extent(
    store: &Store,
    before: Option<(Times, i64)>,
    now: i64,
) -> Option<(Grid, Times)> {
    let Store { grid, span, .. } = store;
    let step = i64::from(grid.block().seconds());
    let wanted = grid.last()?;
    let (first, times, last) = match before {
        None => (
            grid.first(),
            Times {
                whole_at: now,
                first_wanted_at: now,
            },
            wanted,
        ),
        Some((times, kept)) if span.first() == grid.first() => (
            span.first(),
            Times {
                first_wanted_at: now,
                ..times
            },
            kept.max(wanted),
        ),
        Some((times, kept)) if now - times.first_wanted_at < DAY_SECONDS => {
            (span.first(), times, kept.max(wanted))
        }
        Some((times, kept)) => (
            grid.first(),
            Times {
                first_wanted_at: now,
                ..times
            },
            kept.max(wanted),
        ),
    };
    let kept = Grid::of_ends(first, last.min(settled(now, step)), grid.block());
    (!kept.is_empty()).then_some((kept, times))
}

//! The increments of one series from its values at block ends. Pure; the rules are in the module's page.

use super::marks::{Last, Marks, SAME_SCRAPE_MS, Walk};
use super::window::{GAPS, Window};

/// No sample in a block.
pub(super) const ABSENT: f64 = f64::NAN;

/// A sample that is no finite number: the series is there, and its value is not known.
pub(super) const UNKNOWN: f64 = f64::INFINITY;

/// What is known of one series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The last value within each block, or [`ABSENT`] or [`UNKNOWN`]; the blocks of the lead first.
    pub(super) values: &'a [f64],
    /// How many blocks before the first of them it was seen last, if that is known.
    pub(super) seen_before: Option<usize>,
    /// Samples in order of time around the restarts of its process: milliseconds and finite values.
    pub(super) samples: &'a [(i64, f64)],
    /// End of the first of the blocks in milliseconds.
    pub(super) first_ms: i64,
    /// Where its process began anew.
    pub(super) marks: Marks<'a>,
}

/// What was counted by samples within a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sampled {
    pub(super) value: f64,
    /// Whether the process began anew after the last sample of the block.
    pub(super) anew: bool,
}

/// What a series counted within a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Increment {
    /// Since the value before, or since a restart.
    Since(f64),
    /// All of it, since it was born.
    Born(f64),
}

impl Increment {
    /// Whichever it is.
    pub(super) const fn value(self) -> f64 {
        match self {
            Self::Since(value) | Self::Born(value) => value,
        }
    }
}

/// How the increment of a block was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum By {
    /// By the values at block ends.
    Ends,
    /// Sample by sample.
    Samples(Sampled),
    /// By the values at block ends for want of samples.
    Unsampled,
    /// The same, where its process began anew and it did not fall: what it counted since may be missing.
    Want,
}

/// What the value before a block is.
#[derive(Debug, Clone, Copy)]
enum Basis {
    Value(f64),
    /// It began anew since.
    Nothing,
    /// It was born.
    Birth,
    /// An old count that is no news.
    Forgotten,
}

impl Basis {
    const fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Birth => Some(0.0),
            Self::Forgotten => None,
        }
    }

    /// The increment up to the value at the block's end.
    fn up_to(self, value: f64) -> f64 {
        match self.value() {
            Some(before) => rise(before, value),
            None => 0.0,
        }
    }
}

/// Calls `each` with every block after the lead in which the series is there, counted from the first
/// after the lead, its increment, and how that was found.
pub(super) fn increments(
    window: &Window,
    known: Known<'_>,
    mut each: impl FnMut(usize, Increment, By),
) {
    let Known { values, marks, .. } = known;
    let lead = window.lead();
    let step_ms = window.step * 1_000;
    let end_of = |block: usize| {
        let blocks = i64::try_from(block).unwrap_or(i64::MAX);
        known
            .first_ms
            .saturating_add(blocks.saturating_mul(step_ms))
    };
    let mut last: Option<Last> = None;
    let mut seen: Option<usize> = None;
    let mut rest = known.samples;
    for (block, &value) in values.iter().enumerate() {
        if !value.is_finite() {
            let is_between = |last: Last| is_between_scrapes(window, values, last.block, block);
            if value.is_nan() && block >= lead && last.is_some_and(is_between) {
                each(block - lead, Increment::Since(0.0), By::Ends);
            }
            if !value.is_nan() {
                seen = Some(block);
            }
            continue;
        }
        let was_seen = match seen.replace(block) {
            Some(at) => block - at <= window.memory,
            None => known
                .seen_before
                .is_some_and(|blocks| block + blocks <= window.memory),
        };
        let before = last.replace(Last {
            value,
            block,
            anew: None,
        });
        if block < lead {
            continue;
        }
        let anew = marks.between(window, before, block, end_of);
        let near = before.filter(|before| block - before.block <= window.look);
        let basis = match near {
            _ if anew && was_seen => Basis::Nothing,
            Some(before) => Basis::Value(before.value),
            None if was_seen => Basis::Forgotten,
            None => Basis::Birth,
        };
        let end_ms = end_of(block);
        let mut by = By::Ends;
        if marks.counts_samples(window, block) {
            // Samples of earlier blocks have been counted or are not asked for.
            rest = &rest[rest.partition_point(|(at, _)| *at <= end_ms - step_ms)..];
            let within = &rest[..rest.partition_point(|(at, _)| *at <= end_ms)];
            by = by_samples(known, basis, within, (end_ms - step_ms, end_ms));
            if let By::Samples(sampled) = by
                && let Some(last) = &mut last
            {
                last.anew = Some(sampled.anew);
            }
            let fell = basis.value().is_some_and(|before| value < before);
            if by == By::Unsampled && !fell && marks.falls_within(window, block) {
                by = By::Want;
            }
        }
        let counted = match by {
            By::Samples(sampled) => sampled.value,
            By::Ends | By::Want | By::Unsampled => basis.up_to(value),
        };
        let increment = match basis {
            Basis::Birth => Increment::Born(counted),
            Basis::Value(_) | Basis::Nothing | Basis::Forgotten => Increment::Since(counted),
        };
        each(block - lead, increment, by);
    }
}

/// Whether a block without a sample lies no further behind the last one than the series' own scrapes have
/// lain apart: scrapes are rarer than blocks. Further behind, nobody knows whether it still counts.
fn is_between_scrapes(window: &Window, values: &[f64], last: usize, block: usize) -> bool {
    if block - last > window.carry {
        return false;
    }
    let oldest = block.saturating_sub(window.lead());
    let mut later = last;
    let earlier = values[oldest..last].iter().enumerate().rev();
    earlier
        .filter(|(_, value)| value.is_finite())
        .take(GAPS)
        .any(|(place, _)| {
            let apart = later - (oldest + place);
            later = oldest + place;
            block - last < apart
        })
}

/// Counts the samples of a block.
fn by_samples(
    known: Known<'_>,
    basis: Basis,
    samples: &[(i64, f64)],
    (from_ms, end_ms): (i64, i64),
) -> By {
    let marks = known.marks;
    if samples.is_empty() {
        return By::Unsampled;
    }
    // Whatever lies before the block is older than any restart within it.
    let mut walk = Walk::from(marks, basis.value(), from_ms - SAME_SCRAPE_MS);
    for &(at, value) in samples {
        walk.pass(at, value);
    }
    By::Samples(Sampled {
        value: walk.sum,
        anew: walk.is_gone(end_ms),
    })
}

/// From one value to the next: what was counted since a reset is all that is known.
fn rise(before: f64, value: f64) -> f64 {
    if value >= before {
        value - before
    } else {
        value
    }
}

/// Whether the memory of a day is to be asked for this series: its first sample lies behind the lead, and
/// the day before that sample begins before the first value.
pub(super) fn is_birth(window: &Window, values: &[f64]) -> bool {
    let first = values.iter().position(|value| !value.is_nan());
    first.is_some_and(|first| first >= window.lead() && first < window.memory)
}

#[cfg(test)]
mod tests;

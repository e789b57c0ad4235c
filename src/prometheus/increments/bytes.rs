//! A counter's kept values as bytes: each text once, integers as differences to the value before. Pure.
//!
//! Two hundred series over a day of 5-minute blocks are some 100 KB. Whatever is not exactly so is
//! read as nothing.

use super::kept::{self, Kept, Times};
use super::series::{ABSENT, UNKNOWN};
use super::store::{MOST_VALUES, Memory, Store};
use crate::prometheus::Grid;

/// Changes with the form and with what the values mean.
pub(super) const VERSION: u64 = 3;

/// The largest integer up to which all integers are numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What comes next in the values of a series.
const GONE: u64 = 0;
const NO_NUMBER: u64 = 1;
const ANY: u64 = 2;
const SAME: u64 = 3;
/// From here on it is the difference to the value before.
const DIFFERENCE: u64 = 4;

/// Writes the blocks that are kept, and the samples that are as they are for good at this time.
pub(super) fn write(store: &Store, (kept, times): (&Grid, Times), now: i64) -> Vec<u8> {
    let samples = kept::samples(store, kept, now);
    let mut out = Writer(Vec::new());
    out.number(VERSION);
    out.number(u64::from(kept.block().seconds()));
    out.signed(kept.first());
    out.number(kept.len() as u64);
    out.signed(times.whole_at);
    out.signed(times.first_wanted_at);
    let texts = store.texts.all();
    out.number(texts.len() as u64);
    for text in texts {
        out.number(text.len() as u64);
        out.0.extend_from_slice(text.as_bytes());
    }
    let places = store.span.places(kept);
    let known: Vec<_> = store
        .series
        .iter()
        .map(|series| (series, &series.values[places.clone()]))
        .filter(|(_, values)| values.iter().any(|value| !value.is_nan()))
        .collect();
    out.number(known.len() as u64);
    for (series, values) in known {
        out.number(series.labels.len() as u64);
        for (name, value) in &series.labels {
            out.number(u64::from(*name));
            out.number(u64::from(*value));
        }
        // What was asked of the time before other blocks than the first may leave a gap.
        let memory = series.memory.filter(|_| kept.first() == store.span.first());
        out.number(u64::from(memory.is_some()));
        if let Some(Memory { since, seen }) = memory {
            out.signed(since);
            out.number(u64::from(seen.is_some()));
            out.signed(seen.unwrap_or(0));
        }
        out.values(values);
        let samples = samples.as_ref().map_or(0..0, |within| {
            let place = |at_ms| series.samples.partition_point(|(at, _)| *at <= at_ms);
            place(within.start)..place(within.end)
        });
        out.samples(series.samples.get(samples).unwrap_or_default());
    }
    out.0
}

/// Reads what was kept, with room for the blocks that are wanted; `None` where it is something else.
pub(super) fn read(bytes: &[u8], wanted: &Grid) -> Option<Kept> {
    let mut from = Reader(bytes);
    if from.number()? != VERSION || from.number()? != u64::from(wanted.block().seconds()) {
        return None;
    }
    let step = i64::from(wanted.block().seconds());
    let first = from.signed()?;
    let len = from.size()?;
    let times = Times {
        whole_at: from.signed()?,
        first_wanted_at: from.signed()?,
    };
    if len == 0 || len > MOST_VALUES || first.rem_euclid(step) != 0 {
        return None;
    }
    let last = first.checked_add(i64::try_from(len - 1).ok()?.checked_mul(step)?)?;
    let grid = Grid::of_ends(first, last, wanted.block());
    let span = grid.union(wanted);
    if span.len() > MOST_VALUES {
        return None;
    }
    let mut store = Store::within(grid, *wanted);
    let mut texts = Vec::new();
    for _ in 0..from.size()? {
        let length = from.size()?;
        texts.push(std::str::from_utf8(from.take(length)?).ok()?);
    }
    let places = span.places(&grid);
    for _ in 0..from.size()? {
        let mut labels = Vec::new();
        for _ in 0..from.size()? {
            labels.push((*texts.get(from.size()?)?, *texts.get(from.size()?)?));
        }
        let place = store.place_of(labels.into_iter())?;
        let memory = match from.number()? {
            0 => None,
            _ => {
                let since = from.signed()?;
                let (known, seen) = (from.number()?, from.signed()?);
                let seen = (known != 0).then_some(seen);
                Some(Memory { since, seen })
            }
        };
        let series = &mut store.series[place];
        series.memory = memory;
        from.values(&mut series.values[places.clone()])?;
        series.samples = from.samples()?;
    }
    from.0.is_empty().then_some(Kept {
        store,
        first,
        last,
        times,
    })
}

/// Bytes as they are written.
struct Writer(Vec<u8>);

impl Writer {
    /// Seven bits a byte, the lowest first.
    fn number(&mut self, mut number: u64) {
        while number >= 128 {
            self.0.push(number.to_le_bytes()[0] | 128);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// Small numbers of either sign are short.
    fn signed(&mut self, number: i64) {
        self.number(zigzag(number));
    }

    fn float(&mut self, value: f64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// Times as differences, then the values.
    fn samples(&mut self, samples: &[(i64, f64)]) {
        self.number(samples.len() as u64);
        let mut last = 0;
        for (at, _) in samples {
            self.signed(at - last);
            last = *at;
        }
        let values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
        self.values(&values);
    }

    fn values(&mut self, values: &[f64]) {
        let mut last = 0.0;
        let mut rest = values;
        while let Some(&value) = rest.first() {
            let alike = rest.iter().take_while(|other| is_same(**other, value));
            let run = alike.count();
            let token = if value.is_nan() {
                GONE
            } else if !value.is_finite() {
                NO_NUMBER
            } else if is_same(value, last) {
                SAME
            } else {
                match step(last, value) {
                    Some(difference) => self.number(zigzag(difference) + DIFFERENCE),
                    None => {
                        self.number(ANY);
                        self.float(value);
                    }
                }
                last = value;
                rest = &rest[1..];
                continue;
            };
            self.number(token);
            self.number(run as u64);
            rest = &rest[run..];
        }
    }
}

/// Bytes as they are read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn signed(&mut self) -> Option<i64> {
        Some(unzigzag(self.number()?))
    }

    fn float(&mut self) -> Option<f64> {
        Some(f64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn samples(&mut self) -> Option<Vec<(i64, f64)>> {
        // Each takes a byte at least.
        let len = self.size().filter(|len| *len <= self.0.len())?;
        let mut last: i64 = 0;
        let mut samples = Vec::with_capacity(len);
        for _ in 0..len {
            last = last.checked_add(self.signed()?)?;
            samples.push((last, 0.0));
        }
        let mut values = vec![0.0; len];
        self.values(&mut values)?;
        for (sample, value) in samples.iter_mut().zip(values) {
            sample.1 = value;
        }
        let is_ordered = samples.is_sorted_by(|(one, _), (other, _)| one < other);
        let is_finite = samples.iter().all(|(_, value)| value.is_finite());
        (is_ordered && is_finite).then_some(samples)
    }

    fn values(&mut self, into: &mut [f64]) -> Option<()> {
        let mut last = 0.0;
        let mut at = 0;
        while at < into.len() {
            let (value, run) = match self.number()? {
                GONE => (ABSENT, self.size()?),
                NO_NUMBER => (UNKNOWN, self.size()?),
                SAME => (last, self.size()?),
                ANY => (self.float()?, 1),
                difference => (last + exact(unzigzag(difference - DIFFERENCE)), 1),
            };
            if run == 0 {
                return None;
            }
            into.get_mut(at..at.checked_add(run)?)?.fill(value);
            at += run;
            if value.is_finite() {
                last = value;
            }
        }
        Some(())
    }
}

/// Whether two values are alike to the bit, or both absent.
fn is_same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan())
}

/// The difference of two integers.
fn step(from: f64, to: f64) -> Option<i64> {
    let is_exact =
        |value: f64| value.trunc().total_cmp(&value).is_eq() && value.abs() < EXACT / 2.0;
    if !is_exact(from) || !is_exact(to) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an integer of at most 53 bits"
    )]
    let difference = (to - from) as i64;
    // Zero has a sign that a difference does not.
    is_same(from + exact(difference), to).then_some(difference)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "it was made of integers of at most 53 bits; another is a file that somebody made"
)]
const fn exact(number: i64) -> f64 {
    number as f64
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

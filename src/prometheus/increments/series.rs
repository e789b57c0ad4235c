//! The increments of one series from its values at block ends. Pure; the rules are in the module's page.

use super::window::Window;

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
    /// Samples in order of time around its falls: milliseconds and finite values.
    pub(super) samples: &'a [(i64, f64)],
    /// Block ends in seconds, in order, and what earlier runs have counted there by samples.
    pub(super) counted: &'a [(i64, f64)],
    /// End of the first of the blocks in milliseconds.
    pub(super) first_ms: i64,
}

/// What has been met up to a block.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    /// Block with the last finite value.
    number: Option<usize>,
    /// Block of the last sample of any kind.
    seen: Option<usize>,
    /// Block of the last fall.
    fall: Option<usize>,
}

impl Met {
    /// Takes the value of a block in and says which finite value came before it.
    fn pass(&mut self, window: &Window, values: &[f64], block: usize) -> Option<f64> {
        let before = self
            .number
            .filter(|at| block - at <= window.look)
            .map(|at| values[at]);
        let value = values[block];
        if value.is_finite() {
            if before.is_some_and(|before| value < before) {
                self.fall = Some(block);
            }
            self.number = Some(block);
        }
        before
    }

    fn counts_samples(&self, window: &Window, block: usize) -> bool {
        self.fall.is_some_and(|fall| block - fall < window.tail)
    }
}

/// What a series counted within a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Increment {
    /// Since the value before.
    Since(f64),
    /// Since the value before, sample by sample.
    Sampled(f64),
    /// All of it, since it was born.
    Born(f64),
}

impl Increment {
    /// Whichever it is.
    pub(super) const fn value(self) -> f64 {
        match self {
            Self::Since(value) | Self::Sampled(value) | Self::Born(value) => value,
        }
    }
}

/// Calls `each` with every block after the lead in which the series is there, counted from the first
/// after the lead, and its increment.
pub(super) fn increments(
    window: &Window,
    known: Known<'_>,
    mut each: impl FnMut(usize, Increment),
) {
    let Known {
        values,
        seen_before,
        samples,
        counted,
        first_ms,
    } = known;
    let lead = window.lead();
    let step_ms = window.step * 1_000;
    let mut met = Met::default();
    let mut rest = samples;
    let mut end_ms = first_ms;
    for (block, &value) in values.iter().enumerate() {
        let earlier = met;
        let before = met.pass(window, values, block);
        // Samples of earlier blocks have been counted or are not asked for.
        rest = &rest[rest.partition_point(|(at, _)| *at <= end_ms - step_ms)..];
        let within = &rest[..rest.partition_point(|(at, _)| *at <= end_ms)];
        let end = end_ms / 1_000;
        end_ms += step_ms;
        let seen = || match earlier.seen {
            Some(at) => block - at <= window.memory,
            None => seen_before.is_some_and(|blocks| block + blocks <= window.memory),
        };
        if !value.is_nan() {
            met.seen = Some(block);
        }
        if block < lead {
            continue;
        }
        if value.is_finite() {
            let increment = match before {
                Some(before) if met.counts_samples(window, block) => {
                    match counted.binary_search_by_key(&end, |(end, _)| *end) {
                        Ok(at) => Increment::Sampled(counted[at].1),
                        Err(_) if within.is_empty() => Increment::Since(rise(before, value)),
                        Err(_) => Increment::Sampled(by_samples(before, within)),
                    }
                }
                Some(before) => Increment::Since(rise(before, value)),
                None if seen() => Increment::Since(0.0),
                None => Increment::Born(value),
            };
            each(block - lead, increment);
        } else if value.is_nan() && earlier.number.is_some_and(|at| block - at <= window.carry) {
            each(block - lead, Increment::Since(0.0));
        }
    }
}

/// From one value to the next: what was counted since a reset is all that is known.
fn rise(before: f64, value: f64) -> f64 {
    if value >= before {
        value - before
    } else {
        value
    }
}

fn by_samples(before: f64, samples: &[(i64, f64)]) -> f64 {
    let mut last = before;
    let mut sum = 0.0;
    for &(_, value) in samples {
        sum += rise(last, value);
        last = value;
    }
    sum
}

/// Whether the memory of a day is to be asked for this series: its first sample lies behind the lead, and
/// the day before that sample begins before the first value.
pub(super) fn is_birth(window: &Window, values: &[f64]) -> bool {
    let first = values.iter().position(|value| !value.is_nan());
    first.is_some_and(|first| first >= window.lead() && first < window.memory)
}

/// The blocks, first and last, whose samples are to be asked for, after the lead and in order.
pub(super) fn falls(window: &Window, values: &[f64]) -> Vec<(usize, usize)> {
    let lead = window.lead();
    let mut met = Met::default();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for block in 0..values.len() {
        met.pass(window, values, block);
        if block < lead || !met.counts_samples(window, block) {
            continue;
        }
        match found.last_mut() {
            Some((_, last)) if *last + 1 == block => *last = block,
            Some(_) | None => found.push((block, block)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of five minutes; the twelve of the lead are as given by `before`.
    fn counted(before: f64, values: &[f64], samples: &[(i64, f64)]) -> Vec<Option<Increment>> {
        let window = Window::of(300);
        let all: Vec<f64> = std::iter::repeat_n(before, window.lead())
            .chain(values.iter().copied())
            .collect();
        let known = Known {
            values: &all,
            seen_before: None,
            samples,
            counted: &[],
            first_ms: 300_000,
        };
        let mut found = vec![None; values.len()];
        increments(&window, known, |block, increment| {
            found[block] = Some(increment)
        });
        found
    }

    use Increment::{Born, Sampled, Since};

    #[test]
    fn a_counter_counts_from_block_to_block_and_from_a_reset_on() {
        let found = counted(10.0, &[12.0, 12.0, 5.0, 6.5], &[]);
        let expected = [2.0, 0.0, 5.0, 1.5].map(|value| Some(Since(value)));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_birth_counts_all_and_a_return_within_the_hour_what_happened_meanwhile() {
        let found = counted(ABSENT, &[ABSENT, 3.0, ABSENT, 9.0], &[]);
        assert_eq!(found, [None, Some(Born(3.0)), None, Some(Since(6.0))]);
    }

    #[test]
    fn a_return_after_more_than_an_hour_is_no_news() {
        let mut values = vec![ABSENT; 12];
        values.extend([50.0, 52.0]);
        let found = counted(10.0, &values, &[]);
        assert_eq!(found[12..], [Some(Since(0.0)), Some(Since(2.0))]);
        // One block less, and it is a difference.
        let found = counted(10.0, &values[1..], &[]);
        assert_eq!(found[11], Some(Since(40.0)));
    }

    #[test]
    fn a_value_that_is_no_number_is_a_missing_one() {
        let found = counted(10.0, &[UNKNOWN, 14.0], &[]);
        assert_eq!(found, [None, Some(Since(4.0))]);
        // It was there, so that what comes after is no birth.
        let found = counted(UNKNOWN, &[14.0], &[]);
        assert_eq!(found, [Some(Since(0.0))]);
    }

    #[test]
    fn from_a_fall_on_every_sample_counts() {
        // The first block after the lead is from 3,600 s to 3,900 s. It restarts twice within it.
        let samples = [
            (3_650_000, 15.0),
            (3_700_000, 4.0),
            (3_750_000, 6.0),
            (3_800_000, 1.0),
            (3_900_000, 3.0),
            (3_950_000, 9.0),
            (4_200_000, 2.0),
        ];
        let found = counted(10.0, &[3.0, 2.0], &samples);
        assert_eq!(found, [Some(Sampled(14.0)), Some(Sampled(8.0))]);
    }

    #[test]
    fn samples_are_asked_for_from_a_fall_on_and_as_long_as_a_tail() {
        let window = Window::of(300);
        let mut values = vec![10.0; 40];
        values[20..].fill(5.0);
        assert_eq!(falls(&window, &values), [(20, 31)]);
        values[30..].fill(4.0);
        assert_eq!(falls(&window, &values), [(20, 39)]);
        // A fall before the first block reaches into the stage.
        let mut values = vec![10.0; 40];
        values[8..].fill(5.0);
        assert_eq!(falls(&window, &values), [(12, 19)]);
        assert_eq!(falls(&window, &[10.0; 40]), []);
    }

    #[test]
    fn only_what_is_first_seen_in_the_stage_may_be_a_birth() {
        let window = Window::of(300);
        let seen_from = |block: usize| {
            let mut values = vec![ABSENT; 400];
            values[block..].fill(1.0);
            is_birth(&window, &values)
        };
        assert!(!seen_from(11));
        assert!(seen_from(12));
        // The day before this one lies within the answer.
        assert!(!seen_from(288));
        assert!(!is_birth(&window, &[ABSENT; 400]));
    }
}

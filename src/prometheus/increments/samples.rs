//! Which samples are asked for where series fell. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::store::{Store, Symbol};

/// A question costs the server about as much as so many seconds of one series' samples: ranges that
/// together cost less than apart are asked for as one.
const WORTH_ONE_QUESTION: i64 = 20 * 3_600;

/// Seconds of samples over all series. At a scrape every 15 s these are 1.6 million samples, some 32 MB.
const MOST_SECONDS: i64 = 24_000_000;

/// More questions than this are not asked for one counter.
const MOST_QUESTIONS: usize = 48;

/// Values of a label in a question. Longer alternations cost more than what they leave out.
const MOST_VALUES: usize = 200;

/// Bytes of matchers added to a question: VictoriaMetrics refuses queries of more than 16 KiB.
const MOST_BYTES: usize = 8_192;

/// The samples of some series over some blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    /// First and last block, by number.
    pub(super) first: usize,
    pub(super) last: usize,
    /// By number.
    pub(super) series: BTreeSet<usize>,
}

impl Range {
    fn seconds(&self, step: i64) -> i64 {
        let blocks = i64::try_from(self.last - self.first + 1).unwrap_or(i64::MAX);
        let series = i64::try_from(self.series.len()).unwrap_or(i64::MAX);
        blocks.saturating_mul(step).saturating_mul(series)
    }

    fn joined(&self, other: &Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            series: self.series.union(&other.series).copied().collect(),
        }
    }
}

/// What is asked for, given the blocks of each series that are counted by samples, and whether that is
/// all of them.
pub(super) fn ranges(
    falls: impl Iterator<Item = (usize, (usize, usize))>,
    step: i64,
) -> (Vec<Range>, bool) {
    let mut alike: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
    for (series, blocks) in falls {
        alike.entry(blocks).or_default().insert(series);
    }
    let mut ranges: Vec<Range> = Vec::new();
    for ((first, last), series) in alike {
        let next = Range {
            first,
            last,
            series,
        };
        let apart = next.seconds(step);
        if let Some(known) = ranges.last_mut() {
            let joined = known.joined(&next);
            if joined.seconds(step) <= known.seconds(step) + apart + WORTH_ONE_QUESTION
                && joined.seconds(step) <= MOST_SECONDS / 4
            {
                *known = joined;
                continue;
            }
        }
        ranges.push(next);
    }
    // The latest matter most: a stage is decided by what happens now.
    let all = ranges.len();
    let mut left = MOST_SECONDS;
    let mut kept: Vec<Range> = ranges
        .into_iter()
        .rev()
        .take(MOST_QUESTIONS)
        .take_while(|range| {
            left -= range.seconds(step);
            left >= 0
        })
        .collect();
    kept.reverse();
    let whole = kept.len() == all;
    (kept, whole)
}

/// Labels and values that tell these series from the others of the answer, as far as a question can hold
/// them: what else is selected is left out by its labels when it comes.
pub(super) fn narrowed(store: &Store, series: &[usize]) -> Vec<(String, Vec<String>)> {
    let some = || series.iter().map(|place| &store.series[*place]);
    let labels: BTreeSet<Symbol> = some()
        .flat_map(|one| one.labels.iter().map(|(name, _)| *name))
        .collect();
    let mut useful: Vec<(usize, String, Vec<String>)> = labels
        .into_iter()
        .filter_map(|label| {
            let name = store.texts.text(label);
            // The name is in the selector, and a bound may be written in several ways.
            if name == "__name__" || name == "le" {
                return None;
            }
            let wanted: BTreeSet<_> = some().map(|one| one.label(label)).collect();
            let all: BTreeSet<_> = store.series.iter().map(|one| one.label(label)).collect();
            let text = |value: Option<Symbol>| value.map_or("", |value| store.texts.text(value));
            (wanted.len() <= MOST_VALUES && wanted.len() < all.len()).then(|| {
                let texts = wanted.iter().map(|value| text(*value).to_owned()).collect();
                (1_000 * wanted.len() / all.len(), name.to_owned(), texts)
            })
        })
        .collect();
    useful.sort();
    let mut room = MOST_BYTES;
    useful
        .into_iter()
        .filter_map(|(_, name, values)| {
            // An escaped character takes three.
            let bytes = name.len()
                + values
                    .iter()
                    .map(|value| 3 * value.len() + 1)
                    .sum::<usize>();
            room = room.checked_sub(bytes)?;
            Some((name, values))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(falls: &[(usize, (usize, usize))]) -> (Vec<(usize, usize, usize)>, bool) {
        let (ranges, whole) = ranges(falls.iter().copied(), 300);
        let shown = |range: &Range| (range.first, range.last, range.series.len());
        (ranges.iter().map(shown).collect(), whole)
    }

    #[test]
    fn series_that_fell_together_are_asked_for_together() {
        let falls: Vec<_> = (0..50).map(|series| (series, (20, 31))).collect();
        assert_eq!(asked(&falls), (vec![(20, 31, 50)], true));
        // Some a block later: one question costs less than two.
        assert_eq!(
            asked(&[(0, (20, 31)), (1, (21, 32))]),
            (vec![(20, 32, 2)], true)
        );
        assert_eq!(asked(&[]), (Vec::new(), true));
    }

    #[test]
    fn many_that_fell_at_different_times_are_asked_for_apart() {
        let early = (0..50).map(|series| (series, (20, 31)));
        let late = (50..100).map(|series| (series, (200, 211)));
        let falls: Vec<_> = early.chain(late).collect();
        assert_eq!(asked(&falls), (vec![(20, 31, 50), (200, 211, 50)], true));
    }

    #[test]
    fn of_too_much_the_latest_is_asked_for() {
        let falls: Vec<_> = (0..2_000)
            .flat_map(|series| [(series, (20, 59)), (series, (200, 211))])
            .collect();
        assert_eq!(asked(&falls), (vec![(200, 211, 2_000)], false));
    }
}

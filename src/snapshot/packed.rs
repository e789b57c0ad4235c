//! One number a block as a short text: `0*40 1 0*12 - 3` are forty zeros, a one, twelve zeros, a block
//! without a number and a three. Where that is shorter, a stretch of numbers is one word: `~` and what
//! [`super::dense`] makes of it. Beside another series `=*576` are as many blocks that are alike in both.

use std::fmt::Write as _;

use crate::plan::Column;

use super::Series;
use super::dense;

/// What stands for a block without a number.
const MISSING: &str = "-";

/// What stands for a block that is as in the other series.
const ALIKE: &str = "=";

/// What stands between a number and how often it comes.
const TIMES: char = '*';

/// What begins a word that holds a stretch of numbers.
const DENSE: char = '~';

/// Fewer blocks that are alike in both series are not worth a word.
const LEAST_ALIKE: usize = 8;

/// Which numbers a series may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Counts: none is below zero.
    Counts,
    /// Levels, and sums of what may be below zero.
    Any,
}

impl Numbers {
    /// Of a column.
    pub(super) const fn of(column: Column) -> Self {
        match column {
            Column::Query | Column::Sum => Self::Any,
            Column::Count | Column::Events | Column::Per | Column::Total | Column::Histogram => {
                Self::Counts
            }
        }
    }

    fn hold(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Counts => number >= 0.0,
                Self::Any => true,
            }
    }
}

/// Another series, of which so many blocks come before the first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Other<'a> {
    /// Its numbers; none where there is no other series.
    pub(super) series: &'a [Option<f64>],
    /// Where in it the first block is.
    pub(super) skipped: i64,
}

impl Other<'_> {
    /// What it holds in a block.
    fn get(&self, place: usize) -> Option<&Option<f64>> {
        let place = i64::try_from(place).ok()?.checked_add(self.skipped)?;
        self.series.get(usize::try_from(place).ok()?)
    }
}

/// The text that [`unpacked`] reads back to the same numbers, bit for bit but for the sign of zero.
pub(super) fn packed(series: &Series, other: Other<'_>) -> String {
    let mut words = Vec::new();
    let is_alike = |place: usize| other.get(place) == Some(&series[place]);
    let mut begin = 0;
    let mut place = 0;
    while place < series.len() {
        let alike = (place..series.len()).take_while(|place| is_alike(*place));
        let alike = alike.count();
        if alike >= LEAST_ALIKE {
            push_own(&series[begin..place], &mut words);
            words.push(times(ALIKE, alike));
            begin = place + alike;
        }
        place += alike.max(1);
    }
    push_own(&series[begin..], &mut words);
    words.join(" ")
}

/// The words of blocks, without another series.
fn push_own(series: &[Option<f64>], words: &mut Vec<String>) {
    for stretch in series.chunk_by(|one, other| one.is_some() == other.is_some()) {
        // Negative zero is zero.
        let values: Vec<f64> = stretch.iter().flatten().map(|value| value + 0.0).collect();
        if values.is_empty() {
            words.push(times(MISSING, stretch.len()));
            continue;
        }
        let runs = values.chunk_by(|one, other| one.to_bits() == other.to_bits());
        let plain = runs.map(|run| times(&run[0].to_string(), run.len()));
        let plain: Vec<String> = plain.collect();
        let length = plain.iter().map(|word| word.len() + 1).sum::<usize>();
        match dense::dense(&values) {
            Some(dense) if dense.len() + 2 < length => words.push(format!("{DENSE}{dense}")),
            Some(_) | None => words.extend(plain),
        }
    }
}

/// A word for so many blocks.
fn times(word: &str, count: usize) -> String {
    let mut text = word.to_owned();
    if count > 1 {
        // Writing to a string cannot fail.
        let _ = write!(text, "{TIMES}{count}");
    }
    text
}

/// The numbers of so many blocks; `None` where the text is anything else.
pub(super) fn unpacked(
    text: &str,
    blocks: usize,
    numbers: Numbers,
    other: Other<'_>,
) -> Option<Series> {
    let mut series = Series::with_capacity(blocks);
    for word in text.split_ascii_whitespace() {
        let left = blocks - series.len();
        if let Some(dense) = word.strip_prefix(DENSE) {
            series.extend(dense::numbers(dense, left)?.into_iter().map(Some));
            continue;
        }
        let (word, times) = match word.split_once(TIMES) {
            Some((word, times)) => (word, times.parse::<usize>().ok()?),
            None => (word, 1),
        };
        if times > left {
            return None;
        }
        let (begin, end) = (series.len(), series.len() + times);
        match word {
            MISSING => series.resize(end, None),
            ALIKE => {
                for place in begin..end {
                    series.push(*other.get(place)?);
                }
            }
            number => series.resize(end, Some(number.parse::<f64>().ok()?)),
        }
    }
    let is_whole = series.len() == blocks;
    let are_numbers = series.iter().flatten().all(|number| numbers.hold(*number));
    (is_whole && are_numbers).then_some(series)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Word as _;

    fn alone(text: &str, blocks: usize, numbers: Numbers) -> Option<Series> {
        unpacked(text, blocks, numbers, Other::default())
    }

    #[test]
    fn runs_and_holes_are_short() {
        let mut series = vec![Some(0.0); 40];
        series.extend([Some(1.0), None, None, Some(2.5)]);
        assert_eq!(packed(&series, Other::default()), "0*40 1 -*2 2.5");
        let read = alone("0*40 1 -*2 2.5", 44, Numbers::Counts);
        assert_eq!(read.unwrap(), series);
    }

    #[test]
    fn what_is_no_such_text_is_not_read() {
        for text in [
            "1 2",
            "1 2 3 4",
            "1 2 x",
            "1 -1 2",
            "1 inf 2",
            "1 NaN 2",
            "1*99999999999999999999",
            "1*4",
            "*3",
            "1**3",
            "",
            "=*3",
            "~",
            "~3,0,0,0,-1,00000",
            "~4,0,0,0,1,00000",
        ] {
            assert_eq!(alone(text, 3, Numbers::Counts), None, "{text}");
        }
        assert_eq!(alone("", 0, Numbers::Counts), Some(Vec::new()));
    }

    #[test]
    fn levels_and_sums_alone_are_below_zero() {
        for column in Column::ALL {
            let read = alone("1 -1 2", 3, Numbers::of(*column));
            let may_be = [Column::Query, Column::Sum].contains(column);
            assert_eq!(read.is_some(), may_be, "{column:?}");
        }
    }

    #[test]
    fn blocks_that_are_alike_in_another_series_are_one_word() {
        let other: Series = (0..864).map(|k| Some(f64::from(k * k % 1_009))).collect();
        let mut series = other[288..].to_vec();
        series.extend((0..20).map(|_| Some(7.0)));
        let beside = |skipped| Other {
            series: &other,
            skipped,
        };
        let text = packed(&series, beside(288));
        assert_eq!(text, "=*576 7*20");
        let read = |other| unpacked(&text, 596, Numbers::Counts, other);
        assert_eq!(read(beside(288)).unwrap(), series);
        assert_eq!(read(beside(289)), None);
        assert_eq!(read(Other::default()), None);
        // A series that begins before the other.
        let mut early = vec![None; 3];
        early.extend(&other[..20]);
        let text = packed(&early, beside(-3));
        assert_eq!(text, "-*3 =*20");
        let read = unpacked(&text, 23, Numbers::Counts, beside(-3));
        assert_eq!(read.unwrap(), early);
    }

    fn series(
        number: impl Strategy<Value = f64> + 'static,
    ) -> impl Strategy<Value = Vec<Option<f64>>> {
        let number = prop_oneof![
            (0_u32..4).prop_map(f64::from),
            0.0_f64..1e18,
            number.prop_filter("finite", |value| value.is_finite()),
        ];
        proptest::collection::vec(proptest::option::weighted(0.9, number), 0..60)
    }

    fn comes_back(
        series: &Series,
        numbers: Numbers,
        other: Other<'_>,
    ) -> Result<(), TestCaseError> {
        let text = packed(series, other);
        let back = unpacked(&text, series.len(), numbers, other).unwrap();
        let bits = |series: &Series| -> Vec<_> {
            series.iter().map(|value| value.map(f64::to_bits)).collect()
        };
        prop_assert_eq!(bits(&back), bits(series));
        Ok(())
    }

    proptest! {
        #[test]
        fn any_series_comes_back_bit_for_bit(
            counts in series(proptest::num::f64::POSITIVE),
            levels in series(proptest::num::f64::NORMAL),
            skipped in -60_i64..60,
        ) {
            comes_back(&counts, Numbers::Counts, Other::default())?;
            comes_back(&levels, Numbers::Any, Other::default())?;
            let mut other = vec![Some(3.0); 40];
            other.extend(&counts);
            comes_back(&counts, Numbers::Counts, Other { series: &other, skipped: 40 })?;
            comes_back(&counts, Numbers::Counts, Other { series: &other, skipped })?;
        }
    }
}

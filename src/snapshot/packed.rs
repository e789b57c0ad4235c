//! One number a block as a short text: `0*40 1 0*12 - 3` are forty zeros, a one, twelve zeros, a block
//! without a number and a three. A day of a counter is a line that a reviewer can skip, and git's own
//! compression finds little left to do.

use std::fmt::Write as _;

use super::Series;

/// What stands for a block without a number.
const MISSING: &str = "-";

/// What stands between a number and how often it comes.
const TIMES: char = '*';

/// The text that [`unpacked`] reads back to the same numbers, bit for bit but for the sign of zero.
pub(super) fn packed(series: &Series) -> String {
    let mut text = String::new();
    let alike = |one: &Option<f64>, other: &Option<f64>| one == other;
    for run in series.chunk_by(alike) {
        if !text.is_empty() {
            text.push(' ');
        }
        // Writing to a string cannot fail.
        let _ = match run.first().copied().flatten() {
            // Negative zero is zero.
            Some(value) => write!(text, "{}", value + 0.0),
            None => write!(text, "{MISSING}"),
        };
        if run.len() > 1 {
            let _ = write!(text, "{TIMES}{}", run.len());
        }
    }
    text
}

/// The numbers of so many blocks, all finite; `None` where the text is anything else.
pub(super) fn unpacked(text: &str, blocks: usize) -> Option<Series> {
    let mut series = Series::with_capacity(blocks);
    for word in text.split_ascii_whitespace() {
        let (number, times) = match word.split_once(TIMES) {
            Some((number, times)) => (number, times.parse::<usize>().ok()?),
            None => (word, 1),
        };
        let value = match number {
            MISSING => None,
            number => Some(
                number
                    .parse::<f64>()
                    .ok()
                    .filter(|number| number.is_finite())?,
            ),
        };
        if times > blocks - series.len() {
            return None;
        }
        series.resize(series.len() + times, value);
    }
    (series.len() == blocks).then_some(series)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn runs_and_holes_are_short() {
        let mut series = vec![Some(0.0); 40];
        series.extend([Some(1.0), None, None, Some(2.5)]);
        assert_eq!(packed(&series), "0*40 1 -*2 2.5");
        assert_eq!(unpacked("0*40 1 -*2 2.5", 44).unwrap(), series);
    }

    #[test]
    fn what_is_no_such_text_is_not_read() {
        for text in [
            "1 2",
            "1 2 3 4",
            "1 2 x",
            "1 inf 2",
            "1 NaN 2",
            "1*99999999999999999999",
            "1*4",
            "*3",
            "1**3",
            "",
        ] {
            assert_eq!(unpacked(text, 3), None, "{text}");
        }
        assert_eq!(unpacked("", 0), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn any_series_comes_back_bit_for_bit(
            series in proptest::collection::vec(proptest::option::of(prop_oneof![
                (0_u32..4).prop_map(f64::from),
                0.0_f64..1e18,
                proptest::num::f64::NORMAL,
            ].prop_filter("finite", |value| value.is_finite())), 0..60)
        ) {
            let back = unpacked(&packed(&series), series.len()).unwrap();
            let bits = |series: &Series| -> Vec<_> {
                series.iter().map(|value| value.map(f64::to_bits)).collect()
            };
            prop_assert_eq!(bits(&back), bits(&series));
        }
    }
}

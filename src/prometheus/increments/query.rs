//! What is asked of one counter, and the texts of the questions. Pure.

use crate::plan::Arms;
use crate::units::Period;

use crate::prometheus::selector::Plain;

/// One counter of both arms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::prometheus) struct Counter {
    /// The selector, limited to both arms.
    pub(in crate::prometheus) selector: String,
    /// The label that tells the arms apart.
    pub(in crate::prometheus) arms: Arms,
    /// The sums are kept apart by `le`.
    pub(in crate::prometheus) by_bound: bool,
    /// Of a mean's count: the sum, whose NaN makes a sample of the count a missing one.
    pub(in crate::prometheus) of_sum: Option<Box<Counter>>,
}

/// Q1 and Q2: the last value within each block.
pub(in crate::prometheus) fn at_ends(selector: &str, block: Period) -> String {
    format!(
        "last_over_time({selector}[{}])",
        just_under(i64::from(block.seconds()))
    )
}

/// Q3: the samples within so many seconds.
pub(super) fn samples_within(selector: &str, seconds: i64) -> String {
    format!("{selector}[{}]", just_under(seconds))
}

/// A duration one millisecond short.
fn just_under(seconds: i64) -> String {
    match u32::try_from(seconds - 1) {
        Ok(0) | Err(_) => "999ms".to_owned(),
        Ok(whole) => format!("{}999ms", Period::from_seconds(whole)),
    }
}

/// A selector, limited further to these values of labels. The empty value is a missing label.
pub(super) fn limited(selector: &str, labels: &[(String, Vec<String>)]) -> String {
    match Plain::read(selector) {
        Ok(plain) => labels
            .iter()
            .fold(plain, |plain, (label, values)| {
                plain.with_any(label, values)
            })
            .text(),
        Err(_) => selector.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use promql_parser::parser::parse;

    use super::*;

    #[test]
    fn windows_end_one_millisecond_short_of_the_block_before() {
        for (block, text) in [
            ("1s", "last_over_time(x[999ms])"),
            ("15s", "last_over_time(x[14s999ms])"),
            ("5m", "last_over_time(x[4m59s999ms])"),
            ("90m", "last_over_time(x[1h29m59s999ms])"),
        ] {
            let asked = at_ends("x", Period::parse(block).unwrap());
            assert_eq!(asked, text);
            assert!(parse(&asked).is_ok(), "{asked}");
        }
        assert!(parse(&samples_within("x{a=\"b\"}", 14 * 86_400)).is_ok());
    }

    #[test]
    fn a_selector_is_limited_to_values_as_texts() {
        let labels = [
            ("code".to_owned(), vec![String::new(), "5.0".to_owned()]),
            ("pod".to_owned(), vec!["a\"b".to_owned()]),
        ];
        let text = limited("x{v=~\"a|b\"}", &labels);
        assert_eq!(text, r#"x{v=~"a|b",code=~"|5\\.0",pod=~"a\"b"}"#);
        assert!(parse(&text).is_ok(), "{text}");
    }
}

//! What is asked of one counter, and the texts of the questions. Pure.

use std::sync::Arc;

use crate::plan::{Arms, VectorSelector};
use crate::snapshot::Arm;
use crate::units::Period;

/// One counter of both arms.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::prometheus) struct Counter {
    /// The selector, limited to both arms.
    pub(in crate::prometheus) selector: VectorSelector,
    /// The label that tells the arms apart.
    pub(in crate::prometheus) arms: Arms,
    /// The sums are kept apart by `le`.
    pub(in crate::prometheus) by_bound: bool,
    /// Of a mean's count: the sum, whose NaN makes a sample of the count a missing one.
    pub(in crate::prometheus) of_sum: Option<Arc<Self>>,
    /// Another counter of the same processes, whose falls tell when they began anew.
    pub(in crate::prometheus) restarts_of: Option<Arc<Self>>,
}

impl Counter {
    /// Of one arm alone.
    pub(in crate::prometheus) fn limited_to(self, arms: &Arms, arm: Arm) -> Self {
        let limited =
            |other: Option<Arc<Self>>| Some(Arc::new(Self::clone(&*other?).limited_to(arms, arm)));
        Self {
            selector: self.selector.with_arm(arms, arm),
            of_sum: limited(self.of_sum),
            restarts_of: limited(self.restarts_of),
            ..self
        }
    }

    /// Of a histogram's buckets with these bounds alone, as they are written.
    pub(in crate::prometheus) fn with_bounds(self, bounds: &[String]) -> Self {
        Self {
            selector: self.selector.with_any("le", bounds),
            ..self
        }
    }
}

/// Q1 and Q2: the last value within each block.
pub(in crate::prometheus) fn at_ends(selector: &VectorSelector, block: Period) -> String {
    format!(
        "last_over_time({}[{}])",
        selector.text(),
        just_under(i64::from(block.seconds()))
    )
}

/// Q3: the samples within so many seconds.
pub(super) fn samples_within(selector: &VectorSelector, seconds: i64) -> String {
    format!("{}[{}]", selector.text(), just_under(seconds))
}

/// A duration one millisecond short.
fn just_under(seconds: i64) -> String {
    match u32::try_from(seconds - 1) {
        Ok(0) | Err(_) => "999ms".to_owned(),
        Ok(whole) => format!("{}999ms", Period::from_seconds(whole)),
    }
}

/// A selector, limited further to these values of labels. The empty value is a missing label.
pub(super) fn limited(
    selector: &VectorSelector,
    labels: &[(String, Vec<String>)],
) -> VectorSelector {
    labels
        .iter()
        .fold(selector.clone(), |limited, (label, values)| {
            limited.with_any(label, values)
        })
}

#[cfg(test)]
mod tests {
    use promql_parser::parser::parse;

    use super::*;
    use crate::plan::Selector;

    fn vector(text: &str) -> VectorSelector {
        Selector::parse(text).unwrap().vector().clone()
    }

    #[test]
    fn windows_end_one_millisecond_short_of_the_block_before() {
        for (block, text) in [
            ("1s", "last_over_time(x[999ms])"),
            ("15s", "last_over_time(x[14s999ms])"),
            ("5m", "last_over_time(x[4m59s999ms])"),
            ("90m", "last_over_time(x[1h29m59s999ms])"),
        ] {
            let asked = at_ends(&vector("x"), Period::parse(block).unwrap());
            assert_eq!(asked, text);
            assert!(parse(&asked).is_ok(), "{asked}");
        }
        assert!(parse(&samples_within(&vector("x{a=\"b\"}"), 14 * 86_400)).is_ok());
    }

    #[test]
    fn a_selector_is_limited_to_values_as_texts() {
        let labels = [
            ("code".to_owned(), vec![String::new(), "5.0".to_owned()]),
            ("pod".to_owned(), vec!["a\"b".to_owned()]),
        ];
        let text = limited(&vector("x{v=~\"a|b\"}"), &labels).text();
        assert_eq!(text, r#"x{v=~"a|b",code=~"|5\\.0",pod=~"a\"b"}"#);
        assert!(parse(&text).is_ok(), "{text}");
    }
}

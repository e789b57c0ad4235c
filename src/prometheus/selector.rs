//! Bare selectors limited to the arms, to a label's value or to one series, and written as PromQL. Pure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use promql_parser::parser::{Expr, VectorSelector as Parsed, parse};
use promql_parser::util::{ExprVisitor, walk_expr};

use crate::plan::{Arm, ArmValue, Arms, LabelMatcher, MatchOperator, VectorSelector};

use super::answer::Labels;

impl VectorSelector {
    /// Limited to the two arms.
    pub(super) fn with_arms(&self, arms: &Arms) -> Self {
        let mut values: Vec<String> = [&arms.exposed, &arms.unexposed]
            .into_iter()
            .map(alternative)
            .collect();
        values.dedup();
        self.with(&arms.label, MatchOperator::Matches, values.join("|"))
    }

    /// Limited to one arm.
    pub(super) fn with_arm(&self, arms: &Arms, arm: Arm) -> Self {
        match arms.of(arm) {
            ArmValue::Text(text) => self.with_label(&arms.label, text),
            ArmValue::Regex(pattern) => self.with(
                &arms.label,
                MatchOperator::Matches,
                pattern.as_str().to_owned(),
            ),
        }
    }

    /// What both select; `None` where their names alone exclude each other.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let name = match (&self.name, &other.name) {
            (Some(one), Some(two)) if one != two => return None,
            (Some(name), _) | (None, Some(name)) => Some(name.clone()),
            (None, None) => None,
        };
        let more = other.matchers.iter();
        let more = more.filter(|matcher| !self.matchers.contains(matcher));
        Some(Self {
            name,
            matchers: self.matchers.iter().chain(more).cloned().collect(),
        })
    }

    /// Limited to some values of a label; the empty one is a missing label.
    pub(super) fn with_any(&self, label: &str, values: &[String]) -> Self {
        let values: Vec<String> = values.iter().map(|value| escape_regex(value)).collect();
        self.with(label, MatchOperator::Matches, values.join("|"))
    }

    /// Limited to one value of a label.
    pub(super) fn with_label(&self, label: &str, value: &str) -> Self {
        self.with(label, MatchOperator::Equal, value.to_owned())
    }

    /// Limited to series that have these labels, whatever their name and other labels.
    pub(super) fn with_labels(&self, labels: &Labels) -> Self {
        let mut limited = self.clone();
        for (label, value) in labels.iter().filter(|(label, _)| *label != "__name__") {
            limited = limited.with_label(label, value);
        }
        limited
    }

    fn with(&self, label: &str, operator: MatchOperator, value: String) -> Self {
        let mut limited = self.clone();
        limited.matchers.push(LabelMatcher {
            label: label.to_owned(),
            operator,
            value,
        });
        limited
    }

    /// As PromQL.
    pub(super) fn text(&self) -> String {
        let Self { name, matchers } = self;
        let matchers: Vec<String> = matchers.iter().map(written).collect();
        let name = name.as_deref().unwrap_or_default();
        if matchers.is_empty() {
            name.to_owned()
        } else {
            format!("{name}{{{}}}", matchers.join(","))
        }
    }
}

/// The values of an arm within a regular expression.
fn alternative(value: &ArmValue) -> String {
    match value {
        ArmValue::Text(text) => escape_regex(text),
        ArmValue::Regex(pattern) => format!("(?:{})", pattern.as_str()),
    }
}

/// What is asked of each arm: once by the label where each has one value, else of each arm by itself.
pub(super) fn of_each_arm(
    both: &VectorSelector,
    arms: &Arms,
    ask: impl Fn(&str, &str) -> String,
) -> String {
    if arms.are_texts() {
        let by = format!(" by ({})", label_name(&arms.label));
        return ask(&both.text(), &by);
    }
    let each = [Arm::Exposed, Arm::Unexposed].map(|arm| {
        let of_arm = both.with_arm(arms, arm).text();
        ask(&of_arm, "")
    });
    each.join(" or ")
}

fn written(matcher: &LabelMatcher) -> String {
    let LabelMatcher {
        label,
        operator,
        value,
    } = matcher;
    let label = label_name(label);
    format!("{label}{}\"{}\"", operator.sign(), escape_string(value))
}

/// A label's name as PromQL has it: quoted where it is not one of letters, digits and `_`, which only
/// Prometheus 3 knows.
pub(super) fn label_name(name: &str) -> Cow<'_, str> {
    let plain = !name.is_empty()
        && name
            .chars()
            .enumerate()
            .all(|(i, c)| c == '_' || c.is_ascii_alphabetic() || (i > 0 && c.is_ascii_digit()));
    if plain {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(format!("\"{}\"", escape_string(name)))
    }
}

/// RE2's special characters. Label values are text, not patterns.
fn escape_regex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The metrics that a query names.
pub(super) fn metrics(text: &str) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl Names {
        fn take(&mut self, selector: &Parsed) {
            self.0.extend(selector.name.clone());
        }
    }
    impl ExprVisitor for Names {
        type Error = std::convert::Infallible;
        fn pre_visit(&mut self, expr: &Expr) -> Result<bool, Self::Error> {
            match expr {
                Expr::VectorSelector(selector) => self.take(selector),
                Expr::MatrixSelector(matrix) => self.take(&matrix.vs),
                Expr::Aggregate(_)
                | Expr::Unary(_)
                | Expr::Binary(_)
                | Expr::Paren(_)
                | Expr::Subquery(_)
                | Expr::NumberLiteral(_)
                | Expr::StringLiteral(_)
                | Expr::Call(_)
                | Expr::Extension(_) => {}
            }
            Ok(true)
        }
    }
    let mut names = Names(BTreeSet::new());
    if let Ok(expr) = parse(text) {
        // It cannot fail.
        let _ = walk_expr(&mut names, &expr);
    }
    names.0
}

/// Every series of a metric.
pub(super) fn named(metric: &str) -> String {
    format!("{{__name__=\"{}\"}}", escape_string(metric))
}

/// The inside of a double-quoted PromQL string.
fn escape_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Selector;

    fn vector(text: &str) -> VectorSelector {
        Selector::parse(text).unwrap().vector().clone()
    }

    fn with_arms(selector: &str, exposed: &str, unexposed: &str) -> String {
        let arms = Arms {
            label: "variant".into(),
            exposed: exposed.into(),
            unexposed: unexposed.into(),
        };
        let text = vector(selector).with_arms(&arms).text();
        // What is built must be PromQL again, with the values it was built from.
        assert!(parse(&text).is_ok(), "{text}");
        text
    }

    #[test]
    fn both_arms_go_into_one_matcher() {
        assert_eq!(
            with_arms("x_total", "new", "old"),
            r#"x_total{variant=~"new|old"}"#
        );
        assert_eq!(
            with_arms(r#"x_total{code=~"5..",app!="a"}"#, "new", "old"),
            r#"x_total{code=~"5..",app!="a",variant=~"new|old"}"#
        );
        assert_eq!(
            with_arms(r#"{__name__="x_total"}"#, "new", "old"),
            r#"{__name__="x_total",variant=~"new|old"}"#
        );
    }

    #[test]
    fn names_of_prometheus_3_stay_quoted_and_plain_ones_stay_plain() {
        let selector = r#"{"http.requests", "http.response.status_code"=~"5..", app="shop"}"#;
        let arms = Arms {
            label: "deployment.variant".into(),
            exposed: "new".into(),
            unexposed: "old".into(),
        };
        let text = vector(selector).with_arms(&arms).text();
        for part in [
            r#"__name__="http.requests""#,
            r#""http.response.status_code"=~"5..""#,
            r#"app="shop""#,
            r#""deployment.variant"=~"new|old""#,
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(parse(&text).is_ok(), "{text}");
        assert_eq!(label_name("variant"), "variant");
        assert_eq!(label_name("9a"), "\"9a\"");
        assert_eq!(label_name("a\"} or x{b=\""), "\"a\\\"} or x{b=\\\"\"");
    }

    #[test]
    fn label_values_are_text_and_not_patterns() {
        assert_eq!(
            with_arms("x", "v1.2", "a|b\"c\\"),
            r#"x{variant=~"v1\\.2|a\\|b\"c\\\\"}"#
        );
    }

    #[test]
    fn one_series_is_found_by_its_labels() {
        let labels = Labels::from([
            ("__name__".into(), "x_total".into()),
            ("pod".into(), "a".into()),
            ("v".into(), "b\"c".into()),
        ]);
        assert_eq!(
            vector("{app=\"s\"}").with_labels(&labels).text(),
            r#"{app="s",pod="a",v="b\"c"}"#
        );
        assert_eq!(vector("x").with_labels(&Labels::new()).text(), "x");
    }
}

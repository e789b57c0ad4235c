//! Bare PromQL selectors: taken apart, limited to the two arms, and written again. Pure.

use std::borrow::Cow;
use std::collections::BTreeSet;

use promql_parser::label::Matcher;
use promql_parser::parser::{Expr, VectorSelector, parse};
use promql_parser::util::{ExprVisitor, walk_expr};

use crate::plan::Arms;

use super::answer::Labels;

/// A selector taken apart, so that matchers can be added to it.
pub(super) struct Plain(VectorSelector);

impl Plain {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let expr =
            parse(text).map_err(|error| format!("the selector `{text}` is unreadable: {error}"))?;
        let selector = match expr {
            Expr::VectorSelector(selector) => selector,
            Expr::Aggregate(_)
            | Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Paren(_)
            | Expr::Subquery(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::MatrixSelector(_)
            | Expr::Call(_)
            | Expr::Extension(_) => {
                return Err(format!(
                    "`{text}` is not a bare selector such as `requests_total{{app=\"shop\"}}`; \
                     write PromQL under `exposed` and `unexposed`"
                ));
            }
        };
        if selector.offset.is_some() || selector.at.is_some() {
            return Err(format!(
                "the selector `{text}` is shifted in time; remove `offset` and `@`"
            ));
        }
        Ok(Self(selector))
    }

    /// True for the `_bucket` series of a classic histogram; others are native.
    pub(super) fn is_classic(&self) -> bool {
        let named = self.0.matchers.find_matchers("__name__");
        self.0
            .name
            .iter()
            .chain(named.iter().map(|matcher| &matcher.value))
            .any(|name| name.ends_with("_bucket"))
    }

    /// As PromQL.
    pub(super) fn text(&self) -> String {
        self.render(None)
    }

    /// As PromQL, limited to the two arms.
    pub(super) fn with_arms(&self, arms: &Arms) -> String {
        let mut values: Vec<String> = [&arms.exposed, &arms.unexposed]
            .into_iter()
            .map(|value| escape_regex(value))
            .collect();
        values.dedup();
        let matcher = format!(
            "{}=~\"{}\"",
            label_name(&arms.label),
            escape_string(&values.join("|"))
        );
        self.render(Some(&matcher))
    }

    /// Limited to values of a label; the empty one is a missing label.
    pub(super) fn with_any(self, label: &str, values: &[String]) -> Self {
        let values: Vec<String> = values.iter().map(|value| escape_regex(value)).collect();
        let limit = format!(
            "{}=~\"{}\"",
            label_name(label),
            escape_string(&values.join("|"))
        );
        Self::read(&self.render(Some(&limit))).unwrap_or(self)
    }

    /// As PromQL, limited to series that have these labels, whatever their name and other labels.
    pub(super) fn with_labels(&self, labels: &Labels) -> String {
        let matchers: Vec<String> = labels
            .iter()
            .filter(|(label, _)| *label != "__name__")
            .map(|(label, value)| format!("{}=\"{}\"", label_name(label), escape_string(value)))
            .collect();
        self.render(
            (!matchers.is_empty())
                .then(|| matchers.join(","))
                .as_deref(),
        )
    }

    fn render(&self, more: Option<&str>) -> String {
        let join = |group: &[Matcher]| {
            group
                .iter()
                .map(|m| {
                    let name = label_name(&m.name);
                    format!("{name}{}\"{}\"", m.op, escape_string(&m.value))
                })
                .chain(more.map(str::to_owned))
                .collect::<Vec<_>>()
                .join(",")
        };
        let matchers = &self.0.matchers;
        let inside = if matchers.or_matchers.is_empty() {
            join(&matchers.matchers)
        } else {
            let groups: Vec<String> = matchers.or_matchers.iter().map(|g| join(g)).collect();
            groups.join(" or ")
        };
        let name = self.0.name.as_deref().unwrap_or_default();
        if inside.is_empty() {
            name.to_owned()
        } else {
            format!("{name}{{{inside}}}")
        }
    }
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
        fn take(&mut self, selector: &VectorSelector) {
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

    fn with_arms(selector: &str, exposed: &str, unexposed: &str) -> String {
        let arms = Arms {
            label: "variant".into(),
            exposed: exposed.into(),
            unexposed: unexposed.into(),
        };
        let text = Plain::read(selector).unwrap().with_arms(&arms);
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
        let text = Plain::read(selector).unwrap().with_arms(&arms);
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
    fn a_shifted_or_composed_selector_is_refused() {
        for bad in [
            "x offset 5m",
            "x @ 100",
            "sum(x)",
            "x[5m]",
            "x + y",
            "",
            "x{",
        ] {
            assert!(Plain::read(bad).is_err(), "{bad}");
        }
    }
}

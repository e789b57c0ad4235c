//! Bare PromQL vector selectors: as they were written, and taken apart. They are parsed once, when a
//! plan is read; what is asked of Prometheus is made from the parts.

use promql_parser::label;
use promql_parser::parser::{Expr, VectorSelector as Parsed, parse};

/// Longer than any query a person writes; the parser's work and depth are bounded with it.
const LONGEST: usize = 16_384;

/// A bare vector selector as the plan has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selector {
    text: String,
    vector: VectorSelector,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// When the text is no PromQL, or more than a metric's name with its labels.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let expression = parse_promql(text).map_err(SelectorError::NotPromql)?;
        let Expr::VectorSelector(parsed) = expression else {
            return Err(SelectorError::NotBare(Box::new(expression)));
        };
        Ok(Self {
            text: text.to_owned(),
            vector: VectorSelector::of(parsed)?,
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its parts.
    #[must_use]
    pub const fn vector(&self) -> &VectorSelector {
        &self.vector
    }
}

/// Why a text is no bare selector. What to write instead depends on where it stands in the plan.
#[derive(Debug, Clone)]
pub enum SelectorError {
    /// What the parser says about a text that is no PromQL.
    NotPromql(String),
    /// A range, a call or another whole query.
    NotBare(Box<Expr>),
    /// It has an `offset` or `@`.
    Shifted,
    /// It has `or` between its labels.
    Alternatives,
}

/// PromQL of a bounded length.
///
/// # Errors
/// What the parser says, or that the text is too long.
pub(crate) fn parse_promql(text: &str) -> Result<Expr, String> {
    if text.len() > LONGEST {
        return Err(format!("longer than {LONGEST} bytes"));
    }
    parse(text)
}

/// A metric's name and the labels that its series must have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VectorSelector {
    /// The name before the braces.
    pub name: Option<String>,
    /// What stands between the braces, in its order; the name may be one of them.
    pub matchers: Vec<LabelMatcher>,
}

impl VectorSelector {
    fn of(parsed: Parsed) -> Result<Self, SelectorError> {
        let Parsed {
            name,
            matchers,
            offset,
            at,
        } = parsed;
        if offset.is_some() || at.is_some() {
            return Err(SelectorError::Shifted);
        }
        if !matchers.or_matchers.is_empty() {
            return Err(SelectorError::Alternatives);
        }
        Ok(Self {
            name,
            matchers: matchers
                .matchers
                .into_iter()
                .map(LabelMatcher::of)
                .collect(),
        })
    }

    /// The names it speaks of: the one before the braces, and those of matchers of `__name__`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let matched = self.matchers.iter().filter(|one| one.label == "__name__");
        self.name
            .as_deref()
            .into_iter()
            .chain(matched.map(|one| one.value.as_str()))
    }

    /// True for the `_bucket` series of a classic histogram; others are native.
    #[must_use]
    pub fn is_classic(&self) -> bool {
        self.names().any(|name| name.ends_with("_bucket"))
    }
}

/// What a label must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelMatcher {
    /// The label's name.
    pub label: String,
    /// How it is compared.
    pub operator: MatchOperator,
    /// With what: a text, or a regular expression of Prometheus.
    pub value: String,
}

impl LabelMatcher {
    fn of(parsed: label::Matcher) -> Self {
        let label::Matcher { op, name, value } = parsed;
        Self {
            label: name,
            operator: match op {
                label::MatchOp::Equal => MatchOperator::Equal,
                label::MatchOp::NotEqual => MatchOperator::NotEqual,
                label::MatchOp::Re(_) => MatchOperator::Matches,
                label::MatchOp::NotRe(_) => MatchOperator::MatchesNot,
            },
            value,
        }
    }
}

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchOperator {
    /// The same text.
    Equal,
    /// Another text.
    NotEqual,
    /// All of it fits a regular expression.
    Matches,
    /// It does not fit one.
    MatchesNot,
}

impl MatchOperator {
    /// As PromQL has it.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Matches => "=~",
            Self::MatchesNot => "!~",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_taken_apart() {
        let selector = Selector::parse("x_total{code=~\"5..\", app!=\"a\"}").unwrap();
        let vector = selector.vector();
        assert_eq!(vector.name.as_deref(), Some("x_total"));
        let parts: Vec<(&str, &str, &str)> = vector
            .matchers
            .iter()
            .map(|one| (one.label.as_str(), one.operator.sign(), one.value.as_str()))
            .collect();
        assert_eq!(parts, [("code", "=~", "5.."), ("app", "!=", "a")]);
    }

    #[test]
    fn native_histograms_are_told_from_classic_ones_by_name() {
        for (text, classic) in [
            ("x_bucket", true),
            ("{__name__=\"x_bucket\"}", true),
            ("x{a=\"y_bucket\"}", false),
            ("x_seconds", false),
        ] {
            let selector = Selector::parse(text).unwrap();
            assert_eq!(selector.vector().is_classic(), classic, "{text}");
        }
    }

    #[test]
    fn a_shifted_or_composed_selector_is_refused() {
        for shifted in ["x offset 5m", "x @ 100"] {
            let found = Selector::parse(shifted);
            assert!(matches!(found, Err(SelectorError::Shifted)), "{shifted}");
        }
        for composed in ["sum(x)", "x[5m]", "x + y"] {
            let found = Selector::parse(composed);
            assert!(
                matches!(found, Err(SelectorError::NotBare(_))),
                "{composed}"
            );
        }
        for bad in ["", "x{"] {
            let found = Selector::parse(bad);
            assert!(matches!(found, Err(SelectorError::NotPromql(_))), "{bad}");
        }
        let found = Selector::parse("x{a=\"b\" or c=\"d\"}");
        assert!(matches!(found, Err(SelectorError::Alternatives)));
    }
}

//! Queries that somebody wrote for one arm, with `$block` and `$increments(SELECTOR)` to be filled in.

use std::ops::Range;

use promql_parser::parser::Expr;
use promql_parser::util::{ExprVisitor, walk_expr};

use super::selector::{Selector, SelectorError, VectorSelector, parse_promql};
use crate::units::Period;

/// Stands for the block's length.
const BLOCK: &str = "$block";
/// Stands for the increments of a counter, before its selector in parentheses.
const INCREMENTS: &str = "$increments";

/// PromQL for one arm, taken as it is but for `$block`, which stands for the block's length, and
/// `$increments(SELECTOR)`, which stands for the increment of each series of a counter within the block.
/// Prometheus is the judge of its validity.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArmQuery {
    text: String,
    increments: Vec<(Range<usize>, VectorSelector)>,
    other_selectors: bool,
    lossy: Option<String>,
}

/// Why `$increments` cannot be filled in.
#[derive(Debug, Clone)]
pub enum IncrementsError {
    /// No selector in parentheses follows.
    NoParentheses,
    /// What stands in the parentheses is no bare selector.
    NoSelector {
        /// What stands there.
        inside: String,
        /// Why it is none.
        why: SelectorError,
    },
}

impl ArmQuery {
    /// Finds what is to be filled in.
    ///
    /// # Errors
    /// When `$increments` has no bare selector.
    pub fn parse(text: &str) -> Result<Self, IncrementsError> {
        let mut query = Self {
            text: text.to_owned(),
            increments: Vec::new(),
            other_selectors: false,
            lossy: None,
        };
        let mut from = 0;
        while let Some(start) = find_outside_quotes(text, from, INCREMENTS) {
            let after = start + INCREMENTS.len();
            let open = text[after..].len() - text[after..].trim_start().len() + after;
            if !text[open..].starts_with('(') {
                return Err(IncrementsError::NoParentheses);
            }
            let close = closing(text, open).ok_or(IncrementsError::NoParentheses)?;
            let inside = text[open + 1..close].trim();
            let selector = Selector::parse(inside).map_err(|why| IncrementsError::NoSelector {
                inside: inside.to_owned(),
                why,
            })?;
            query
                .increments
                .push((start..close + 1, selector.vector().clone()));
            from = close + 1;
        }
        let mut rest = Rest::default();
        if let Ok(expression) = parse_promql(&query.sketch()) {
            // It cannot fail.
            let _ = walk_expr(&mut rest, &expression);
            query.other_selectors = rest.selectors;
        }
        query.lossy = rest.lossy;
        Ok(query)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As it is asked for blocks of this length; `increments` gives what stands for those of a selector.
    #[must_use]
    pub fn filled(&self, block: Period, increments: impl Fn(&VectorSelector) -> String) -> String {
        self.with(&block.to_string(), increments)
    }

    /// PromQL of the same form, with a vector of numbers in place of increments.
    #[must_use]
    pub fn sketch(&self) -> String {
        self.with("5m", |_| "vector(1)".to_owned())
    }

    /// The selectors whose increments are wanted.
    pub fn increments(&self) -> impl Iterator<Item = &VectorSelector> {
        self.increments.iter().map(|(_, selector)| selector)
    }

    /// Whether it selects anything besides increments; those may be joined with it.
    #[must_use]
    pub const fn has_other_selectors(&self) -> bool {
        self.other_selectors
    }

    /// The function in it that loses increments, as PromQL calls it.
    #[must_use]
    pub fn lossy_function(&self) -> Option<&str> {
        self.lossy.as_deref()
    }

    fn with(&self, block: &str, increments: impl Fn(&VectorSelector) -> String) -> String {
        let mut filled = String::with_capacity(self.text.len());
        let mut from = 0;
        for (place, selector) in &self.increments {
            filled.push_str(&self.text[from..place.start].replace(BLOCK, block));
            filled.push_str(&increments(selector));
            from = place.end;
        }
        filled.push_str(&self.text[from..].replace(BLOCK, block));
        filled
    }
}

impl std::fmt::Display for ArmQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a query has besides increments.
#[derive(Default)]
struct Rest {
    selectors: bool,
    lossy: Option<String>,
}

impl ExprVisitor for Rest {
    type Error = std::convert::Infallible;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool, Self::Error> {
        match expression {
            Expr::VectorSelector(_) | Expr::MatrixSelector(_) => self.selectors = true,
            Expr::Call(call)
                if ["increase", "rate", "irate", "delta", "idelta"].contains(&call.func.name) =>
            {
                self.lossy.get_or_insert_with(|| call.func.name.to_owned());
            }
            Expr::Call(_)
            | Expr::Aggregate(_)
            | Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Paren(_)
            | Expr::Subquery(_)
            | Expr::NumberLiteral(_)
            | Expr::StringLiteral(_)
            | Expr::Extension(_) => {}
        }
        Ok(true)
    }
}

/// Each character that is not within a string, with its place.
pub(in crate::plan) fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut quote = None;
    let mut escaped = false;
    text.char_indices().filter(move |&(_, c)| {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"' | '\'') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None => return true,
        }
        false
    })
}

fn find_outside_quotes(text: &str, from: usize, word: &str) -> Option<usize> {
    outside_quotes(text)
        .map(|(place, _)| place)
        .find(|place| *place >= from && text[*place..].starts_with(word))
}

/// The parenthesis that closes the one at this place.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (place, letter) in outside_quotes(text).filter(|(place, _)| *place >= open) {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(place);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        let query = ArmQuery::parse(text).unwrap();
        query.filled(Period::from_minutes(1), |selector| {
            format!("<{}>", selector.name.as_deref().unwrap_or_default())
        })
    }

    #[test]
    fn increments_and_blocks_are_filled_in_and_strings_stay() {
        assert_eq!(
            filled("sum($increments(x{a=\")\"}) * on (pod) group_left y) / $increments ( z )"),
            "sum(<x> * on (pod) group_left y) / <z>"
        );
        assert_eq!(
            filled("sum_over_time(x{a=\"$increments(\"}[$block])"),
            "sum_over_time(x{a=\"$increments(\"}[1m])"
        );
    }

    #[test]
    fn increments_need_one_bare_selector() {
        for bad in ["$increments", "$increments x", "$increments(x"] {
            let found = ArmQuery::parse(bad);
            assert!(
                matches!(found, Err(IncrementsError::NoParentheses)),
                "{bad}"
            );
        }
        for bad in [
            "$increments()",
            "$increments(x[5m])",
            "$increments(sum(x))",
            "$increments($increments(x))",
            "$increments(x offset 5m)",
            "$increments(x, y)",
        ] {
            let found = ArmQuery::parse(bad);
            assert!(
                matches!(found, Err(IncrementsError::NoSelector { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn joins_and_functions_that_lose_increments_are_seen() {
        let query = |text| ArmQuery::parse(text).unwrap();
        assert!(!query("sum($increments(x) + $increments(y)) / 2").has_other_selectors());
        assert!(query("sum($increments(x) * on (pod) y)").has_other_selectors());
        assert_eq!(query("sum(rate(x[$block]))").lossy_function(), Some("rate"));
        assert_eq!(query("sum($increments(x))").lossy_function(), None);
    }
}

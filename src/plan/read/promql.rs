//! PromQL as far as it can be checked offline: bare selectors, and whole queries for one arm. The
//! server stays the judge of what a query means.

use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, VectorSelector, parse};
use toml::Spanned;
use toml::de::DeValue;

use super::fields::Reader;
use crate::plan::model::{Arms, Mistake, Selector};

/// Longer than any query a person writes; the parser's work and depth are bounded with it.
const LONGEST: usize = 16_384;

/// A bare vector selector that leaves the arms' label to `rollout`.
pub(super) fn selector(
    reader: &mut Reader,
    value: &Spanned<DeValue<'_>>,
    key: &str,
    arms: &Arms,
) -> Option<Selector> {
    let example = format!("{key} = 'http_requests_total{{app=\"checkout\"}}'");
    let written = reader.text_of(value, key, &example)?;
    let text = written.value.trim();
    let refuse = |message: String| Mistake::error("bad-selector", written.span.clone(), message);
    let mistake = match checked(text) {
        Err(problem) => refuse(format!("`{key}` is not a PromQL selector"))
            .label(problem)
            .cure(format!("write a metric name with its labels: `{example}`")),
        Ok(Expr::VectorSelector(selector)) => match odd(&selector, text, arms) {
            None => return Some(Selector(text.to_owned())),
            Some((problem, cure)) => refuse(format!("`{key}` {problem}")).cure(cure),
        },
        Ok(Expr::MatrixSelector(matrix)) => refuse(format!("`{key}` has a range"))
            .label("rollout asks for the range itself")
            .cure(format!("write `{key} = '{}'`", matrix.vs)),
        Ok(other) => {
            let mistake = refuse(format!("`{key}` is a whole query, not a bare selector"))
                .label("rollout adds rate, sum and range itself");
            match inner(&other) {
                Some(inside) => mistake.cure(format!(
                    "write `{key} = '{inside}'`, or give a query for each arm with `exposed = {{ {key} = '...' }}` and `unexposed = {{ {key} = '...' }}`"
                )),
                None => mistake.cure(format!(
                    "give a query for each arm: `exposed = {{ {key} = '...' }}`, `unexposed = {{ {key} = '...' }}`"
                )),
            }
        }
    };
    reader.note(mistake);
    None
}

/// A whole query for one arm; `$block` stands for the block length.
pub(super) fn query(
    reader: &mut Reader,
    value: &Spanned<DeValue<'_>>,
    key: &str,
) -> Option<String> {
    let example = format!("{key} = 'sum(increase(errors_total{{variant=\"treatment\"}}[$block]))'");
    let written = reader.text_of(value, key, &example)?;
    let text = written.value.trim();
    let asked = text.replace("$block", "5m");
    match checked(&asked) {
        Ok(expression) => match expression.value_type() {
            ValueType::Vector | ValueType::Scalar => return Some(text.to_owned()),
            ValueType::Matrix | ValueType::String => reader.note(
                Mistake::error(
                    "bad-query",
                    written.span,
                    format!("`{key}` does not give one number"),
                )
                .label("a range or a text")
                .cure(format!("write a query that gives one number: `{example}`")),
            ),
        },
        // Newer servers have functions this parser has not heard of.
        Err(problem) if problem.contains("unknown function") => {
            reader.note(
                Mistake::warning(
                    "unknown-function",
                    written.span,
                    format!("`{key}` uses a function that is not known here"),
                )
                .label(problem)
                .cure("see whether your server knows it: `rollout query PLAN`"),
            );
            return Some(text.to_owned());
        }
        Err(problem) => {
            let cure = if asked.contains('$') {
                "only `$block` is filled in; write everything else as PromQL".to_owned()
            } else {
                format!("write a PromQL query such as `{example}`")
            };
            reader.note(
                Mistake::error("bad-query", written.span, format!("`{key}` is not PromQL"))
                    .label(problem)
                    .cure(cure),
            );
        }
    }
    None
}

fn checked(text: &str) -> Result<Expr, String> {
    if text.len() > LONGEST {
        return Err(format!("longer than {LONGEST} bytes"));
    }
    parse(text)
}

/// What a bare selector must not have, with the cure.
fn odd(selector: &VectorSelector, text: &str, arms: &Arms) -> Option<(String, String)> {
    if selector.offset.is_some() || selector.at.is_some() {
        return Some((
            "has an `offset` or `@`".into(),
            "remove it: rollout asks for the time of each block itself".into(),
        ));
    }
    if !selector.matchers.or_matchers.is_empty() {
        return Some((
            "has `or` between its labels".into(),
            "write a regular expression, such as `code=~\"500|502\"`".into(),
        ));
    }
    if outside_quotes(text).any(|c| c == '#') {
        return Some((
            "has a comment".into(),
            "move the comment out of the quotes, onto a line of its own".into(),
        ));
    }
    let Arms { label, .. } = arms;
    let constrained = selector.matchers.matchers.iter().any(|m| m.name == *label);
    constrained.then(|| {
        (
            format!("fixes the arms' label `{label}`"),
            format!("remove `{label}` from the selector: rollout asks for both arms and tells them apart by it"),
        )
    })
}

/// The characters of a selector that are not within a string.
fn outside_quotes(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut quote = None;
    let mut escaped = false;
    text.chars().filter(move |&c| {
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

/// The names of all metrics in a selector or query; none where it cannot be read.
pub(super) fn metric_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(expression) = checked(&text.replace("$block", "5m")) {
        named(&expression, &mut names);
    }
    names
}

fn named(expression: &Expr, names: &mut Vec<String>) {
    let of = |selector: &VectorSelector, names: &mut Vec<String>| {
        let matched = selector.matchers.find_matchers("__name__");
        names.extend(selector.name.clone());
        names.extend(matched.into_iter().map(|matcher| matcher.value));
    };
    match expression {
        Expr::Aggregate(aggregate) => named(&aggregate.expr, names),
        Expr::Unary(unary) => named(&unary.expr, names),
        Expr::Binary(binary) => {
            named(&binary.lhs, names);
            named(&binary.rhs, names);
        }
        Expr::Paren(paren) => named(&paren.expr, names),
        Expr::Subquery(subquery) => named(&subquery.expr, names),
        Expr::VectorSelector(selector) => of(selector, names),
        Expr::MatrixSelector(matrix) => of(&matrix.vs, names),
        Expr::Call(call) => {
            for argument in &call.args.args {
                named(argument, names);
            }
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// The one selector within simple wrapping such as `sum(rate(x[5m]))`.
fn inner(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Aggregate(aggregate) => inner(&aggregate.expr),
        Expr::Paren(paren) => inner(&paren.expr),
        Expr::Subquery(subquery) => inner(&subquery.expr),
        Expr::Unary(unary) => inner(&unary.expr),
        Expr::Call(call) => call.args.args.iter().find_map(|argument| inner(argument)),
        Expr::VectorSelector(selector) => Some(selector.to_string()),
        Expr::MatrixSelector(matrix) => Some(matrix.vs.to_string()),
        Expr::Binary(_) | Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {
            None
        }
    }
}

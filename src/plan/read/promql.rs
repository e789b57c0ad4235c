//! PromQL as far as it can be checked offline: bare selectors, and whole queries for one arm. The
//! server stays the judge of what a query means.

use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, VectorSelector};
use toml::Spanned;
use toml::de::DeValue;

use super::fields::Reader;
use crate::plan::model::{ArmQuery, Arms, Mistake, Selector, SelectorError, parse_promql};
use crate::units::Period;

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
    let mistake = match Selector::parse(text) {
        Ok(selector) => match odd(&selector, arms) {
            None => return Some(selector),
            Some((problem, cure)) => refuse(format!("`{key}` {problem}")).cure(cure),
        },
        Err(SelectorError::NotPromql(problem)) => {
            refuse(format!("`{key}` is not a PromQL selector"))
                .label(problem)
                .cure(format!("write a metric name with its labels: `{example}`"))
        }
        Err(SelectorError::Shifted) => refuse(format!("`{key}` has an `offset` or `@`"))
            .cure("remove it: rollout asks for the time of each block itself"),
        Err(SelectorError::Alternatives) => refuse(format!("`{key}` has `or` between its labels"))
            .cure("write a regular expression, such as `code=~\"500|502\"`"),
        Err(SelectorError::NotBare(query)) => whole_query(key, &query, refuse),
    };
    reader.note(mistake);
    None
}

/// What is said of a whole query where a selector belongs.
fn whole_query(key: &str, query: &Expr, refuse: impl Fn(String) -> Mistake) -> Mistake {
    if let Expr::MatrixSelector(matrix) = query {
        return refuse(format!("`{key}` has a range"))
            .label("rollout asks for the range itself")
            .cure(format!("write `{key} = '{}'`", matrix.vs));
    }
    let mistake = refuse(format!("`{key}` is a whole query, not a bare selector"))
        .label("rollout adds rate, sum and range itself");
    match inner(query) {
        Some(inside) => mistake.cure(format!(
            "write `{key} = '{inside}'`, or give a query for each arm with `exposed = {{ {key} = '...' }}` and `unexposed = {{ {key} = '...' }}`"
        )),
        None => mistake.cure(format!(
            "give a query for each arm: `exposed = {{ {key} = '...' }}`, `unexposed = {{ {key} = '...' }}`"
        )),
    }
}

/// A whole query for one arm; `$block` stands for the block length.
pub(super) fn query(
    reader: &mut Reader,
    value: &Spanned<DeValue<'_>>,
    key: &str,
) -> Option<ArmQuery> {
    let example = format!("{key} = 'sum(increase(errors_total{{variant=\"treatment\"}}[$block]))'");
    let written = reader.text_of(value, key, &example)?;
    let text = written.value.trim();
    let asked = text.replace("$block", "5m");
    match parse_promql(&asked) {
        Ok(expression) => match expression.value_type() {
            ValueType::Vector | ValueType::Scalar => return Some(text.into()),
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
            return Some(text.into());
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

/// What a bare selector must not have, with the cure.
fn odd(selector: &Selector, arms: &Arms) -> Option<(String, String)> {
    if outside_quotes(selector.as_str()).any(|c| c == '#') {
        return Some((
            "has a comment".into(),
            "move the comment out of the quotes, onto a line of its own".into(),
        ));
    }
    let Arms { label, .. } = arms;
    let matchers = &selector.vector().matchers;
    let constrained = matchers.iter().any(|one| one.label == *label);
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

/// The names of all metrics in a query; none where it cannot be read.
pub(super) fn metric_names(query: &ArmQuery) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(expression) = parse_promql(&query.with_block(Period::from_minutes(5))) {
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

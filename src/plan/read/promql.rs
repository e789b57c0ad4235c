//! PromQL as far as it can be checked offline: bare selectors, and whole queries for one arm. The
//! server stays the judge of what a query means.

use std::ops::Range;

use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, VectorSelector};
use toml::Spanned;
use toml::de::DeValue;

use super::fields::Reader;
use crate::plan::model::{
    ArmQuery, Arms, Column, IncrementsError, Mistake, MistakeCode, Selector, SelectorError,
    outside_quotes, parse_promql,
};

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
    let refuse =
        |message: String| Mistake::error(MistakeCode::BadSelector, written.span.clone(), message);
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

/// A whole query for one arm; `$block` stands for the block length, `$increments(..)` for what a counter
/// counted within it.
pub(super) fn query(
    reader: &mut Reader,
    value: &Spanned<DeValue<'_>>,
    key: &str,
) -> Option<ArmQuery> {
    let example = format!("{key} = 'sum($increments(errors_total{{variant=\"treatment\"}}))'");
    let written = reader.text_of(value, key, &example)?;
    let query = match ArmQuery::parse(written.value.trim()) {
        Ok(query) => query,
        Err(error) => {
            reader.note(no_increments(key, written.span, &error));
            return None;
        }
    };
    let asked = query.sketch();
    match parse_promql(&asked) {
        Ok(expression) => match expression.value_type() {
            ValueType::Vector | ValueType::Scalar => {
                // Native histograms have no such increments, and only `_bucket` tells classic ones.
                let is_native = key == Column::Histogram.key()
                    && !metric_names(&query)
                        .iter()
                        .any(|name| name.ends_with("_bucket"));
                // Levels have differences of their own.
                let is_level = key == Column::Query.key();
                let lossy_function = query
                    .lossy_function()
                    .filter(|function| !(is_native || is_level && function.ends_with("delta")));
                if let Some(function) = lossy_function {
                    reader.note(lossy(key, written.span, function));
                }
                return Some(query);
            }
            ValueType::Matrix | ValueType::String => reader.note(
                Mistake::error(
                    MistakeCode::BadQuery,
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
                    MistakeCode::UnknownFunction,
                    written.span,
                    format!("`{key}` uses a function that is not known here"),
                )
                .label(problem)
                .cure("see whether your server knows it: `rollout doctor PLAN`"),
            );
            return Some(query);
        }
        Err(problem) => {
            let cure = if asked.contains('$') {
                "only `$block` and `$increments(SELECTOR)` are filled in; write everything else as PromQL".to_owned()
            } else {
                format!("write a PromQL query such as `{example}`")
            };
            reader.note(
                Mistake::error(
                    MistakeCode::BadQuery,
                    written.span,
                    format!("`{key}` is not PromQL"),
                )
                .label(problem)
                .cure(cure),
            );
        }
    }
    None
}

/// `$increments` without one bare selector.
fn no_increments(key: &str, place: Range<usize>, error: &IncrementsError) -> Mistake {
    const CURE: &str = "write `$increments(SELECTOR)` with one bare selector, such as `sum($increments(errors_total{app=\"shop\"}))`";
    let problem = match error {
        IncrementsError::NoParentheses => "a selector in parentheses must follow".to_owned(),
        IncrementsError::NoSelector { inside, why } => {
            let why = match why {
                SelectorError::NotPromql(_) if inside.contains("$increments") => {
                    "increments of increments"
                }
                SelectorError::NotPromql(_) => "no PromQL selector",
                SelectorError::NotBare(_) => "a whole query, not a bare selector",
                SelectorError::Shifted => "a selector with `offset` or `@`",
                SelectorError::Alternatives => "a selector with `or` between its labels",
            };
            format!("`{inside}` is {why}")
        }
    };
    Mistake::error(
        MistakeCode::BadIncrements,
        place,
        format!("`$increments` in `{key}` cannot be filled in"),
    )
    .label(problem)
    .cure(CURE)
}

/// What a function leaves out that `$increments` does not.
fn lossy(key: &str, place: Range<usize>, function: &str) -> Mistake {
    Mistake::warning(
        MistakeCode::LosesIncrements,
        place,
        format!("`{key}` uses `{function}`, which does not count everything"),
    )
    .label("loses what new series begin with and what restarts cut off, and extrapolates the rest: harm may pass")
    .cure(format!(
        "select both arms with a bare selector and [arms], which counts over restarts, too; or write \
         `$increments(SELECTOR)` in place of `{function}(SELECTOR[...])` where processes restart rarely: \
         in a crash loop it loses more"
    ))
}

/// Whether a selector fixes this label.
pub(super) fn fixes(selector: &Selector, label: &str) -> bool {
    let matchers = &selector.vector().matchers;
    matchers.iter().any(|one| one.label == label)
}

/// What a bare selector must not have, with the cure.
fn odd(selector: &Selector, arms: &Arms) -> Option<(String, String)> {
    if outside_quotes(selector.as_str()).any(|(_, c)| c == '#') {
        return Some((
            "has a comment".into(),
            "move the comment out of the quotes, onto a line of its own".into(),
        ));
    }
    let Arms { label, .. } = arms;
    fixes(selector, label).then(|| {
        (
            format!("fixes the arms' label `{label}`"),
            format!("remove `{label}` from the selector: rollout asks for both arms and tells them apart by it"),
        )
    })
}

/// The names of all metrics in a query; those that can be read.
pub(super) fn metric_names(query: &ArmQuery) -> Vec<String> {
    let of_increments = query.increments().flat_map(|one| one.names());
    let mut names: Vec<String> = of_increments.map(str::to_owned).collect();
    if let Ok(expression) = parse_promql(&query.sketch()) {
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

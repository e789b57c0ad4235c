//! JSON, with comments and trailing commas, which people write into such files, as a tree with places.

use std::ops::Range;

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::node::{Entry, Form, Node, Scalar, Value};
use crate::plan::{Mistake, MistakeCode};

/// What is not JSON even to the most lenient reader is not read.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The one value of the text.
///
/// # Errors
/// Where the text is no JSON, with the place of the first fault.
pub(super) fn document(text: &str) -> Result<Node, Box<Mistake>> {
    let collected = CollectOptions::default();
    let parsed = parse_to_ast(text, &collected, &OPTIONS).map_err(|error| {
        let range = error.range();
        let what = error.kind().to_string().to_lowercase();
        fault(range.start..range.end, what)
    })?;
    let value = parsed
        .value
        .ok_or_else(|| fault(0..text.len(), "the file is empty".into()))?;
    Ok(node(text, &value))
}

/// What a reader that takes JSON alone does not take in a text that is read here.
pub(super) fn not_strict(text: &str) -> Option<Mistake> {
    const STRICT: ParseOptions = ParseOptions {
        allow_comments: false,
        allow_trailing_commas: false,
        ..OPTIONS
    };
    let error = parse_to_ast(text, &CollectOptions::default(), &STRICT).err()?;
    let range = error.range();
    let mistake = Mistake::warning(
        MistakeCode::TargetSyntax,
        range.start..range.end,
        "what reads this file takes JSON without comments and trailing commas",
    );
    Some(mistake.label(error.kind().to_string().to_lowercase()).cure(
        "remove it: a service that cannot read the file keeps what it had, whatever the plan says",
    ))
}

fn fault(span: Range<usize>, what: String) -> Box<Mistake> {
    Box::new(
        Mistake::error(MistakeCode::TargetSyntax, span, "the file is not JSON")
            .label(what)
            .cure("correct it by hand: nothing is written into a file that cannot be read"),
    )
}

fn node(text: &str, value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let span = range.start..range.end;
    let plain = || Scalar {
        text: text[span.clone()].to_owned(),
        form: Form::Plain,
        token: Some(span.clone()),
    };
    let read = match value {
        ast::Value::StringLit(string) => {
            let inside = span.start + 1..span.end.saturating_sub(1).max(span.start + 1);
            Value::Scalar(Scalar {
                token: Some(inside.clone())
                    .filter(|at| text.get(at.clone()) == Some(&*string.value)),
                text: string.value.to_string(),
                form: Form::Quoted,
            })
        }
        ast::Value::NumberLit(_) | ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => {
            Value::Scalar(plain())
        }
        ast::Value::Array(array) => {
            Value::List(array.elements.iter().map(|one| node(text, one)).collect())
        }
        ast::Value::Object(object) => {
            let entry = |property: &ast::ObjectProp<'_>| Entry {
                key: name(&property.name),
                key_span: property.name.range().start..property.name.range().end,
                value: node(text, &property.value),
            };
            Value::Map(object.properties.iter().map(entry).collect())
        }
    };
    Node {
        value: read,
        span,
        anchored: false,
    }
}

fn name(name: &ObjectPropName<'_>) -> String {
    match name {
        ObjectPropName::String(text) => text.value.to_string(),
        ObjectPropName::Word(word) => word.value.to_owned(),
    }
}

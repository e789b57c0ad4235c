//! JSON Schema of a plan and of `config.toml`, for editors. It says what a key is and which values
//! it takes; what only several keys together can get wrong is left to the reader.

use serde_json::{Map, Value, json};

use super::key::{Key, Need, Shape, Table};
use super::tables::{keys_of, keys_of_arm};
use super::{config, metric, plan};

/// The dialect that editors understand best.
const DIALECT: &str = "http://json-schema.org/draft-07/schema#";

/// The schema of a plan.
#[must_use]
pub fn schema_plan() -> Value {
    titled(table(&plan::PLAN), "A rollout plan")
}

/// The schema of the shared settings.
#[must_use]
pub fn schema_config() -> Value {
    titled(table(&config::CONFIG), "Settings shared by rollout plans")
}

/// The outermost table.
fn titled(mut schema: Value, title: &str) -> Value {
    schema["$schema"] = DIALECT.into();
    schema["title"] = title.into();
    schema
}

/// A table with its keys and no others.
fn table(declared: &Table) -> Value {
    closed(&keys_of(declared), (declared.either)())
}

fn closed(keys: &[Key], either: Vec<Vec<&'static str>>) -> Value {
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| match key.need {
            Need::Required(_) => true,
            Need::Depends(_) | Need::Default(_) | Need::Optional => false,
        })
        .map(|key| key.name)
        .collect();
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    let mut closed = json!({"type": "object", "additionalProperties": false, "required": required});
    closed["properties"] = Value::Object(properties);
    if !either.is_empty() {
        let groups = either.into_iter().map(|group| json!({"required": group}));
        closed["oneOf"] = groups.collect();
    }
    closed
}

/// What a key is, with its default.
fn description(key: &Key) -> String {
    let doc = match key.shape {
        Shape::Selector if key.doc.starts_with("the ") => {
            return format!(
                "A bare PromQL vector selector, without range and without the arms' label: {}.",
                key.doc
            );
        }
        Shape::Query => {
            return format!(
                "PromQL that gives one number; $block is the block length, $increments(SELECTOR) the exact increments of a counter's series: {}.",
                key.doc
            );
        }
        _ => key.doc,
    };
    match key.need {
        Need::Default(default) => format!(
            "{}; the default is {}.",
            doc.trim_end_matches('.'),
            default.trim_matches('"')
        ),
        Need::Required(_) | Need::Depends(_) | Need::Optional => doc.to_owned(),
    }
}

fn property(key: &Key) -> Value {
    let mut schema = shape(key);
    schema["description"] = description(key).into();
    schema
}

fn shape(key: &Key) -> Value {
    match key.shape {
        Shape::Text | Shape::File | Shape::Zone | Shape::Selector | Shape::Query => text(),
        Shape::Pointer => json!({"type": "string", "pattern": "^(/([^~]|~[01])*)+$"}),
        Shape::Template => json!({"type": "string", "pattern": "\\{[a-z_]+\\}"}),
        Shape::Name => json!({"type": "string", "pattern": "^[^\\s=\"'\\[\\]]+$"}),
        Shape::Environment => {
            json!({"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$"})
        }
        Shape::Label => {
            json!({"type": "string", "pattern": "^[^\\u0000-\\u001f]*\\S[^\\u0000-\\u001f]*$"})
        }
        Shape::Url => json!({"type": "string", "pattern": "^\\s*https?://[^\\s@?#]+$"}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Share => json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        Shape::Positive => json!({"type": "number", "exclusiveMinimum": 0}),
        Shape::Exposure => json!({"type": "number", "exclusiveMinimum": 0, "maximum": 100}),
        Shape::Count(least) => json!({"type": "integer", "minimum": least}),
        Shape::AutoCount(least) => {
            json!({"oneOf": [{"const": "auto"}, {"type": "integer", "minimum": least}]})
        }
        Shape::Duration => duration(),
        Shape::AutoDuration => {
            let mut duration = duration();
            duration["description"] = format!("Such as {}.", key.example.trim_matches('"')).into();
            json!({"oneOf": [{"const": "auto"}, duration]})
        }
        Shape::Moment => json!({"type": "string", "format": "date-time"}),
        Shape::TimeOfDay => json!({
            "type": "string",
            "pattern": "^\\s*([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?\\s*$"
        }),
        Shape::Words(words) => json!({"enum": words()}),
        Shape::WordList(words) => json!({
            "type": "array", "minItems": 1, "uniqueItems": true, "items": {"enum": words()}
        }),
        Shape::Names => json!({"type": "array", "uniqueItems": true, "items": text()}),
        Shape::After => json!({
            "type": "array",
            "items": {"type": "string", "pattern": "^\\s*[^\\s>=]+\\s*>=\\s*[0-9.]+\\s*%?\\s*$"}
        }),
        Shape::Size => size(),
        Shape::Bound => json!({"oneOf": [
            {"type": "string", "pattern": "^\\s*[0-9.eE+-]+\\s*(%|ms|s)\\s*$"},
            {"type": "number"}
        ]}),
        Shape::RuleOut => json!({"oneOf": [
            {"type": "string", "pattern": "^\\s*(margin|nothing|[0-9.eE+-]+\\s*[%x])\\s*$"},
            {"type": "object", "additionalProperties": size()}
        ]}),
        Shape::Table(inner) | Shape::Variant(inner) => table(inner),
        Shape::Tables(inner, 0) => json!({"type": "array", "items": table(inner)}),
        Shape::Tables(inner, least) => {
            json!({"type": "array", "minItems": least, "items": table(inner)})
        }
        Shape::Named(inner) => json!({"type": "object", "additionalProperties": table(inner)}),
        Shape::Kind(kind) => table(metric::table(kind)),
        Shape::Arm(kind) => closed(&keys_of_arm(kind), Vec::new()),
        Shape::ArmValue(inner) => json!({"oneOf": [text(), table(inner)]}),
        Shape::Headers(inner) => json!({
            "type": "object",
            "propertyNames": {"not": {"pattern": "^(?:[Pp]roxy-)?[Aa]uthorization$"}},
            "additionalProperties": {"oneOf": [text(), table(inner)]}
        }),
        Shape::State => json!({"type": "object"}),
    }
}

fn text() -> Value {
    json!({"type": "string", "minLength": 1, "pattern": "\\S"})
}

fn duration() -> Value {
    json!({"type": "string", "pattern": "^\\s*([0-9]+[wdhms]\\s*)+$"})
}

fn size() -> Value {
    json!({"oneOf": [
        {"type": "string", "pattern": "^\\s*[0-9.eE+-]+\\s*(%|x|pp)\\s*$"},
        {"type": "number", "exclusiveMinimum": 0}
    ]})
}

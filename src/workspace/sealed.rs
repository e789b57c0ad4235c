//! The text of a record: indented JSON whose last key is the digest of all that stands before it.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::units::Digest;

/// What stands between the last key that is digested and the digest.
const BEFORE_DIGEST: &str = ",\n  \"digest\": \"";

/// What stands after it.
const AFTER_DIGEST: &str = "\"\n}\n";

/// How the text that is digested ends.
const END: &str = "\n}";

/// The keys whose values are series of numbers.
const SERIES: [&str; 2] = ["snapshot", "history"];

/// The text of an object that has keys, with its digest.
pub(super) fn sealed(body: &Value) -> String {
    let text = printed(body);
    let digest = Digest::of(text.as_bytes());
    let open = text.strip_suffix(END).unwrap_or(&text);
    format!("{open}{BEFORE_DIGEST}{}{AFTER_DIGEST}", digest.as_str())
}

/// True for a text that holds its own digest, and so is as it was written.
pub(super) fn is_sealed(text: &str) -> bool {
    text.strip_suffix(AFTER_DIGEST)
        .and_then(|text| text.rsplit_once(BEFORE_DIGEST))
        .is_some_and(|(body, digest)| {
            Digest::of(format!("{body}{END}").as_bytes()).as_str() == digest
        })
}

/// An object of which the series are not read.
pub(super) struct WithoutSeries(pub(super) Map<String, Value>);

impl<'de> Deserialize<'de> for WithoutSeries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = WithoutSeries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut access: A,
            ) -> Result<WithoutSeries, A::Error> {
                let mut map = Map::new();
                while let Some(key) = access.next_key::<String>()? {
                    if SERIES.contains(&key.as_str()) {
                        access.next_value::<IgnoredAny>()?;
                    } else {
                        map.insert(key, access.next_value()?);
                    }
                }
                Ok(WithoutSeries(map))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

/// Indented JSON with each list of plain values on one line: a series has hundreds of numbers, and
/// a record is read in reviews.
fn printed(value: &Value) -> String {
    let mut out = String::new();
    print(value, 0, &mut out);
    out
}

fn print(value: &Value, depth: usize, out: &mut String) {
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    match value {
        Value::Object(map) if !map.is_empty() => {
            let items = map.iter().map(|(key, value)| (Some(key), value));
            print_lines(items, depth, ['{', '}'], out);
        }
        Value::Array(items) if !items.iter().all(plain) => {
            print_lines(
                items.iter().map(|item| (None, item)),
                depth,
                ['[', ']'],
                out,
            );
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(ToString::to_string).collect();
            out.push_str(&format!("[{}]", items.join(", ")));
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string())
        }
    }
}

fn print_lines<'v>(
    items: impl Iterator<Item = (Option<&'v String>, &'v Value)>,
    depth: usize,
    [open, close]: [char; 2],
    out: &mut String,
) {
    out.push(open);
    for (at, (key, item)) in items.enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        if let Some(key) = key {
            out.push_str(&format!("{}: ", Value::from(key.as_str())));
        }
        print(item, depth + 1, out);
    }
    out.push_str(&format!("\n{}{close}", "  ".repeat(depth)));
}

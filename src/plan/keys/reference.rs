//! The reference of all keys, as Markdown for `.github/REFERENCE.md`.

use std::fmt::Write as _;

use super::key::{Key, Need, Shape, Table};
use super::tables::{keys_of, keys_of_arm};
use super::{config, metric, plan};
use crate::plan::model::{KindName, Word};

/// Every key of a plan and of `config.toml`, one line each.
#[must_use]
pub fn reference() -> String {
    let mut text = String::new();
    section(&mut text, &plan::PLAN);
    heading(
        &mut text,
        "A metric, in `[[guardrails]]` or `[metrics.NAME]`",
    );
    for kind in KindName::ALL {
        for key in keys_of(metric::table(*kind)) {
            row(&mut text, &format!("{}.", kind.key()), &key);
        }
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{}", metric::FILLED_IN);
    section(&mut text, &config::CONFIG);
    text
}

/// A table and, below it, the tables within.
fn section(text: &mut String, table: &Table) {
    heading(text, table.header);
    let keys = keys_of(table);
    let common = common(&keys);
    for key in &common {
        row(text, "KIND.", key);
    }
    for key in &keys {
        row(text, "", key);
        if let Shape::Variant(inner) = key.shape {
            let own = keys_of(inner).into_iter();
            for inner in own.filter(|inner| !common.iter().any(|one| one.name == inner.name)) {
                row(text, &format!("{}.", key.name), &inner);
            }
        }
    }
    for key in &keys {
        match key.shape {
            Shape::Table(inner)
            | Shape::Tables(inner, _)
            | Shape::Named(inner)
            | Shape::Headers(inner) => section(text, inner),
            _ => {}
        }
    }
}

/// What all variants of a table are told alike; nothing where it has none.
fn common(keys: &[Key]) -> Vec<Key> {
    let variants: Vec<Vec<Key>> = keys
        .iter()
        .filter_map(|key| match key.shape {
            Shape::Variant(inner) => Some(keys_of(inner)),
            _ => None,
        })
        .collect();
    let alike = |key: &Key, keys: &[Key]| {
        keys.iter()
            .any(|one| one.name == key.name && one.doc == key.doc)
    };
    let first = variants.first().cloned().unwrap_or_default().into_iter();
    first
        .filter(|key| variants.iter().all(|keys| alike(key, keys)))
        .collect()
}

fn heading(text: &mut String, header: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "\n{header}\n\n| key | type | default | |\n| --- | --- | --- | --- |"
    );
}

fn row(text: &mut String, within: &str, key: &Key) {
    let default = match key.need {
        Need::Required(_) => "required".to_owned(),
        Need::Default(default) => format!("`{default}`"),
        Need::Depends(_) | Need::Optional => String::new(),
    };
    let cells = [
        format!("`{within}{}`", key.name),
        kind_of(key),
        default,
        key.doc.to_owned(),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// The values that a key takes, in a few words.
fn kind_of(key: &Key) -> String {
    let words = |words: Vec<&str>| {
        let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        quoted.join(", ")
    };
    match key.shape {
        Shape::Text => "text".into(),
        Shape::Name => "name".into(),
        Shape::Environment => "variable's name".into(),
        Shape::Label => "label".into(),
        Shape::Url => "URL".into(),
        Shape::File => "path".into(),
        Shape::Pointer => "pointer".into(),
        Shape::Template => "template".into(),
        Shape::Zone => "time zone".into(),
        Shape::Selector => "selector".into(),
        Shape::Query => "PromQL".into(),
        Shape::Flag => words(vec!["true", "false"]),
        Shape::Share => "between 0 and 1".into(),
        Shape::Positive => "number above 0".into(),
        Shape::Exposure => "percent".into(),
        Shape::Count(least) => format!("whole number from {least}"),
        Shape::AutoCount(least) => format!("`auto`, whole number from {least}"),
        Shape::Duration => "duration".into(),
        Shape::AutoDuration => "`auto`, duration".into(),
        Shape::Moment => "date and time".into(),
        Shape::TimeOfDay => "time of day".into(),
        Shape::Words(all) => words(all()),
        Shape::WordList(all) => format!("list of {}", words(all())),
        Shape::Names => "list of names".into(),
        Shape::After => "list of `\"PLAN >= PERCENT\"`".into(),
        Shape::Size => "size".into(),
        Shape::Bound => "bound".into(),
        Shape::RuleOut => "`margin`, `nothing`, size, table of sizes".into(),
        Shape::Table(_) | Shape::Kind(_) | Shape::Variant(_) | Shape::State => "table".into(),
        Shape::Tables(..) => "tables".into(),
        Shape::Named(_) => "tables by name".into(),
        Shape::ArmValue(_) => "text or `{ regex }`".into(),
        Shape::Headers(_) => "texts or `{ env }` by name".into(),
        Shape::Arm(kind) => {
            let names = keys_of_arm(kind).into_iter().map(|key| key.name).collect();
            format!("table of {}", words(names))
        }
    }
}

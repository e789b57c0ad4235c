//! Single values of `[[targets]]`: paths, pointers, and words that stand in the files of others.

use super::fields::{At, Fields, Reader};
use crate::plan::keys::key::Key;
use crate::plan::keys::target::{at, split_clients};
use crate::plan::model::{Mistake, MistakeCode, Pointer};

/// The folder of records, beside the plans.
const EVIDENCE: &str = ".evidence";

pub(super) fn owned(text: &At<&str>) -> String {
    text.value.to_owned()
}

/// A text that must be there.
pub(super) fn needed<'a>(
    reader: &mut Reader,
    fields: &Fields<'a>,
    key: &Key,
) -> Option<At<&'a str>> {
    if !fields.has(key) {
        reader.missing(fields, key);
        return None;
    }
    reader.text(fields, key)
}

pub(super) fn pointer(reader: &mut Reader, text: &At<&str>) -> Option<Pointer> {
    let pointer = Pointer::parse(text.value);
    if pointer.is_none() {
        reader.note(
            Mistake::error(
                MistakeCode::BadPointer,
                text.span.clone(),
                format!("`{}` is not a JSON pointer", text.value.escape_debug()),
            )
            .cure("write the keys and positions that lead to the number, each after a `/`: `\"/canary/weight\"`, `\"/routes/0/weight\"`"),
        );
    }
    pointer
}

/// What stands between quotes of nginx: no quote, and nothing that ends the line.
pub(super) fn hashable(reader: &mut Reader, key: &At<&str>) -> bool {
    let varies = key.value.contains('$');
    let plain = !key.value.contains(['"', '\\']) && !key.value.chars().any(char::is_control);
    if varies && plain {
        return true;
    }
    let problem = if plain {
        "is the same for every user"
    } else {
        "cannot stand in quotes of nginx"
    };
    token(reader, key, problem, split_clients::KEY);
    false
}

pub(super) fn is_variable(reader: &mut Reader, variable: &At<&str>) -> bool {
    let name = variable.value.strip_prefix('$').unwrap_or_default();
    let good = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !good {
        token(
            reader,
            variable,
            "is not a variable of nginx",
            split_clients::VARIABLE,
        );
    }
    good
}

/// A word that needs no quotes.
pub(super) fn is_token(reader: &mut Reader, text: &At<&str>, key: &Key) -> bool {
    let good = text
        .value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@'));
    if !good {
        token(reader, text, "is not one plain word", key);
    }
    good
}

fn token(reader: &mut Reader, text: &At<&str>, problem: &str, key: &Key) {
    reader.note(
        Mistake::error(
            MistakeCode::BadToken,
            text.span.clone(),
            format!("`{}` {problem}", text.value.escape_debug()),
        )
        .cure(format!("write `{}`", key.written())),
    );
}

/// The path of the file, relative to the plan's folder.
pub(super) fn file(reader: &mut Reader, fields: &Fields<'_>) -> Option<String> {
    let text = needed(reader, fields, at::FILE)?;
    let Some((problem, cure)) = misplaced(text.value) else {
        return Some(owned(&text));
    };
    reader.note(
        Mistake::error(
            MistakeCode::BadPath,
            text.span,
            format!("`{}` {problem}", text.value.escape_debug()),
        )
        .cure(cure),
    );
    None
}

/// Why a path cannot be that of a target, as far as the path alone says it, with the cure.
fn misplaced(path: &str) -> Option<(&'static str, &'static str)> {
    let steps: Vec<&str> = path.split('/').collect();
    let named: Vec<&str> = steps
        .iter()
        .copied()
        .filter(|step| !matches!(*step, "" | "."))
        .collect();
    if path.chars().any(char::is_control) {
        return Some((
            "has a control character",
            "write the path as it is, relative to the plan",
        ));
    }
    if path.contains('\\') {
        return Some((
            "has a backslash",
            "write `/` between folders, on every system",
        ));
    }
    if path.starts_with('/') || path.as_bytes().get(1) == Some(&b':') {
        return Some((
            "is not relative to the plan",
            "write it from the plan's folder on, such as `\"../flags/checkout.json\"`: every clone of the repository has its own place",
        ));
    }
    if steps
        .last()
        .is_none_or(|last| matches!(*last, "" | "." | ".."))
    {
        return Some((
            "is a folder",
            "write the path of the file, such as `\"../flags/checkout.json\"`",
        ));
    }
    if named.iter().any(|step| step.eq_ignore_ascii_case(".git")) {
        return Some((
            "belongs to git",
            "write the path of a file of the work tree",
        ));
    }
    match named.as_slice() {
        [first, ..] if *first == EVIDENCE => Some((
            "is among the records",
            "write the path of a file outside of the plans' folder, such as `\"../flags/checkout.json\"`",
        )),
        [alone] if alone.ends_with(".toml") => Some((
            "would be read as a plan",
            "write the path of a file outside of the plans' folder, such as `\"../flags/checkout.json\"`",
        )),
        _ => None,
    }
}

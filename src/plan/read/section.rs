//! Where the `[state]` table stands in the text of a plan, and what stands before it.
//!
//! Finds and refuses; it neither reads the values ([`super::state`]) nor replaces them
//! (`write`). What is refused here is refused when a plan is validated, so that nobody
//! learns at the first rollback that a file cannot be written.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::units::Digest;

use super::spanned;
use crate::plan::keys::plan::root::STATE;
use crate::plan::model::{Mistake, MistakeCode};

/// The comment above a new `[state]` table.
pub(in crate::plan) const MARKER: &str =
    "# Written by rollout. Change it with commands, not by hand.";

/// A value of the `[state]` table with the places of its key and of itself.
#[derive(Debug)]
pub(in crate::plan) struct Entry<'t> {
    /// The key.
    pub(in crate::plan) key: &'t str,
    /// Where the key stands.
    pub(in crate::plan) key_span: Range<usize>,
    /// The value, with its place.
    pub(in crate::plan) value: &'t Spanned<DeValue<'t>>,
}

impl Entry<'_> {
    /// Where the last thing of the value ends, also where it is spread over tables of its own.
    pub(in crate::plan) fn end(&self) -> usize {
        last_end(self.value)
    }
}

/// The `[state]` table.
#[derive(Debug)]
pub(in crate::plan) struct Section<'t> {
    /// The header, from bracket to bracket.
    pub(in crate::plan) header: Range<usize>,
    /// The values in the order of the text.
    pub(in crate::plan) entries: Vec<Entry<'t>>,
}

/// Finds the `[state]` table; `None` for a pending plan.
///
/// # Errors
/// When the text has a shape in which `[state]` cannot be replaced without touching anything else.
pub(in crate::plan) fn find<'t>(
    text: &str,
    root: &'t DeTable<'t>,
) -> Result<Option<Section<'t>>, Vec<Mistake>> {
    let mut mistakes: Vec<Mistake> = mixed_line_endings(text).into_iter().collect();
    let section = match place(text, root) {
        Ok(Some(section)) => section,
        Ok(None) if mistakes.is_empty() => return Ok(None),
        Ok(None) => return Err(mistakes),
        Err(mistake) => {
            mistakes.push(*mistake);
            return Err(mistakes);
        }
    };
    let header = &section.header;
    for (other, value) in root
        .iter()
        .filter(|(other, _)| other.get_ref() != STATE.name)
    {
        if let Some(late) = last_start(value).filter(|start| *start > header.start) {
            mistakes.push(
                Mistake::error(
                    MistakeCode::StateNotLast,
                    header.clone(),
                    "`[state]` is not the last table of the file",
                )
                .label("everything from here to the end of the file belongs to rollout")
                .related(late..late, format!("`{}` comes after it", other.get_ref()))
                .cure("move `[state]` and its keys to the end of the file"),
            );
        }
    }
    for entry in &section.entries {
        mistakes.extend(odd_shape(text, entry));
    }
    if mistakes.is_empty() {
        Ok(Some(section))
    } else {
        Err(mistakes)
    }
}

/// As [`find`], whatever the shape of the rest: for a stop, which a misplaced table must not keep
/// from being written.
///
/// # Errors
/// When `state` is there and is no table with a header of its own.
pub(in crate::plan) fn place<'t>(
    text: &str,
    root: &'t DeTable<'t>,
) -> Result<Option<Section<'t>>, Box<Mistake>> {
    let Some((key, value)) = root.iter().find(|(key, _)| key.get_ref() == STATE.name) else {
        return Ok(None);
    };
    let header = value.span();
    let Some(table) = value
        .get_ref()
        .as_table()
        .filter(|_| text[header.clone()].starts_with('['))
    else {
        return Err(Box::new(
            Mistake::error(
                MistakeCode::StateNotATable,
                key.span(),
                "the state is not a table of its own",
            )
            .label("expected `[state]` on a line of its own")
            .cure("write the keys below a line `[state]` at the end of the file"),
        ));
    };
    let mut entries: Vec<Entry<'t>> = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref(),
            key_span: key.span(),
            value,
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span.start);
    Ok(Some(Section { header, entries }))
}

/// A key of `[state]` that is spread over more than `key = value`.
fn odd_shape(text: &str, entry: &Entry<'_>) -> Option<Mistake> {
    let span = entry.value.span();
    let written = text.get(span.clone())?;
    let spread = match entry.value.get_ref() {
        DeValue::Table(_) => !written.starts_with('{'),
        // An array of tables has the span of its first header.
        DeValue::Array(array) => array
            .iter()
            .next()
            .is_some_and(|first| first.span().start == span.start),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    };
    if spread {
        return Some(
            Mistake::error(
                MistakeCode::StateNotInline,
                entry.key_span.clone(),
                format!("`{}` is not an inline table", entry.key),
            )
            .cure(format!(
                "write it on one line below `[state]`: `{} = {{ ... }}`",
                entry.key
            )),
        );
    }
    (written.contains('\n') && written.contains('#')).then(|| {
        Mistake::error(
            MistakeCode::StateCommentInside,
            span,
            format!("there may be a comment inside the value of `{}`", entry.key),
        )
        .label("rollout replaces this value as a whole")
        .cure("move the comment above the key, and write the value on one line")
    })
}

/// The start of the last thing in a value, headers of tables included.
fn last_start(value: &Spanned<DeValue<'_>>) -> Option<usize> {
    let own = value.span().start;
    match value.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .flat_map(|(key, value)| [Some(key.span().start), last_start(value)])
            .flatten()
            .chain([own])
            .max(),
        DeValue::Array(array) => array.iter().filter_map(last_start).chain([own]).max(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => Some(own),
    }
}

/// The end of the last thing in a value.
fn last_end(value: &Spanned<DeValue<'_>>) -> usize {
    let own = value.span().end;
    match value.get_ref() {
        DeValue::Table(table) => table.iter().map(|(_, v)| last_end(v)).fold(own, usize::max),
        DeValue::Array(array) => array.iter().map(last_end).fold(own, usize::max),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => own,
    }
}

/// Lines that end in two ways: whichever was written, some tool would change the other, and the
/// whole file would show up in a review.
fn mixed_line_endings(text: &str) -> Option<Mistake> {
    let mut first_is_crlf = None;
    for (at, _) in text.match_indices('\n') {
        let crlf = text[..at].ends_with('\r');
        if *first_is_crlf.get_or_insert(crlf) == crlf {
            continue;
        }
        let (this, other) = if crlf { ("CRLF", "LF") } else { ("LF", "CRLF") };
        let start = if crlf { at - 1 } else { at };
        return Some(
            Mistake::error(
                MistakeCode::MixedLineEndings,
                start..at + 1,
                "the lines of the file end in two ways",
            )
            .label(format!("this line ends with {this}, the ones above with {other}"))
            .cure("let one kind end every line: `dos2unix FILE`, or \"change end of line\" in an editor"),
        );
    }
    None
}

/// What ends the lines of this text.
pub(in crate::plan) fn line_ending(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// The part of a plan's text that a person wrote: everything before `[state]`, without the comment
/// that `rollout` puts above it, without trailing white space and without a byte order mark. So it
/// is the same text before the first stage is entered and after.
#[must_use]
pub fn declared_part(text: &str) -> &str {
    declared_part_in(text, spanned::recovered(text).0.get_ref())
}

/// As [`declared_part`], of a text that has been parsed.
pub(in crate::plan) fn declared_part_in<'t>(text: &'t str, root: &DeTable<'_>) -> &'t str {
    let end = root
        .iter()
        .find(|(key, _)| key.get_ref() == STATE.name)
        .map(|(_, value)| value.span().start)
        .filter(|start| text[*start..].starts_with('['))
        .unwrap_or(text.len());
    let declared = text[..end].trim_end();
    let declared = declared
        .strip_suffix(MARKER)
        .filter(|above| above.is_empty() || above.ends_with('\n'))
        .map_or(declared, str::trim_end);
    declared.strip_prefix('\u{feff}').unwrap_or(declared)
}

/// The digest of [`declared_part`]. Line endings do not count, because git may change them from
/// one machine to the next.
#[must_use]
pub fn declared_digest(text: &str) -> Digest {
    declared_digest_in(text, spanned::recovered(text).0.get_ref())
}

/// As [`declared_digest`], of a text that has been parsed.
pub(in crate::plan) fn declared_digest_in(text: &str, root: &DeTable<'_>) -> Digest {
    let declared = declared_part_in(text, root);
    Digest::of(declared.replace("\r\n", "\n").as_bytes())
}

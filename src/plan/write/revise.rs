//! Puts a new state into the text of a plan and leaves every other byte alone.
//!
//! The text is cut at the `[state]` section and sewn together again, never printed anew: line
//! endings, a byte order mark, comments and a missing final newline outlive it because nothing
//! touches them. What comes out is proven before it is handed on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::state::write_state;
use crate::plan::keys::StateKey;
use crate::plan::model::{Mistake, MistakeCode, Parsed, State, Word as _};
use crate::plan::read::section::{self, MARKER, Section, line_ending};
use crate::plan::read::{read_state, read_state_anywhere, spanned};

/// A text that cannot be revised.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReviseError {
    /// The text is not one whose state can be replaced.
    #[error("{}", first(.0))]
    Mistaken(Vec<Mistake>),
    /// The new text does not say what it should; nothing may be written.
    #[error("the new text would not hold exactly the intended state: {difference}")]
    NotProven {
        /// What differs.
        difference: String,
    },
}

impl ReviseError {
    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        match self {
            Self::Mistaken(mistakes) => mistakes
                .first()
                .and_then(|mistake| mistake.cure.clone())
                .unwrap_or_else(|| "run `rollout validate`, which shows the place".into()),
            Self::NotProven { .. } => {
                "the file was not touched; please report this with the plan file".into()
            }
        }
    }
}

fn first(mistakes: &[Mistake]) -> &str {
    mistakes
        .first()
        .map_or("the text has a mistake", |mistake| &mistake.message)
}

/// The text with this state in place of the one it has; nothing else is changed.
///
/// Values of keys that always exist are replaced where they stand, comments beside them stay. The
/// other keys follow them in a fixed order, because they come and go; comments that stood among
/// them are kept below. So the result depends on the last state only, however often the text was
/// revised before.
///
/// # Errors
/// When the text is not TOML, when its `[state]` cannot be replaced on its own, or when the result
/// could not be proven to be the old plan with the new state.
pub fn revise(text: &str, state: &State) -> Result<String, ReviseError> {
    revise_in(text, parse(text)?.get_ref(), state)
}

/// As [`revise`], of a text that has been parsed.
pub(super) fn revise_in(
    text: &str,
    root: &DeTable<'_>,
    state: &State,
) -> Result<String, ReviseError> {
    let old = read_state(text, root);
    if old.value.is_none() {
        return Err(ReviseError::Mistaken(old.mistakes));
    }
    let section = section::find(text, root).map_err(ReviseError::Mistaken)?;
    sewn(text, root, section.as_ref(), state, read_state)
}

/// As [`revise`], whatever stands in `[state]`, wherever it stands and however the lines of the file
/// end: a stop is written into every plan that is TOML. What was wrong elsewhere stays as it is.
///
/// # Errors
/// When the text is not TOML, when `state` is there and is no table of its own, or when the result
/// could not be proven.
pub fn overrule(text: &str, state: &State) -> Result<String, ReviseError> {
    overrule_in(text, parse(text)?.get_ref(), state)
}

/// As [`overrule`], of a text that has been parsed.
pub(super) fn overrule_in(
    text: &str,
    root: &DeTable<'_>,
    state: &State,
) -> Result<String, ReviseError> {
    let section =
        section::place(text, root).map_err(|mistake| ReviseError::Mistaken(vec![*mistake]))?;
    let read = read_state_anywhere;
    sewn(text, root, section.as_ref(), state, read)
}

/// Reads a state back for the proof.
type Read = fn(&str, &DeTable<'_>) -> Parsed<Option<State>>;

fn sewn(
    text: &str,
    root: &DeTable<'_>,
    section: Option<&Section<'_>>,
    state: &State,
    read: Read,
) -> Result<String, ReviseError> {
    let (kept_before, new, kept_after) = match section {
        Some(section) => replaced(text, section, state),
        None => (text.len(), appended(text, state), ""),
    };
    if !new.starts_with(&text[..kept_before]) || !new.ends_with(kept_after) {
        return Err(ReviseError::NotProven {
            difference: "text outside of `[state]` changed".into(),
        });
    }
    prove(root, &new, state, read)?;
    Ok(new)
}

fn parse(text: &str) -> Result<Spanned<DeTable<'_>>, ReviseError> {
    spanned::table(text).map_err(|error| syntax(&error))
}

/// That a text is no TOML.
pub(super) fn syntax(error: &toml::de::Error) -> ReviseError {
    ReviseError::Mistaken(vec![Mistake::error(
        MistakeCode::Syntax,
        error.span().unwrap_or(0..0),
        error.message(),
    )])
}

/// The text of a pending plan with its first `[state]`.
fn appended(text: &str, state: &State) -> String {
    let newline = line_ending(text);
    let mut new = text.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        new.push_str(newline);
    }
    let declared = text.trim_end();
    let marked = declared
        .strip_suffix(MARKER)
        .is_some_and(|above| above.is_empty() || above.ends_with('\n'));
    if !marked {
        let blank = declared.is_empty() || text[declared.len()..].matches('\n').count() > 1;
        if !blank {
            new.push_str(newline);
        }
        new.push_str(MARKER);
        new.push_str(newline);
    }
    new.push_str("[state]");
    for (key, value) in write_state(state) {
        new.push_str(newline);
        new.push_str(&format!("{} = {value}", key.key()));
    }
    if text.is_empty() || text.ends_with('\n') {
        new.push_str(newline);
    }
    new
}

/// The text with another `[state]`: how many bytes before it are kept, the text, and what is kept
/// behind it.
fn replaced<'t>(text: &'t str, section: &Section<'_>, state: &State) -> (usize, String, &'t str) {
    let newline = line_ending(text);
    let values = write_state(state);
    let value_of = |key: StateKey| values.iter().find(|(k, _)| *k == key).map(|(_, v)| v);

    let header = line_of(text, &section.header);
    let mut above = header.end;
    let mut lines: Vec<String> = Vec::new();
    let mut comments: Vec<String> = Vec::new();
    for entry in &section.entries {
        let value = entry.value.span();
        let line = line_of(text, &(entry.key_span.start..entry.end()));
        let leading = text[above..line.start].lines().map(ToOwned::to_owned);
        let behind = without_newline(&text[value.end..line.end]);
        // A value that is spread over lines of its own gives way as a whole.
        let spread = entry.end() > value.end;
        let behind = if spread { "" } else { behind };
        let key = StateKey::from_word(entry.key).filter(|key| key.is_required() && !spread);
        match key.and_then(value_of) {
            Some(new) => {
                lines.extend(leading);
                lines.push(format!("{}{new}{behind}", &text[line.start..value.start]));
            }
            None => {
                comments.extend(leading.filter(|line| !line.trim().is_empty()));
                let comment = behind.trim();
                if !comment.is_empty() {
                    comments.push(comment.to_owned());
                }
            }
        }
        above = line.end;
    }
    let present = |key: StateKey| {
        let mut standing = section
            .entries
            .iter()
            .filter(|entry| entry.key == key.key());
        standing.any(|entry| entry.end() == entry.value.span().end)
    };
    for (key, value) in &values {
        if !(key.is_required() && present(*key)) {
            lines.push(format!("{} = {value}", key.key()));
        }
    }
    lines.extend(comments);

    let mut new = without_newline(&text[..header.end]).to_owned();
    let kept_before = new.len();
    for line in lines {
        new.push_str(newline);
        new.push_str(&line);
    }
    if text[..above].ends_with('\n') {
        new.push_str(newline);
    }
    new.push_str(&text[above..]);
    (kept_before, new, &text[above..])
}

/// The whole lines around a place, with the last one's ending.
fn line_of(text: &str, place: &Range<usize>) -> Range<usize> {
    let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place.end..]
        .find('\n')
        .map_or(text.len(), |at| place.end + at + 1);
    start..end
}

fn without_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Reads the new text back: the old plan with exactly the intended state, or an error.
fn prove(old: &DeTable<'_>, new: &str, state: &State, read: Read) -> Result<(), ReviseError> {
    let not_proven = |difference: &str| {
        Err(ReviseError::NotProven {
            difference: difference.into(),
        })
    };
    let Ok(parsed) = spanned::table(new) else {
        return not_proven("it is not TOML");
    };
    if !same_table(old, parsed.get_ref(), Some("state")) {
        return not_proven("something besides the state differs");
    }
    let read = read(new, parsed.get_ref());
    match read.value {
        Some(Some(read)) if read == *state => Ok(()),
        Some(Some(_)) => not_proven("the state reads back differently"),
        Some(None) => not_proven("it holds no state"),
        None => not_proven(first(&read.mistakes)),
    }
}

fn same_table(old: &DeTable<'_>, new: &DeTable<'_>, except: Option<&str>) -> bool {
    let relevant = |table: &'_ DeTable<'_>| {
        table
            .iter()
            .filter(|(key, _)| Some(key.get_ref().as_ref()) != except)
            .count()
    };
    relevant(old) == relevant(new)
        && old
            .iter()
            .filter(|(key, _)| Some(key.get_ref().as_ref()) != except)
            .all(|(key, value)| {
                new.iter()
                    .find(|(other, _)| other.get_ref() == key.get_ref())
                    .is_some_and(|(_, other)| same_value(value.get_ref(), other.get_ref()))
            })
}

/// Equal as written: numbers are compared as text, so that none is rounded into equality.
fn same_value(old: &DeValue<'_>, new: &DeValue<'_>) -> bool {
    match (old, new) {
        (DeValue::String(a), DeValue::String(b)) => a == b,
        (DeValue::Integer(a), DeValue::Integer(b)) => {
            a.radix() == b.radix() && a.as_str() == b.as_str()
        }
        (DeValue::Float(a), DeValue::Float(b)) => a.as_str() == b.as_str(),
        (DeValue::Boolean(a), DeValue::Boolean(b)) => a == b,
        (DeValue::Datetime(a), DeValue::Datetime(b)) => a == b,
        (DeValue::Array(a), DeValue::Array(b)) => {
            a.len() == b.len()
                && a.iter()
                    .zip(b.iter())
                    .all(|(a, b)| same_value(a.get_ref(), b.get_ref()))
        }
        (DeValue::Table(a), DeValue::Table(b)) => same_table(a, b, None),
        (
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_),
            _,
        ) => false,
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

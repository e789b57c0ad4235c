//! The few things of a record that every run of a stage needs. Most of a record is the snapshot, which is
//! neither read into values nor printed again here: with a thousand plans that would take seconds.

use serde::Deserialize;
use serde_json::Value;

use crate::plan::{State, state_of};
use crate::units::Digest;

use super::Record;
use super::sealed::is_sealed;

/// A part of a record.
#[derive(Debug)]
pub(super) struct Glance {
    /// The plan's name.
    pub(super) plan: String,
    /// The version of the judge.
    pub(super) judge: u32,
    /// The state after.
    pub(super) after: State,
    /// The history, or the reference to it.
    pub(super) history: Option<Value>,
}

/// The keys that are looked at.
#[derive(Deserialize)]
struct Keys {
    plan: String,
    judge: Option<u32>,
    state_after: String,
    history: Option<Value>,
}

/// Looks at a record's text.
///
/// # Errors
/// When it is not the text that was written, or no record; the sentence says how.
pub(super) fn glance(text: &str, expected: Option<&Digest>) -> Result<Glance, String> {
    let text = text.replace("\r\n", "\n");
    if expected.is_some_and(|expected| Record::file_digest(&text) != *expected) {
        return Err("it is another record than the one that is referred to".into());
    }
    if !is_sealed(&text) {
        return Err("it was changed after it was written".into());
    }
    let Keys {
        plan,
        judge,
        state_after,
        history,
    } = serde_json::from_str(&text).map_err(|error| format!("it is no record: {error}"))?;
    let after = state_of(&state_after).value.flatten();
    Ok(Glance {
        plan,
        judge: judge.unwrap_or(State::FIRST_JUDGE),
        after: after.ok_or_else(|| "its state cannot be read".to_owned())?,
        history,
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::workspace::evidence::KnownState;

    /// The records of older programs that the tests keep.
    fn records(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                records(&path, found);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                found.push(path);
            }
        }
    }

    #[test]
    fn a_glance_sees_what_reading_sees_and_every_change() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/corpus");
        let mut paths = Vec::new();
        records(&corpus, &mut paths);
        let mut seen = 0;
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            let Ok(record) = Record::read(&text) else {
                continue;
            };
            seen += 1;
            let glance_of = |text: &str| glance(text, Some(&Record::file_digest(text)));
            let glanced = glance_of(&text).unwrap();
            assert_eq!((&glanced.plan, glanced.judge), (&record.plan, record.judge));
            assert_eq!(glanced.after, record.after);
            assert_eq!(glanced.history, record.grounds.history);
            assert!(glance_of(&text.replace('\n', "\r\n")).is_ok());
            let linked = |text: &str| Record::read_linked(text, &mut KnownState::default());
            let mut without_series = record.clone();
            without_series.grounds.snapshot = None;
            without_series.grounds.history = None;
            assert_eq!(linked(&text), Ok(without_series));
            assert!(glance(&text, Some(&Digest::of(b"another"))).is_err());
            for place in (0..text.len()).step_by(text.len() / 40) {
                let mut changed = text.clone().into_bytes();
                changed[place] ^= 1;
                let changed = String::from_utf8_lossy(&changed).into_owned();
                assert!(glance_of(&changed).is_err(), "{} {place}", path.display());
                assert!(linked(&changed).is_err(), "{} {place}", path.display());
            }
        }
        assert!(seen > 0);
    }
}

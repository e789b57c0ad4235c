//! The records of a plan from the present one back to the first, and what is wrong with them.
//! Making the decisions again is not done here.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use crate::plan::{State, declared_digest, standing_of};
use crate::units::Digest;

use super::apply::EVIDENCE;
use super::{Directory, Loaded, PlanFile, Record, WorkspaceError};

/// One record with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The file, relative to the directory.
    pub path: String,
    /// What it says.
    pub record: Record,
}

/// Where a chain of records is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The plan does not say which record is the latest.
    #[error("its state cannot be read, so its records cannot be found")]
    NoState,
    /// A record is named and not there.
    #[error("{path} is missing")]
    Missing {
        /// The file, relative to the directory.
        path: String,
    },
    /// A record is there and is not what was written.
    #[error("{path} is not the record that was written: {why}")]
    Changed {
        /// The file, relative to the directory.
        path: String,
        /// How it can be told.
        why: String,
    },
    /// The record is sound, and the state that names it is not the one it left behind.
    #[error("the state after {path} is not the one it wrote: somebody changed it by hand")]
    StateChanged {
        /// The file, relative to the directory.
        path: String,
    },
}

/// The records of a plan.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use = "a broken chain must be reported"]
pub struct Chain {
    /// Oldest first, as far as the chain could be followed.
    pub links: Vec<Link>,
    /// What is wrong; empty for a sound chain.
    pub breaks: Vec<Break>,
    /// The declared part of the plan is not the one that the latest decision was made on. A person
    /// may change it at any time; the next decision is made on the new one.
    pub declared_changed: bool,
}

/// Follows the records of a plan from its state to the first one.
pub fn evidence_of(directory: &Directory, plan: &PlanFile) -> Chain {
    let mut chain = Chain::default();
    let mut seen = BTreeSet::new();
    let mut state: Option<State> = match standing_of(&plan.text) {
        Some(state) => state,
        None => {
            chain.breaks.push(Break::NoState);
            return chain;
        }
    };
    let mut expected: Option<Digest> = None;
    while let Some(path) = state.as_ref().and_then(|state| state.evidence.clone()) {
        let link = match read_link(directory, plan, &path, expected.as_ref()) {
            Ok(link) => link,
            Err(broken) => {
                chain.breaks.push(broken);
                break;
            }
        };
        if !seen.insert(path.clone()) {
            chain.breaks.push(Break::Changed {
                path,
                why: "it comes before itself".into(),
            });
            break;
        }
        if state.as_ref() != Some(&link.record.after) {
            chain.breaks.push(Break::StateChanged { path });
        }
        state = link.record.before.clone();
        expected = link.record.previous.clone();
        let named = state.as_ref().and_then(|state| state.evidence.clone());
        chain.links.push(link);
        if let (Some(path), None) = (named, &expected) {
            // It was missing already when the next record was written.
            chain.breaks.push(Break::Missing { path });
            break;
        }
    }
    chain.declared_changed = chain
        .links
        .first()
        .is_some_and(|link| link.record.declared.digest != declared_digest(&plan.text));
    chain.links.reverse();
    chain
}

pub(super) fn read_link(
    directory: &Directory,
    plan: &PlanFile,
    path: &str,
    expected: Option<&Digest>,
) -> Result<Link, Break> {
    let changed = |why: String| Break::Changed {
        path: path.to_owned(),
        why,
    };
    let bytes = match std::fs::read(directory.root().join(path)) {
        Ok(bytes) => bytes,
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) =>
        {
            return Err(Break::Missing {
                path: path.to_owned(),
            });
        }
        Err(error) => return Err(changed(format!("it cannot be read: {error}"))),
    };
    let text = String::from_utf8(bytes).map_err(|_| changed("it is not UTF-8".into()))?;
    if expected.is_some_and(|expected| Record::file_digest(&text) != *expected) {
        return Err(changed("the record after it holds another digest".into()));
    }
    let record = Record::read(&text).map_err(changed)?;
    if record.plan != plan.name {
        return Err(changed(format!("it belongs to the plan {}", record.plan)));
    }
    Ok(Link {
        path: path.to_owned(),
        record,
    })
}

/// Records that no plan's chain holds: left by runs that were killed before they wrote the plan,
/// or by plans whose state was removed. They are harmless.
///
/// # Errors
/// When the records cannot be listed.
pub fn orphans(directory: &Directory, loaded: &Loaded) -> Result<Vec<PathBuf>, WorkspaceError> {
    let held: BTreeSet<PathBuf> = loaded
        .plans
        .iter()
        .flat_map(|plan| evidence_of(directory, plan).links)
        .map(|link| directory.root().join(link.path))
        .collect();
    let root = directory.root().join(EVIDENCE);
    let mut found = Vec::new();
    for folder in list(directory, &root)? {
        if folder.is_dir() {
            found.extend(list(directory, &folder)?.into_iter().filter(|file| {
                file.extension().is_some_and(|ext| ext == "json") && !held.contains(file)
            }));
        }
    }
    found.sort();
    Ok(found)
}

fn list(directory: &Directory, folder: &std::path::Path) -> Result<Vec<PathBuf>, WorkspaceError> {
    let read_error = |source| WorkspaceError::Read {
        path: directory.show(folder),
        source,
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(read_error(error)),
    };
    entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(read_error))
        .collect()
}

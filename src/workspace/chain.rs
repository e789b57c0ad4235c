//! The records of a plan from the present one back to the first, and what is wrong with them.
//! Making the decisions again is not done here.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;

use crate::plan::{State, declared_digest, standing_of};
use crate::units::Digest;

use super::evidence::KnownState;
use super::records::{self, EVIDENCE};
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

impl Break {
    /// What to do about it, where `folder` is what people call the directory.
    #[must_use]
    pub fn cure(&self, folder: &str) -> String {
        match self {
            Self::NoState => "mend the plan's [state]: `rollout validate` says where".to_owned(),
            Self::Missing { path } | Self::Changed { path, .. } => format!(
                "bring it back as it was committed: `git checkout -- {folder}/{path}`; `git log -- {folder}/{path}` shows who touched it"
            ),
            Self::StateChanged { .. } => {
                "`git log -- rollouts` shows who changed the plan; `rollout replay` checks each record"
                    .to_owned()
            }
        }
    }
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

/// The latest record of a plan, where it is there and sound.
pub(super) fn latest_link(directory: &Directory, plan: &PlanFile) -> Option<Link> {
    let mut walk = Walk::from(directory, plan, standing_of(&plan.text).flatten());
    walk.next()?.ok().map(|step| step.link)
}

/// The records of a plan from the latest one back to before the first for which this does not hold, the
/// oldest first; no older one is read, and what is broken ends it.
///
/// # Errors
/// Those of what is asked.
pub(super) fn latest_links<E>(
    directory: &Directory,
    plan: &PlanFile,
    mut holds: impl FnMut(&Link) -> Result<bool, E>,
) -> Result<Vec<Link>, E> {
    let mut links = Vec::new();
    let walk = Walk::from(directory, plan, standing_of(&plan.text).flatten());
    for step in walk.map_while(Result::ok) {
        if !holds(&step.link)? {
            break;
        }
        links.push(step.link);
    }
    links.reverse();
    Ok(links)
}

/// Follows the records of a plan from its state to the first one, or to where the chain is broken.
pub fn evidence_of(directory: &Directory, plan: &PlanFile) -> Chain {
    followed(
        plan,
        Walk::from(directory, plan, standing_of(&plan.text).flatten()),
    )
}

/// The same, and beyond what is broken with the latest record that was written before it: for people who
/// want to see what there is. Which record came before a broken one nothing proves. Records but the latest
/// come without their snapshots and histories: of thousands of records nobody is shown those.
pub fn all_evidence_of(directory: &Directory, plan: &PlanFile) -> Chain {
    let walk = Walk::from(directory, plan, standing_of(&plan.text).flatten());
    followed(
        plan,
        Walk {
            is_for_people: true,
            ..walk
        },
    )
}

fn followed(plan: &PlanFile, walk: Walk<'_>) -> Chain {
    let mut chain = Chain::default();
    if standing_of(&plan.text).is_none() {
        chain.breaks.push(Break::NoState);
        return chain;
    }
    let mut latest = None;
    for (place, step) in walk.enumerate() {
        match step {
            Ok(Step { link, is_as_left }) => {
                if !is_as_left {
                    let path = link.path.clone();
                    chain.breaks.push(Break::StateChanged { path });
                }
                if place == 0 {
                    latest = Some(link.record.declared.digest.clone());
                }
                chain.links.push(link);
            }
            Err(broken) => chain.breaks.push(broken),
        }
    }
    chain.declared_changed = latest.is_some_and(|latest| latest != declared_digest(&plan.text));
    chain.links.reverse();
    chain
}

/// What `find` finds in the latest record in which it finds anything, from this state of the plan as far
/// back as the records can be followed. No older one is read.
pub fn latest_in_evidence<T>(
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    mut find: impl FnMut(&Record) -> Option<T>,
) -> Option<T> {
    Walk::from(directory, plan, Some(state.clone()))
        .filter_map(Result::ok)
        .find_map(|step| find(&step.link.record))
}

/// The records of a plan, latest first; what is broken ends it.
struct Walk<'a> {
    directory: &'a Directory,
    plan: &'a PlanFile,
    seen: BTreeSet<String>,
    /// The state whose record is next.
    state: Option<State>,
    /// The digest of that record, where a later one holds it.
    expected: Option<Digest>,
    /// A record that was missing already when the next record was written.
    missing: Option<String>,
    /// What is broken does not end it, and a record that the next one vouches for is read without its series.
    is_for_people: bool,
    known: KnownState,
}

/// One record on the way back.
struct Step {
    link: Link,
    /// The state that names it is the one it left behind.
    is_as_left: bool,
}

impl<'a> Walk<'a> {
    fn from(directory: &'a Directory, plan: &'a PlanFile, state: Option<State>) -> Self {
        Self {
            directory,
            plan,
            seen: BTreeSet::new(),
            state,
            expected: None,
            missing: None,
            is_for_people: false,
            known: KnownState::default(),
        }
    }

    /// Takes up the latest record that is sound and was written before this one, by their names: they are
    /// those of their instants.
    fn go_on_before(&mut self, path: &str) {
        let Some((folder, _)) = path.rsplit_once('/').filter(|_| self.is_for_people) else {
            return;
        };
        let files = list(self.directory, &self.directory.root().join(folder));
        let mut names: Vec<String> = files
            .unwrap_or_default()
            .iter()
            .filter_map(|file| Some(format!("{folder}/{}", file.file_name()?.to_str()?)))
            .filter(|name| name.as_str() < path && !self.seen.contains(name))
            .collect();
        names.sort();
        let mut links = names
            .iter()
            .rev()
            .filter_map(|name| read_link(self.directory, self.plan, name, None).ok());
        self.state = links.next().map(|link| State {
            evidence: Some(link.path),
            ..link.record.after
        });
        self.expected = None;
    }

    fn link(&mut self, path: &str) -> Result<Link, Break> {
        let expected = self.expected.as_ref();
        if !self.is_for_people || expected.is_none() {
            return read_link(self.directory, self.plan, path, expected);
        }
        let text = text_of(self.directory, path, expected)?;
        link_of(self.plan, path, Record::read_linked(&text, &mut self.known))
    }

    fn step(&mut self, state: &State, path: &str) -> Result<Step, Break> {
        let link = self.link(path)?;
        if !self.seen.insert(path.to_owned()) {
            return Err(Break::Changed {
                path: path.to_owned(),
                why: "it comes before itself".into(),
            });
        }
        let before = link.record.before.clone();
        let named = before.as_ref().and_then(|state| state.evidence.clone());
        self.expected.clone_from(&link.record.previous);
        match (named, &self.expected) {
            (Some(path), None) => self.missing = Some(path),
            (Some(_), Some(_)) | (None, _) => self.state = before,
        }
        Ok(Step {
            is_as_left: *state == link.record.after,
            link,
        })
    }
}

impl Iterator for Walk<'_> {
    type Item = Result<Step, Break>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(path) = self.missing.take() {
            self.go_on_before(&path);
            return Some(Err(Break::Missing { path }));
        }
        let state = self.state.take()?;
        let path = state.evidence.clone()?;
        let step = self.step(&state, &path);
        if step.is_err() {
            self.go_on_before(&path);
        }
        Some(step)
    }
}

pub(super) fn read_link(
    directory: &Directory,
    plan: &PlanFile,
    path: &str,
    expected: Option<&Digest>,
) -> Result<Link, Break> {
    let text = text_of(directory, path, expected)?;
    link_of(plan, path, Record::read(&text))
}

/// The text of a record that is there, and is the one that the record after it holds.
fn text_of(directory: &Directory, path: &str, expected: Option<&Digest>) -> Result<String, Break> {
    let bytes = match records::read(directory, path) {
        Ok(bytes) => bytes,
        Err(error)
            if [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory].contains(&error.kind()) =>
        {
            return Err(Break::Missing {
                path: path.to_owned(),
            });
        }
        Err(error) => return Err(changed(path, format!("it cannot be read: {error}"))),
    };
    let text = String::from_utf8(bytes).map_err(|_| changed(path, "it is not UTF-8".into()))?;
    if expected.is_some_and(|expected| Record::file_digest(&text) != *expected) {
        return Err(changed(
            path,
            "the record after it holds another digest".into(),
        ));
    }
    Ok(text)
}

fn link_of(plan: &PlanFile, path: &str, record: Result<Record, String>) -> Result<Link, Break> {
    let record = record.map_err(|why| changed(path, why))?;
    if record.plan != plan.name {
        return Err(changed(
            path,
            format!("it belongs to the plan {}", record.plan),
        ));
    }
    Ok(Link {
        path: path.to_owned(),
        record,
    })
}

fn changed(path: &str, why: String) -> Break {
    Break::Changed {
        path: path.to_owned(),
        why,
    }
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

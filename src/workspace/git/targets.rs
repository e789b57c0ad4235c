//! The targets of a plan in its commits: which of them are to be committed with it, and what they say on
//! a text that somebody else pushed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::plan::standing_of;
use crate::units::Exposure;
use crate::workspace::{Along, Directory, PlanFile};

use super::carry::Entry;
use super::message::{CommitMessage, text_of};
use super::scratch::Scratch;
use super::waiting::Waiting;
use super::{GitError, Repository};

/// The targets that a commit of a plan holds, as git names them.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// Those that git knows.
    pub(super) known: Vec<String>,
    /// Those that it does not know yet.
    pub(super) fresh: Vec<String>,
    /// Those that cannot be read, and why: they are in no commit.
    pub(super) unread: Vec<(PathBuf, String)>,
    /// Those that no commit of this repository holds, and why.
    pub(super) kept_out: Vec<(PathBuf, String)>,
    /// Those with changes of somebody else, and what to do.
    pub(super) dirty: Vec<GitError>,
}

impl Targets {
    /// These, where nobody else has changed one.
    pub(super) fn undisputed(mut self) -> Result<Self, GitError> {
        match self.dirty.pop() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

impl Repository {
    /// The targets of a plan that are not in HEAD as they are in the work tree. What git ignores stays
    /// out of its commits.
    ///
    /// # Errors
    /// When git cannot be asked, or does not look at one.
    pub(super) fn targets_of(
        &self,
        directory: &Directory,
        plan: &PlanFile,
    ) -> Result<Targets, GitError> {
        let told = exposure_in(&plan.text);
        let mut targets = Targets::default();
        for file in (self.projection.files)(&plan.text) {
            // What is not there, or cannot be reached, is told by whoever wanted to write it.
            let Ok((path, shown)) = Along::place(directory, plan, &file) else {
                continue;
            };
            if self.is_of_another(&path) {
                let why = format!("{} belongs to another git repository", shown.display());
                targets.kept_out.push((path, why));
                continue;
            }
            let text = match Along::read(&path, &shown) {
                Ok(Some(text)) => text,
                Ok(None) => continue,
                Err(error) => {
                    targets.unread.push((path, error.to_string()));
                    continue;
                }
            };
            let name = self.name_of(&path, &shown)?;
            let named = || shown.display().to_string();
            let write = |text: Option<&str>| (self.projection.write)(&plan.text, &file, text, told);
            let ours = write(Some(&text));
            match self.bytes_at("HEAD", &name)? {
                Some(head) if head == text.as_bytes() => {}
                Some(head) => {
                    let head = String::from_utf8(head).unwrap_or_default();
                    if ours.is_err() || write(Some(&head)) != ours {
                        targets.dirty.push(GitError::PlanDirty { plan: named() });
                        continue;
                    }
                    self.require_watched(&shown, &name)?;
                    targets.known.push(name);
                }
                None if self.is_ignored(&name)? => {
                    let why = format!("{} is ignored by git", shown.display());
                    targets.kept_out.push((path, why));
                }
                // It can be written from nothing, so that nothing in it is somebody else's.
                None if ours.is_ok() && write(None) == ours => targets.fresh.push(name),
                None => targets
                    .dirty
                    .push(GitError::PlanNotCommitted { plan: named() }),
            }
        }
        Ok(targets)
    }

    /// Commits the targets of a plan, and nothing else; `None` where all are in HEAD.
    ///
    /// # Errors
    /// When one has changes of somebody else or cannot be read, or git refuses.
    pub fn commit_targets(
        &self,
        directory: &Directory,
        plan: &PlanFile,
        message: &CommitMessage<'_>,
    ) -> Result<Option<String>, GitError> {
        let _lock = directory.lock()?;
        let Targets {
            known,
            fresh,
            unread,
            kept_out: _,
            dirty: _,
        } = self.targets_of(directory, plan)?.undisputed()?;
        if let Some((_, why)) = unread.into_iter().next() {
            return Err(GitError::TargetUnread { why });
        }
        if known.is_empty() && fresh.is_empty() {
            return Ok(None);
        }
        let commit = self.commit_files(&known, &fresh, &text_of(message))?;
        self.made.borrow_mut().push(commit.clone());
        Ok(Some(commit))
    }

    /// True when the targets of these plans that git knows are in HEAD as they are in the work tree.
    #[must_use]
    pub fn has_targets_of(&self, directory: &Directory, plans: &[&PlanFile]) -> bool {
        let all = plans
            .iter()
            .flat_map(|plan| self.names_of_targets(directory, plan));
        let all: Vec<String> = all.collect();
        // Who cannot tell goes and looks at each plan.
        all.is_empty() || self.is_clean(&all).unwrap_or(false)
    }

    /// The targets of a plan that are there, as git names them.
    pub(super) fn names_of_targets(&self, directory: &Directory, plan: &PlanFile) -> Vec<String> {
        let files = (self.projection.files)(&plan.text);
        let name = |file: &String| {
            let (path, shown) = Along::place(directory, plan, file).ok()?;
            self.name_of(&path, &shown).ok()
        };
        files.iter().filter_map(name).collect()
    }

    /// The text of a target at a revision with the exposure of a plan of this text; `None` where it is
    /// none of its targets, or cannot be written.
    pub(super) fn retold(
        &self,
        directory: &Directory,
        (plan, plan_text): (&str, &str),
        name: &str,
        text: Option<&str>,
    ) -> Option<String> {
        let file = PlanFile {
            name: String::new(),
            path: self.top().join(plan),
            shown: plan.into(),
            digest: crate::units::Digest::of(plan_text.as_bytes()),
            text: plan_text.to_owned(),
        };
        let told = exposure_in(plan_text);
        let files = (self.projection.files)(plan_text);
        let file = files.iter().find(|target| {
            let place = Along::place(directory, &file, target).ok();
            place.is_some_and(|(path, shown)| {
                self.name_of(&path, &shown).is_ok_and(|found| found == name)
            })
        })?;
        (self.projection.write)(plan_text, file, text, told).ok()
    }

    /// The same on another parent: what others wrote into a target meanwhile stays there.
    pub(super) fn entries_on(
        &self,
        directory: &Directory,
        scratch: &Scratch,
        one: &Waiting,
        tip: &str,
    ) -> Result<Vec<Entry>, GitError> {
        let mut entries = self.entries_of(one)?;
        if let Some(plan) = one.plan_file()
            && let Some(text) = self.text_of(&one.commit, plan)?
        {
            let retold = self.retold_on(directory, scratch, one, tip, (plan, &text))?;
            entries.retain(|(path, _)| !retold.iter().any(|(target, _)| target == path));
            entries.extend(retold);
        }
        Ok(entries)
    }

    /// The targets of a waiting commit, on the text that they have at `tip`, with what a plan of this
    /// text says.
    pub(super) fn retold_on(
        &self,
        directory: &Directory,
        scratch: &Scratch,
        one: &Waiting,
        tip: &str,
        plan: (&str, &str),
    ) -> Result<Vec<Entry>, GitError> {
        let mut entries = Vec::new();
        for path in one.targets() {
            let there = self.text_of(tip, path)?;
            let Some(text) = self.retold(directory, plan, path, there.as_deref()) else {
                continue;
            };
            let mode = match &there {
                Some(_) => self.mode_at(tip, path)?,
                None => "100644".to_owned(),
            };
            let blob = self.blob(scratch, path, text.as_bytes())?;
            entries.push((path.clone(), Some((mode, blob))));
        }
        Ok(entries)
    }

    /// Whether a file, by its real path, lies in a git repository of its own within this one: a submodule,
    /// or one that git does not look into.
    #[must_use]
    pub fn is_of_another(&self, path: &Path) -> bool {
        let mut above = path.ancestors().skip(1);
        let nearest = above.find(|above| above.join(".git").exists());
        nearest.is_some_and(|nearest| {
            std::fs::canonicalize(self.top()).is_ok_and(|top| top != nearest)
        })
    }

    /// Those of these files, by their real paths, that git does not know and keeps out of its commits. One
    /// question for all of them; files that are not there, or not in this repository, are passed by.
    ///
    /// # Errors
    /// When git cannot say.
    pub fn ignored<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Path>,
    ) -> Result<HashSet<&'p Path>, GitError> {
        let named: Vec<(String, &Path)> = paths
            .into_iter()
            .filter(|path| !self.is_of_another(path))
            .filter_map(|path| Some((self.name_of(path, path).ok()?, path)))
            .collect();
        if named.is_empty() {
            return Ok(HashSet::new());
        }
        let names: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let asked = names.join("\0").into_bytes();
        let answer = self
            .git
            .ask_about(["check-ignore", "-z", "--stdin"], asked)?;
        if !matches!(answer.code, Some(0 | 1)) {
            return Err(answer.failed());
        }
        let text = answer.text();
        let ignored: HashSet<&str> = text.split('\0').collect();
        let found = named
            .iter()
            .filter(|(name, _)| ignored.contains(name.as_str()));
        Ok(found.map(|(_, path)| *path).collect())
    }

    fn is_ignored(&self, name: &str) -> Result<bool, GitError> {
        let answer = self.git.ask(["check-ignore", "--quiet", "--", name])?;
        match answer.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            Some(_) | None => Err(answer.failed()),
        }
    }
}

fn exposure_in(plan: &str) -> Exposure {
    let state = standing_of(plan).flatten();
    state.map_or(Exposure::NONE, |state| state.exposure)
}

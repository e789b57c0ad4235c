//! Moving the branch on to its upstream without losing what waits here to be pushed.
//!
//! Rollbacks and people's words are taken along. Where nobody else changed their files they are the
//! same commits again; where somebody did, a rollback or a pause is applied to what is there now. What
//! automation decided otherwise is dropped, to be decided again. The new commits are complete before
//! branch and work tree move, in one step: no plan shows its old exposure in between, and who is
//! killed loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::RecordedAction;
use crate::workspace::Directory;

use super::GitError;
use super::Repository;
use super::message::{ACTOR, DECISION, PLAN};
use super::run::{Git, literal};
use super::scratch::Scratch;
use super::waiting::{Waiting, WaitingKind};

/// What became of the transitions that waited here when the branch moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "what was dropped has to be decided again, and what lapsed has to be told"]
pub struct Moved {
    /// Taken along, oldest first.
    pub carried: Vec<Carried>,
    /// Plans on which automation had decided something that has to be decided again.
    pub dropped: Vec<String>,
    /// Words that mean nothing on what is there now, and why.
    pub lapsed: Vec<String>,
}

impl Moved {
    /// With what became of another move after this one.
    pub(super) fn and(&mut self, later: Self) {
        let Self {
            carried,
            dropped,
            lapsed,
        } = later;
        self.carried.extend(carried);
        self.dropped.extend(dropped);
        self.lapsed.extend(lapsed);
    }

    /// What a commit from before is now; nothing where it was not taken along.
    #[must_use]
    pub fn now(&self, commit: &str) -> Option<&Carried> {
        let step = |was: &str| self.carried.iter().find(move |one| one.was == was);
        let mut last = step(commit)?;
        while let Some(next) = step(&last.commit) {
            last = next;
        }
        Some(last)
    }
}

/// A commit that was taken along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The plan; the command where it is not about a plan.
    pub subject: String,
    /// The commit before.
    pub was: String,
    /// The commit now.
    pub commit: String,
    /// The plan was changed upstream, and this was applied to the change.
    pub anew: bool,
}

/// What becomes of a waiting commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is decided again.
    Drop,
    /// A later one of the same plan is applied to another text, and this one has no meaning there.
    Merged,
    /// The same commit on another parent.
    Same,
    /// The same word on another text.
    Anew,
}

/// A file of a commit to be made: mode and blob, or nothing where it is removed.
pub(super) type Entry = (String, Option<(String, String)>);

impl Repository {
    /// The commits since `base`, oldest first.
    pub(super) fn waiting_since(&self, base: &str) -> Result<Vec<Waiting>, GitError> {
        let trailer = |key: &str| format!("%(trailers:key={key},valueonly,separator=%x2C)");
        let format = format!(
            "--format=%H%x09{}%x09{}%x09{}",
            trailer(ACTOR),
            trailer(PLAN),
            trailer(DECISION)
        );
        let range = format!("{base}..HEAD");
        let text = self.git.tell(["log", "--reverse", &format, &range, "--"])?;
        let mut waiting = Vec::new();
        for line in text.lines() {
            let mut fields = line.split('\t').map(|field| field.trim().to_owned());
            let mut next = || fields.next().unwrap_or_default();
            let (commit, actor, plan, decision) = (next(), next(), next(), next());
            let parent = format!("{commit}^");
            let paths = self.changed(&parent, &commit)?;
            waiting.push(Waiting {
                commit,
                actor: (!actor.is_empty()).then(|| actor.as_str().into()),
                plan,
                decision: decision.as_str().into(),
                paths,
            });
        }
        Ok(waiting)
    }

    /// The files that differ between two commits.
    fn changed(&self, from: &str, to: &str) -> Result<Vec<String>, GitError> {
        let diff = ["diff", "--name-only", "--no-renames", "-z", from, to, "--"];
        let text = self.git.tell(diff)?;
        let names = text.split('\0').filter(|name| !name.is_empty());
        Ok(names.map(ToOwned::to_owned).collect())
    }

    /// Moves branch, index and work tree from what is here since `base` to `onto`, with all of it that
    /// must not be lost. The caller holds the lock of the directory.
    ///
    /// # Errors
    /// When a commit here can be placed by a person only, or a file with changes of its own is in the
    /// way. Nothing is changed then.
    pub(super) fn move_onto(
        &self,
        directory: &Directory,
        base: &str,
        onto: &str,
    ) -> Result<Moved, GitError> {
        let waiting = self.waiting_since(base)?;
        let theirs: BTreeSet<String> = self.changed(base, onto)?.into_iter().collect();
        let fates = self.fates(&waiting, &theirs, onto)?;
        let mut moved = Moved::default();
        let mut tip = self.git.tell(["rev-parse", "--verify", onto])?;
        let scratch = Scratch::new(self, directory.patience())?;
        let index = scratch.index(self, &tip);
        index.tell(["read-tree", &tip])?;
        for (one, fate) in waiting.iter().zip(&fates) {
            let made = match fate {
                Fate::Drop => {
                    moved.dropped.push(one.subject().to_owned());
                    continue;
                }
                Fate::Merged => continue,
                Fate::Same => {
                    let message = self.git.tell(["log", "-1", "--format=%B", &one.commit])?;
                    Ok((self.entries_on(directory, &scratch, one, &tip)?, message))
                }
                Fate::Anew => self.applied_anew(directory, &scratch, one, &tip)?,
            };
            let (entries, message) = match made {
                Ok(made) => made,
                Err(why) => {
                    moved.lapsed.push(why);
                    continue;
                }
            };
            let commit = self.commit_on(&index, &tip, one, &entries, &message)?;
            moved.carried.push(Carried {
                subject: one.subject().to_owned(),
                was: one.commit.clone(),
                commit: commit.clone(),
                anew: *fate == Fate::Anew,
            });
            tip = commit;
        }
        self.switch_to(&tip)?;
        let mut ours = self.made.borrow_mut();
        ours.retain(|made| waiting.iter().all(|one| one.commit != *made));
        ours.extend(moved.carried.iter().map(|one| one.commit.clone()));
        Ok(moved)
    }

    fn fates(
        &self,
        waiting: &[Waiting],
        theirs: &BTreeSet<String>,
        onto: &str,
    ) -> Result<Vec<Fate>, GitError> {
        let mut changed: BTreeMap<&str, bool> = BTreeMap::new();
        for one in waiting {
            let both = one.paths.iter().any(|path| theirs.contains(path));
            *changed.entry(one.file()).or_default() |= both;
        }
        let made = self.made.borrow();
        let mut later: BTreeMap<&str, Fate> = BTreeMap::new();
        let mut fates = Vec::with_capacity(waiting.len());
        for one in waiting.iter().rev() {
            let file = one.file();
            let theirs_too = changed.get(file).copied().unwrap_or(false);
            let fate = match (later.get(file), one.kind(), theirs_too) {
                (_, WaitingKind::Other, _) => return Err(self.diverged(one, onto)?),
                (Some(Fate::Anew | Fate::Merged), _, _) => Fate::Merged,
                (Some(Fate::Same), _, _)
                | (_, WaitingKind::Rollback | WaitingKind::Person, false) => Fate::Same,
                (_, WaitingKind::Rollback, true) => Fate::Anew,
                (_, WaitingKind::Person, true) if one.decision == RecordedAction::Pause => {
                    Fate::Anew
                }
                // Whoever said it is still there to say it again.
                (_, WaitingKind::Person, true) if made.contains(&one.commit) => Fate::Drop,
                (_, WaitingKind::Person, true) => return Err(self.diverged(one, onto)?),
                // Where nobody moved, only this run may take back what it did.
                (_, WaitingKind::Automation, _)
                    if theirs.is_empty() && !made.contains(&one.commit) =>
                {
                    Fate::Same
                }
                (_, WaitingKind::Automation, _) => Fate::Drop,
            };
            if fate != Fate::Drop {
                later.insert(file, fate);
            }
            fates.push(fate);
        }
        fates.reverse();
        Ok(fates)
    }

    fn diverged(&self, one: &Waiting, onto: &str) -> Result<GitError, GitError> {
        Ok(GitError::Diverged {
            branch: self.branch()?,
            upstream: onto.to_owned(),
            commit: one.commit.get(..12).unwrap_or(&one.commit).to_owned(),
        })
    }

    /// The files of a commit as it left them.
    pub(super) fn entries_of(&self, one: &Waiting) -> Result<Vec<Entry>, GitError> {
        let entry = |path: &String| {
            let list = ["ls-tree", "--full-tree", "-z", &one.commit, "--", path];
            let text = self.git.tell(list)?;
            let mut fields = text.split([' ', '\t']);
            let file = match (fields.next(), fields.nth(1)) {
                (Some(mode), Some(blob)) => Some((mode.to_owned(), blob.to_owned())),
                (_, _) => None,
            };
            Ok::<Entry, GitError>((path.clone(), file))
        };
        one.paths.iter().map(entry).collect()
    }

    /// Makes a commit in an index of its own; hooks have seen the first one.
    fn commit_on(
        &self,
        index: &Git,
        parent: &str,
        one: &Waiting,
        entries: &[Entry],
        message: &str,
    ) -> Result<String, GitError> {
        for (path, file) in entries {
            let (mode, blob) = match file {
                Some((mode, blob)) => (mode.as_str(), blob.as_str()),
                None => {
                    index.tell(["update-index", "--force-remove", "--", path])?;
                    continue;
                }
            };
            let info = format!("{mode},{blob},{path}");
            index.tell(["update-index", "--add", "--cacheinfo", &info])?;
        }
        let tree = index.tell(["write-tree"])?;
        let author = ["log", "-1", "--format=%an%x09%ae%x09%aI", &one.commit];
        let author = self.git.tell(author)?;
        let names = ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"];
        let git = names
            .iter()
            .zip(author.split('\t'))
            .fold(index.clone(), |git, (name, value)| git.with(name, value));
        let signs = ["config", "--type=bool", "--get", "commit.gpgSign"];
        let signs = self.git.ask(signs)?.text() == "true";
        let commit = ["commit-tree", &tree, "-p", parent, "-m", message];
        git.tell(commit.into_iter().chain(signs.then_some("-S")))
    }

    /// Moves work tree, index and branch to a commit. Changes of others stay, staged or not; where one
    /// is in the way, nothing moves.
    fn switch_to(&self, tip: &str) -> Result<(), GitError> {
        let Some(head) = self.head()?.filter(|head| head != tip) else {
            return Ok(());
        };
        // What it says is said again by the next one.
        let _refreshed = self.git.ask(["update-index", "-q", "--refresh"])?;
        let moved = self.git.ask(["read-tree", "-m", "-u", &head, tip])?;
        if !moved.ok {
            return Err(match moved.failed() {
                locked @ GitError::LockedByGit { .. } => locked,
                _ => match self.in_the_way(&head, tip)? {
                    Some(name) => GitError::InTheWay { name },
                    None => GitError::Failed {
                        command: "read-tree".into(),
                        said: moved.said(),
                    },
                },
            });
        }
        // Who dies here finds the work tree moved already, and moves the branch the next time.
        let update = ["update-ref", "-m", "rollout: move on", "HEAD", tip, &head];
        self.git.tell(update).map(drop)
    }

    /// A file with changes of its own here, or one that git does not know yet, that differs between
    /// two commits.
    fn in_the_way(&self, base: &str, onto: &str) -> Result<Option<String>, GitError> {
        let theirs = self.changed(base, onto)?;
        if theirs.is_empty() {
            return Ok(None);
        }
        let changed: &[&str] = &["diff", "--name-only", "--no-renames", "-z", "HEAD", "--"];
        let unknown: &[&str] = &["ls-files", "--others", "--full-name", "-z", "--"];
        for list in [changed, unknown] {
            let list = list.iter().map(|&part| part.to_owned());
            let paths = theirs.iter().map(|name| literal(name));
            let text = self.git.tell(list.chain(paths))?;
            if let Some(name) = text.split('\0').find(|name| !name.is_empty()) {
                return Ok(Some(name.to_owned()));
            }
        }
        Ok(None)
    }
}

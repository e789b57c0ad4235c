//! What was where at a revision: for the merge gate and for history. Judges nothing.

use std::path::Path;

use chrono::DateTime;

use crate::units::Instant;
use crate::workspace::records::EVIDENCE;
use crate::workspace::{CONFIG, PlanFile};

use super::run::literal;
use super::{GitError, Repository};

/// What a change did to a plan file. Paths are relative to the root of the work tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileChange {
    /// It is new.
    Added {
        /// The path.
        path: String,
    },
    /// It says something else.
    Modified {
        /// The path.
        path: String,
    },
    /// It is gone.
    Deleted {
        /// The path it had.
        path: String,
    },
    /// It has another name, and may say something else.
    Renamed {
        /// The path it had.
        from: String,
        /// The path.
        path: String,
    },
}

/// A commit that touched a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// The commit.
    pub commit: String,
    /// When it was made.
    pub at: Instant,
    /// Who made it.
    pub author: String,
    /// Its first line.
    pub subject: String,
    /// The trailers that begin with `Rollout-`, in order.
    pub trailers: Vec<(String, String)>,
}

impl LogEntry {
    /// The value of a trailer.
    #[must_use]
    pub fn trailer(&self, name: &str) -> Option<&str> {
        self.trailers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl Repository {
    /// The root of the work tree.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// The commit a revision names.
    ///
    /// # Errors
    /// When there is none.
    pub fn resolve(&self, rev: &str) -> Result<String, GitError> {
        let answer = self.git.ask([
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{rev}^{{commit}}"),
        ])?;
        if answer.ok {
            Ok(answer.text())
        } else {
            Err(GitError::UnknownRevision {
                rev: rev.to_owned(),
                shallow: self.is_shallow()?,
            })
        }
    }

    /// The last commit that HEAD and a revision have in common: what a change is measured against,
    /// so that what happened on the other branch since is not taken for part of it.
    ///
    /// # Errors
    /// When there is none here.
    pub fn merge_base(&self, rev: &str) -> Result<String, GitError> {
        let commit = self.resolve(rev)?;
        let answer = self.git.ask(["merge-base", "HEAD", &commit])?;
        if answer.ok {
            Ok(answer.text())
        } else {
            Err(GitError::NoMergeBase {
                rev: rev.to_owned(),
                shallow: self.is_shallow()?,
            })
        }
    }

    /// The text of a file at a commit; `None` when it is not there. The path is relative to the
    /// root of the work tree, as in [`FileChange`].
    ///
    /// # Errors
    /// When git fails, or the file is not UTF-8.
    pub fn text_at(&self, commit: &str, path: &str) -> Result<Option<String>, GitError> {
        let Some(bytes) = self.bytes_at(commit, path)? else {
            return Ok(None);
        };
        self.as_text(commit, path, bytes).map(Some)
    }

    /// What a file at a commit says.
    pub(super) fn as_text(
        &self,
        commit: &str,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<String, GitError> {
        String::from_utf8(bytes).map_err(|_| GitError::Failed {
            command: "cat-file".into(),
            said: format!("{commit}:{path} is not UTF-8"),
        })
    }

    /// True when the directory of plans was there at a commit.
    ///
    /// # Errors
    /// When git fails.
    pub fn held(&self, commit: &str) -> Result<bool, GitError> {
        let name = self.name_in_directory("");
        let object = format!("{commit}:{}", name.trim_end_matches('/'));
        Ok(self.git.ask(["cat-file", "-e", &object])?.ok)
    }

    /// The path of the shared settings, as git names it.
    #[must_use]
    pub fn config_path(&self) -> String {
        self.name_in_directory(CONFIG)
    }

    /// The path of a plan, as git names it.
    ///
    /// # Errors
    /// When the plan is a link that leaves the repository.
    pub fn plan_path(&self, plan: &PlanFile) -> Result<String, GitError> {
        self.name_of(&plan.path, &plan.shown)
    }

    /// The plan files of the directory that differ between a commit and the work tree, those that
    /// git does not know yet among them, sorted by path.
    ///
    /// # Errors
    /// When git fails.
    pub fn changes_since(&self, commit: &str) -> Result<Vec<FileChange>, GitError> {
        let prefix = self.name_in_directory("");
        let place = if prefix.is_empty() {
            ":(top)".to_owned()
        } else {
            literal(prefix.trim_end_matches('/'))
        };
        let is_plan = |path: &str| is_plan(path, prefix.trim_end_matches('/'));
        let answer = self.git.tell([
            "diff",
            "--name-status",
            "--no-ext-diff",
            "--find-renames",
            "-z",
            commit,
            "--",
            &place,
        ])?;
        let mut changes = Vec::new();
        let mut parts = answer.split('\0').filter(|part| !part.is_empty());
        while let (Some(status), Some(path)) = (parts.next(), parts.next()) {
            let path = path.to_owned();
            let change = match status.as_bytes().first() {
                Some(b'A') => FileChange::Added { path },
                Some(b'D') => FileChange::Deleted { path },
                Some(b'R' | b'C') => {
                    let from = path;
                    let Some(path) = parts.next().map(ToOwned::to_owned) else {
                        break;
                    };
                    match (is_plan(&from), is_plan(&path)) {
                        (true, true) => FileChange::Renamed { from, path },
                        (true, false) => FileChange::Deleted { path: from },
                        (false, _) => FileChange::Added { path },
                    }
                }
                Some(_) | None => FileChange::Modified { path },
            };
            changes.push(change);
        }
        let unknown = self.git.tell([
            "ls-files",
            "--others",
            "--exclude-standard",
            "-z",
            "--",
            &place,
        ])?;
        changes.extend(
            unknown
                .split('\0')
                .filter(|path| !path.is_empty())
                .map(|path| FileChange::Added { path: path.into() }),
        );
        changes.retain(|change| match change {
            FileChange::Added { path }
            | FileChange::Modified { path }
            | FileChange::Deleted { path }
            | FileChange::Renamed { path, .. } => is_plan(path),
        });
        // A file that was deleted for git and written again is a change of one file.
        let again: Vec<String> = changes
            .iter()
            .filter_map(|change| match change {
                FileChange::Deleted { path } if self.top.join(path).is_file() => Some(path.clone()),
                FileChange::Deleted { .. }
                | FileChange::Added { .. }
                | FileChange::Modified { .. }
                | FileChange::Renamed { .. } => None,
            })
            .collect();
        changes.retain(|change| match change {
            FileChange::Added { path } | FileChange::Deleted { path } => !again.contains(path),
            FileChange::Modified { .. } | FileChange::Renamed { .. } => true,
        });
        changes.extend(again.into_iter().map(|path| FileChange::Modified { path }));
        changes.sort();
        Ok(changes)
    }

    /// The records of a commit that the work tree has not or has otherwise, as paths in the repository,
    /// and whether each is gone.
    ///
    /// # Errors
    /// When git fails.
    pub fn records_changed_since(&self, commit: &str) -> Result<Vec<(String, bool)>, GitError> {
        let place = literal(&self.name_in_directory(EVIDENCE));
        let answer = self.git.tell([
            "diff",
            "--name-status",
            "--no-ext-diff",
            "--no-renames",
            "--diff-filter=a",
            "-z",
            commit,
            "--",
            &place,
        ])?;
        let mut parts = answer.split('\0').filter(|part| !part.is_empty());
        let mut found = Vec::new();
        while let (Some(status), Some(path)) = (parts.next(), parts.next()) {
            found.push((path.to_owned(), status == "D"));
        }
        Ok(found)
    }

    /// The address of the remote `origin`, as git has it; `None` where there is none.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let answer = self
            .git
            .ask(["config", "--get", "remote.origin.url"])
            .ok()?;
        answer.ok.then(|| answer.text())
    }

    /// The commits that touched a plan, newest first, its former names included.
    ///
    /// # Errors
    /// When git fails.
    pub fn log(&self, plan: &PlanFile) -> Result<Vec<LogEntry>, GitError> {
        let name = self.name_of(&plan.path, &plan.shown)?;
        if self.head()?.is_none() {
            return Ok(Vec::new());
        }
        let text = self.git.tell([
            "log",
            "--follow",
            "--format=%H%x00%cI%x00%an%x00%s%x00%(trailers:only,unfold)%x00",
            "--",
            &self.top.join(name).to_string_lossy(),
        ])?;
        // The one character that no name and no message has.
        let fields: Vec<&str> = text.split('\0').collect();
        Ok(fields.chunks(5).filter_map(read_entry).collect())
    }
}

fn is_plan(path: &str, prefix: &str) -> bool {
    let below = if prefix.is_empty() {
        Some(path)
    } else {
        path.strip_prefix(prefix)
            .and_then(|below| below.strip_prefix('/'))
    };
    below.is_some_and(|below| {
        below != CONFIG
            && Path::new(below)
                .extension()
                .is_some_and(|ext| ext == "toml")
            && !below.split('/').any(|part| part.starts_with('.'))
    })
}

fn read_entry(fields: &[&str]) -> Option<LogEntry> {
    let &[commit, at, author, subject, trailers] = fields else {
        return None;
    };
    let at = DateTime::parse_from_rfc3339(at).ok()?;
    Some(LogEntry {
        commit: commit.trim_start().to_owned(),
        at: at.to_utc(),
        author: author.to_owned(),
        subject: subject.to_owned(),
        trailers: trailers
            .lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.to_ascii_lowercase().starts_with("rollout-"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    })
}

//! The repository around a directory of plans, and whether a commit can be made in it.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::workspace::{Directory, Projection};

use super::GitError;
use super::run::Git;

/// What git leaves in its own directory while something is not finished.
const IN_PROGRESS: [(&str, &str); 6] = [
    ("MERGE_HEAD", "merge"),
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("BISECT_LOG", "bisect"),
];

/// The repository around a directory of plans, for one run: it remembers what the run commits.
#[derive(Debug, Clone)]
pub struct Repository {
    pub(super) git: Git,
    /// The root of the work tree.
    pub(super) top: PathBuf,
    /// The directory of plans, links resolved.
    pub(super) root: PathBuf,
    pub(super) git_dir: PathBuf,
    /// How targets are written and seen.
    pub(super) projection: Projection,
    /// The commits made through this value: only those may be taken back.
    pub(super) made: RefCell<Vec<String>>,
}

impl Repository {
    /// Finds the repository of a directory. `variables` are set for git on top of the process's
    /// environment.
    ///
    /// # Errors
    /// When there is none, or git cannot be run.
    pub fn open(
        directory: &Directory,
        variables: &[(OsString, OsString)],
    ) -> Result<Self, GitError> {
        let shown = directory.shown().display().to_string();
        let (folder, below) = standing(directory.root());
        let folder = std::fs::canonicalize(folder).map_err(|source| {
            crate::workspace::WorkspaceError::Read {
                path: directory.shown().to_owned(),
                source,
            }
        })?;
        let root = folder.join(below);
        let git = Git::new(&folder, variables);
        let answer = git.ask(["rev-parse", "--show-toplevel", "--absolute-git-dir"])?;
        if !answer.ok {
            let said = answer.said();
            let none = said.contains("not a git repository")
                || said.contains("must be run in a work tree");
            return Err(if !none {
                answer.failed()
            } else if said.contains("Stopping at filesystem boundary") && is_below_git(&folder) {
                GitError::AnotherMount { path: shown }
            } else {
                GitError::NotARepository { path: shown }
            });
        }
        let text = answer.text();
        let (top, git_dir) = text.split_once('\n').unwrap_or((&text, ""));
        Ok(Self {
            git: git.within(Path::new(top)),
            top: PathBuf::from(top),
            root,
            git_dir: PathBuf::from(git_dir),
            projection: Projection::NONE,
            made: RefCell::default(),
        })
    }

    /// With the targets of plans in their commits.
    #[must_use]
    pub fn projecting(mut self, projection: Projection) -> Self {
        self.projection = projection;
        self
    }

    /// With another limit to how long one git command may take.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.git.patience = patience;
        self
    }

    /// Makes a repository in a folder, with everything there in its first commit. Whoever has no
    /// git loses nothing but the history.
    ///
    /// # Errors
    /// When git cannot be run or refuses.
    pub fn begin(
        folder: &Path,
        message: &str,
        variables: &[(OsString, OsString)],
    ) -> Result<(), GitError> {
        let git = Git::new(folder, variables);
        git.tell(["init", "--quiet", "--initial-branch=main"])?;
        git.tell(["add", "--all"])?;
        git.tell(["commit", "--quiet", "--message", message])?;
        Ok(())
    }

    /// Looks whether a commit can be made: a branch, nothing in progress, somebody who commits. Removes
    /// what killed runs left in git's folder.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn ready(&self) -> Result<(), GitError> {
        self.sweep_scratch();
        for (file, operation) in IN_PROGRESS {
            // A bisection detaches HEAD; the message of its own is the clearer one.
            if self.git_dir.join(file).exists() {
                return Err(GitError::Busy { operation });
            }
        }
        self.branch()?;
        for identity in ["GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"] {
            let answer = self.git.ask(["var", identity])?;
            if !answer.ok {
                return Err(GitError::NoIdentity {
                    said: last_line(&answer.said()),
                });
            }
        }
        Ok(())
    }

    /// The branch that is checked out, such as `refs/heads/main`.
    pub(super) fn branch(&self) -> Result<String, GitError> {
        let answer = self.git.ask(["symbolic-ref", "--quiet", "HEAD"])?;
        if answer.ok {
            return Ok(answer.text());
        }
        let above = self
            .git
            .tell(["rev-parse", "--show-superproject-working-tree"])?;
        Err(GitError::Detached {
            submodule: !above.is_empty(),
        })
    }

    /// The commit that is checked out; `None` before the first one.
    pub(super) fn head(&self) -> Result<Option<String>, GitError> {
        let answer = self.git.ask(["rev-parse", "--verify", "--quiet", "HEAD"])?;
        match answer.code {
            Some(0) => Ok(Some(answer.text())),
            Some(1) => Ok(None),
            Some(_) | None => Err(answer.failed()),
        }
    }

    pub(super) fn is_shallow(&self) -> Result<bool, GitError> {
        Ok(self.git.tell(["rev-parse", "--is-shallow-repository"])? == "true")
    }

    /// A path as git names it: from the root of the work tree, links resolved.
    pub(super) fn name_of(&self, path: &Path, shown: &Path) -> Result<String, GitError> {
        let outside = || GitError::OutsideRepository {
            plan: shown.display().to_string(),
        };
        let target = std::fs::canonicalize(path).map_err(|_| outside())?;
        self.below_top(&target).ok_or_else(outside)
    }

    /// A path relative to the directory of plans, as git names it.
    pub(super) fn name_in_directory(&self, relative: &str) -> String {
        self.below_top(&self.root.join(relative))
            .unwrap_or_else(|| relative.to_owned())
    }

    fn below_top(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.top).ok()?;
        let parts: Vec<String> = below
            .iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect();
        Some(parts.join("/"))
    }

    /// True when there is such a file at a revision. A git that fails is not taken for a file that is
    /// not there.
    pub(super) fn in_tree(&self, rev: &str, name: &str) -> Result<bool, GitError> {
        // Before the first commit there is no tree to look into.
        if rev == "HEAD" && self.head()?.is_none() {
            return Ok(false);
        }
        let list = ["ls-tree", "--full-tree", "--name-only", "-z", rev, "--"];
        let answer = self.git.tell(list.into_iter().chain([name]))?;
        Ok(answer.split('\0').any(|found| found == name))
    }

    /// The bytes of a file at a revision as they would be in the work tree; `None` when it is not
    /// there.
    pub(super) fn bytes_at(&self, rev: &str, name: &str) -> Result<Option<Vec<u8>>, GitError> {
        if !self.in_tree(rev, name)? {
            return Ok(None);
        }
        let object = format!("{rev}:{name}");
        let answer = self.git.ask(["cat-file", "--filters", &object])?;
        if answer.ok {
            Ok(Some(answer.stdout))
        } else {
            Err(answer.failed())
        }
    }
}

/// The part of a path that is there, and the rest of it: a directory may have been deleted.
fn standing(path: &Path) -> (&Path, &Path) {
    let there = path.ancestors().find(|above| above.exists());
    let there = there.unwrap_or(path);
    (there, path.strip_prefix(there).unwrap_or(Path::new("")))
}

/// A folder above this one is a work tree.
fn is_below_git(folder: &Path) -> bool {
    folder.ancestors().any(|above| above.join(".git").exists())
}

/// Git explains at length before it names the cause.
fn last_line(said: &str) -> String {
    said.rsplit("; ").next().unwrap_or(said).to_owned()
}

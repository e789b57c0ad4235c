//! Commits of what commands write besides transitions: a freeze in the shared settings, a new plan.

use std::path::Path;

use crate::workspace::edit::{edit_locked, undo};
use crate::workspace::{Directory, Edit};

use super::message::{CommitMessage, text_of};
use super::{GitError, Repository};

/// Makes edits and commits them, with nothing else in the commit.
///
/// # Errors
/// When a file has changes of somebody else, or cannot be written or committed. Everything is put
/// back then.
pub fn edit_and_commit(
    repository: &Repository,
    directory: &Directory,
    edits: &[Edit],
    message: &CommitMessage<'_>,
) -> Result<String, GitError> {
    repository.ready()?;
    let lock = directory.lock()?;
    let (mut known, mut fresh) = (Vec::new(), Vec::new());
    for Edit { path, old, .. } in edits {
        let shown = directory.show(path);
        if old.is_some() {
            let name = repository.name_of(path, &shown)?;
            repository.require_committed(&shown, &name)?;
            known.push(name);
        } else {
            let below = path.strip_prefix(directory.root()).unwrap_or(path);
            fresh.push(repository.name_in_directory(&below.to_string_lossy()));
        }
    }
    // That an edit may not outlive a power cut matters little beside the commit of it.
    let _troubles = edit_locked(&lock, directory, edits)?;
    match repository.commit_files(&known, &fresh, &text_of(message)) {
        Ok(commit) => {
            repository.made.borrow_mut().push(commit.clone());
            Ok(commit)
        }
        Err(unsure @ GitError::Unsure { .. }) => Err(unsure),
        Err(refused) => {
            let first = edits.first().map_or(Path::new(""), |edit| &edit.path);
            Err(refused.after(undo(&lock, directory, edits), &directory.show(first)))
        }
    }
}

impl Repository {
    /// Why a file is not in HEAD as it is in the work tree; nothing where it is.
    ///
    /// # Errors
    /// When git cannot be asked.
    pub fn misses(&self, directory: &Directory, path: &Path) -> Result<Option<GitError>, GitError> {
        let shown = directory.show(path);
        let name = self.name_of(path, &shown)?;
        self.committed_or_why(&shown, &name)
    }
}

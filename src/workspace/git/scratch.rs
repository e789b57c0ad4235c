//! Files that git is given while a branch moves, in git's own folder: an index beside the user's, and
//! the bytes of files that are in no work tree. They are named by what is in them and by the process,
//! so that no two runs write to one file, and they are removed by the run that wrote them. What a
//! killed run left is removed by the next one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::units::Digest;
use crate::workspace::Lock;
use crate::workspace::lock::{lock_folder, try_lock_folder};

use super::run::Git;
use super::{GitError, Repository};

/// Begins the name of every such file.
pub(super) const PREFIX: &str = "rollout-scratch-";

/// Begins the name of a file that was being written when its run was killed.
const UNFINISHED: &str = ".rollout-scratch-";

/// Held while such files are used: whoever holds it knows that files of others are leftovers.
pub(super) struct Scratch {
    folder: PathBuf,
    _lock: Lock,
}

impl Scratch {
    /// Waits until no other run moves a branch of this repository.
    pub(super) fn new(repository: &Repository, patience: Duration) -> Result<Self, GitError> {
        let folder = repository.git_dir.clone();
        let lock = lock_folder(&folder, &folder, patience)?;
        remove_all(&folder);
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Git with an index of its own, for commits on this one.
    pub(super) fn index(&self, repository: &Repository, tip: &str) -> Git {
        let file = self.named("index", tip.as_bytes());
        let path = file.display().to_string();
        repository.git.with("GIT_INDEX_FILE", &path)
    }

    /// A file with these bytes.
    pub(super) fn file(&self, bytes: &[u8]) -> Result<PathBuf, GitError> {
        let path = self.named("file", bytes);
        crate::workspace::write_file(&path, bytes)?;
        Ok(path)
    }

    fn named(&self, what: &str, content: &[u8]) -> PathBuf {
        let digest = Digest::of(content);
        let process = std::process::id();
        let name = format!("{PREFIX}{what}-{}-{process}", digest.short());
        self.folder.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove_all(&self.folder);
    }
}

impl Repository {
    /// Removes what killed runs left, unless another run is moving a branch right now.
    pub(super) fn sweep_scratch(&self) {
        if let Some(_lock) = try_lock_folder(&self.git_dir) {
            remove_all(&self.git_dir);
        }
    }
}

fn remove_all(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) || name.starts_with(UNFINISHED) {
            // One that cannot be removed is in nobody's way: the next run has another name.
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

//! The user's index as it was before a commit, by a second name for the same file: git writes a new
//! index beside the old one, so this takes no space, and putting it back takes none either. A full
//! disk keeps git from undoing what it announced.

use std::path::{Path, PathBuf};

use super::GitError;
use super::scratch::PREFIX;

/// A second name of the index, removed in the end.
pub(super) struct SavedIndex {
    index: PathBuf,
    /// `None` where there is no index yet, or the disk knows no second names.
    saved: Option<PathBuf>,
}

impl SavedIndex {
    pub(super) fn new(git_dir: &Path) -> Self {
        let index = git_dir.join("index");
        let saved = git_dir.join(format!("{PREFIX}saved-index-{}", std::process::id()));
        drop(std::fs::remove_file(&saved));
        let saved = std::fs::hard_link(&index, &saved).ok().map(|()| saved);
        Self { index, saved }
    }

    /// Puts the index back where git could not, or says why not: `otherwise`.
    pub(super) fn put_back(&self, otherwise: GitError) -> Result<(), GitError> {
        let Some(saved) = &self.saved else {
            return Err(otherwise);
        };
        // Git's own lock: a second name is given only where there is no such file yet.
        let lock = self.index.with_extension("lock");
        if std::fs::hard_link(saved, &lock).is_err() {
            return Err(otherwise);
        }
        std::fs::rename(&lock, &self.index).map_err(|_| {
            drop(std::fs::remove_file(&lock));
            otherwise
        })?;
        // Two names of one file: then nothing was renamed, and the lock is still there.
        drop(std::fs::remove_file(&lock));
        Ok(())
    }
}

impl Drop for SavedIndex {
    fn drop(&mut self) {
        if let Some(saved) = &self.saved {
            drop(std::fs::remove_file(saved));
        }
    }
}

//! One writer at a time in a directory.
//!
//! The lock is taken on the directory itself, not on a file in it: nothing is left behind that git
//! would show, and the operating system lets go of it when the process dies, however it dies.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::{Directory, WorkspaceError};

/// How often a waiting run looks again. Transitions take milliseconds.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// Held while something is written; dropping it lets go.
#[derive(Debug)]
#[must_use = "the lock is gone as soon as this is dropped"]
pub struct Lock {
    _directory: File,
}

impl Directory {
    /// Waits for its turn to write.
    ///
    /// # Errors
    /// When another run does not finish within the directory's patience.
    pub fn lock(&self) -> Result<Lock, WorkspaceError> {
        lock_folder(self.root(), self.shown(), self.patience())
    }
}

/// Waits until nobody else holds a folder, which people know by the name `shown`.
pub(super) fn lock_folder(
    folder: &Path,
    shown: &Path,
    patience: Duration,
) -> Result<Lock, WorkspaceError> {
    let no_lock = |source| WorkspaceError::NoLock {
        path: shown.to_owned(),
        source,
    };
    let directory = File::open(folder).map_err(no_lock)?;
    let mut waited = Duration::ZERO;
    loop {
        match directory.try_lock() {
            Ok(()) => {
                return Ok(Lock {
                    _directory: directory,
                });
            }
            Err(TryLockError::WouldBlock) if waited < patience => {
                std::thread::sleep(LOOK_AGAIN);
                waited += LOOK_AGAIN;
            }
            Err(TryLockError::WouldBlock) => {
                return Err(WorkspaceError::Locked {
                    path: shown.to_owned(),
                    waited_ms: waited.as_millis(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(no_lock(error)),
        }
    }
}

/// The lock of a folder, if nobody else holds it now.
pub(super) fn try_lock_folder(folder: &Path) -> Option<Lock> {
    let directory = File::open(folder).ok()?;
    directory.try_lock().ok()?;
    Some(Lock {
        _directory: directory,
    })
}

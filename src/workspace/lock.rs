//! One writer at a time in a directory.
//!
//! The lock is taken on the directory itself, not on a file in it: nothing is left behind that git
//! would show, and the operating system lets go of it when the process dies, however it dies.

use std::fs::{File, TryLockError};
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
        let no_lock = |source| WorkspaceError::NoLock {
            path: self.shown().to_owned(),
            source,
        };
        let directory = File::open(self.root()).map_err(no_lock)?;
        let mut waited = Duration::ZERO;
        loop {
            match directory.try_lock() {
                Ok(()) => {
                    return Ok(Lock {
                        _directory: directory,
                    });
                }
                Err(TryLockError::WouldBlock) if waited < self.patience() => {
                    std::thread::sleep(LOOK_AGAIN);
                    waited += LOOK_AGAIN;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(WorkspaceError::Locked {
                        path: self.shown().to_owned(),
                        waited_ms: waited.as_millis(),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(no_lock(error)),
            }
        }
    }
}

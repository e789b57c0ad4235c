//! What can go wrong with files, each with its cure. What is wrong *inside* a plan is a
//! [`crate::plan::Mistake`], not an error of this kind.

use std::io;
use std::path::{Path, PathBuf};

use crate::plan::ReviseError;

/// The directory could not be found, read, locked or written. Whatever it is: no plan was changed.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// There is no directory of plans.
    #[error("no directory `rollouts` in {} or above it, up to {}", from.display(), up_to.display())]
    NoDirectory {
        /// Where the search began.
        from: PathBuf,
        /// Where it ended: the git root, or the root of the file system.
        up_to: PathBuf,
    },
    /// A directory was named that is none.
    #[error("{} is not a directory ({named_by})", path.display())]
    NotADirectory {
        /// What was named.
        path: PathBuf,
        /// Who named it.
        named_by: &'static str,
    },
    /// A file could not be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A plan's name is another file's, here or where file systems tell less apart.
    #[error("{} cannot be read: {}", path.display(), alike(path, other))]
    Double {
        /// The plan.
        path: PathBuf,
        /// The other file.
        other: PathBuf,
    },
    /// A file could not be written.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is in the way that must not be overwritten.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another run holds the lock.
    #[error("another run of rollout is writing in {}; gave up after {waited_ms} ms", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
        /// How long was waited.
        waited_ms: u128,
    },
    /// The directory cannot be locked at all.
    #[error("{} cannot be locked: {source}", path.display())]
    NoLock {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not the one the decision was made on.
    #[error("{} was changed since it was read, by a person or another run", path.display())]
    Stale {
        /// The file.
        path: PathBuf,
    },
    /// A file that a plan names is not where it may be.
    #[error("{} {why}", path.display())]
    Outside {
        /// The file.
        path: PathBuf,
        /// Where it is.
        why: &'static str,
    },
    /// The directory of a file that a plan names is not there.
    #[error("there is no directory {} for {}", folder.display(), path.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// Its directory.
        folder: PathBuf,
    },
    /// A file that a plan names does not take an exposure.
    #[error("{} does not take the exposure: {why}", path.display())]
    Untaken {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The plan's text does not take the new state.
    #[error("{} cannot be revised: {source}", path.display())]
    Revise {
        /// The plan.
        path: PathBuf,
        /// Why.
        source: ReviseError,
    },
}

/// How two names are one.
fn alike(path: &Path, other: &Path) -> String {
    let is_same = path.file_stem() == other.file_stem();
    let other = other.display();
    if is_same {
        format!("{other} has the same name; names of plans are unique")
    } else {
        format!("{other} has the same name where case or accents do not count, as on macOS")
    }
}

impl WorkspaceError {
    /// Whether what was named is no such file, and reading it again would not help.
    #[must_use]
    pub fn is_unfit(&self) -> bool {
        use io::ErrorKind::{FileTooLarge, InvalidFilename, InvalidInput};
        match self {
            Self::Read { source, .. } => {
                matches!(source.kind(), InvalidInput | FileTooLarge | InvalidFilename)
            }
            Self::Double { .. } => true,
            _ => false,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn cure(&self) -> String {
        match self {
            Self::NoDirectory { .. } => {
                "run `rollout init` at the root of the repository, or name the directory with --dir or ROLLOUT_DIR".into()
            }
            Self::NotADirectory { .. } => {
                "name the directory that holds config.toml and the plans, or run `rollout init` to make one".into()
            }
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => "let the user who runs rollout read it: `ls -l` shows whose it is".into(),
                io::ErrorKind::InvalidData => "save it as UTF-8".into(),
                io::ErrorKind::InvalidFilename => "rename it with letters, digits and `-`: a name is shown on terminals, and in logs and commits".into(),
                io::ErrorKind::FileTooLarge => "put a smaller file there; nothing of it was read".into(),
                io::ErrorKind::InvalidInput => "put a regular file there, or take it away; nothing of it was read".into(),
                _ => "look at it with `ls -l`, and run again".into(),
            },
            Self::Double { .. } => {
                "rename one of them: names have to differ in more than folder, case or the way an accent is written".into()
            }
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "let the user who runs rollout write there; the plan is as it was".into()
                }
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                    "make room on the disk and run again; the plan is as it was".into()
                }
                _ => "the plan is as it was; run again when the cause is gone".into(),
            },
            Self::Exists { .. } => "choose another name, or move that file away".into(),
            Self::Locked { .. } => "run again when the other run is over; it decides on the same plans".into(),
            Self::NoLock { .. } => {
                "keep the directory on a file system with locks (network file systems need them switched on)".into()
            }
            Self::Stale { .. } => "run again: the decision has to be made on the file as it is now".into(),
            Self::Outside { .. } => {
                "name a file of the repository that the plan is in, without links that lead out of it".into()
            }
            Self::NoFolder { folder, .. } => {
                format!("make it (`mkdir -p {}`), or correct the path", folder.display())
            }
            Self::Untaken { .. } => "`rollout validate` shows what is wrong with the file, with its place".into(),
            Self::Revise { source, .. } => source.cure(),
        }
    }
}

/// The error with the path as people know it.
pub(super) fn shown_as(error: WorkspaceError, shown: &Path) -> WorkspaceError {
    let path = PathBuf::from(shown);
    match error {
        WorkspaceError::Read { source, .. } => WorkspaceError::Read { path, source },
        WorkspaceError::Write { source, .. } => WorkspaceError::Write { path, source },
        WorkspaceError::Stale { .. } => WorkspaceError::Stale { path },
        WorkspaceError::Exists { .. } => WorkspaceError::Exists { path },
        other @ (WorkspaceError::NoDirectory { .. }
        | WorkspaceError::NotADirectory { .. }
        | WorkspaceError::Double { .. }
        | WorkspaceError::Locked { .. }
        | WorkspaceError::NoLock { .. }
        | WorkspaceError::Outside { .. }
        | WorkspaceError::NoFolder { .. }
        | WorkspaceError::Untaken { .. }
        | WorkspaceError::Revise { .. }) => other,
    }
}

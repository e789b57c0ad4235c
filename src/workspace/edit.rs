//! Files that commands write besides a plan's state: the shared settings, and new plans. All edits of
//! a command are made, or none.

use std::path::PathBuf;

use crate::units::Digest;

use super::apply::reread;
use super::atomic::{Landed, Unconfirmed, replace, sweep};
use super::error::shown_as;
use super::{Directory, Lock, Trouble, WorkspaceError, create_file};

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub path: PathBuf,
    /// What was read; `None` for a file that must not be there yet.
    pub old: Option<String>,
    /// What it says then.
    pub new: String,
}

/// Makes these edits, and tells what of them may not last.
///
/// # Errors
/// When another run holds the lock, when a file is not what was read, or when one cannot be
/// written. Nothing is changed then.
pub fn edit(directory: &Directory, edits: &[Edit]) -> Result<Vec<Trouble>, WorkspaceError> {
    let lock = directory.lock()?;
    edit_locked(&lock, directory, edits)
}

/// As [`edit`], for who holds the lock of this directory already.
pub(super) fn edit_locked(
    lock: &Lock,
    directory: &Directory,
    edits: &[Edit],
) -> Result<Vec<Trouble>, WorkspaceError> {
    let mut troubles = Vec::new();
    for (done, one) in edits.iter().enumerate() {
        match make(directory, one) {
            Ok(landed) => troubles.extend(Trouble::of(landed, &directory.show(&one.path))),
            Err(error) => {
                undo(lock, directory, &edits[..done])?;
                return Err(error);
            }
        }
    }
    Ok(troubles)
}

/// Takes edits back that were made.
pub(super) fn undo(
    _lock: &Lock,
    directory: &Directory,
    edits: &[Edit],
) -> Result<(), WorkspaceError> {
    for Edit { path, old, new } in edits {
        let shown = directory.show(path);
        match old {
            Some(old) => {
                let expected = Digest::of(new.as_bytes());
                // What is put back is what the disk held already.
                let _lasts = replace(path, &expected, old.as_bytes(), Unconfirmed::Write)
                    .map_err(|error| shown_as(error, &shown))?;
            }
            None => std::fs::remove_file(path).map_err(|source| WorkspaceError::Write {
                path: shown,
                source,
            })?,
        }
    }
    Ok(())
}

fn make(directory: &Directory, edit: &Edit) -> Result<Landed, WorkspaceError> {
    let Edit { path, old, new } = edit;
    let shown = directory.show(path);
    let written = match old {
        None => create_file(path, new.as_bytes()),
        Some(old) => {
            let digest = Digest::of(old.as_bytes());
            reread(path, &shown, &digest)?;
            if old == new {
                return Ok(Landed::default());
            }
            sweep(path);
            replace(path, &digest, new.as_bytes(), Unconfirmed::Refuse)
        }
    };
    written.map_err(|error| shown_as(error, &shown))
}

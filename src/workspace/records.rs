//! Where the records of plans are: below the directory, whatever links and states say. A change under review
//! may hold a link in place of the folder, and a state that names any file of the machine.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::files;

use super::{Directory, WorkspaceError};

/// The folder of the records.
pub(super) const EVIDENCE: &str = ".evidence";

/// Reads a record, named relative to the directory.
///
/// # Errors
/// As [`files::read`]; `InvalidInput` where it is elsewhere.
pub(super) fn read(directory: &Directory, path: &str) -> io::Result<Vec<u8>> {
    files::read(&place(directory, path)?, files::RECORD)
}

/// The same as text.
///
/// # Errors
/// As [`read`]; `InvalidData` where it is not UTF-8.
pub(super) fn read_text(directory: &Directory, path: &str) -> io::Result<String> {
    files::read_text(&place(directory, path)?, files::RECORD)
}

/// The path and the text of the record that a state names; `None` where it is gone, which whoever follows
/// the chain is told.
///
/// # Errors
/// When it cannot be read, or is elsewhere: a record that does not name it would begin another chain.
pub(super) fn before<'p>(
    directory: &Directory,
    path: &'p str,
) -> Result<Option<(&'p str, String)>, WorkspaceError> {
    match read_text(directory, path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(WorkspaceError::Read {
            path: directory.show(&directory.root().join(path)),
            source,
        }),
    }
}

/// The folder of a plan's records, which need not be there yet.
///
/// # Errors
/// When it is elsewhere.
pub(super) fn folder(directory: &Directory, plan: &str) -> Result<PathBuf, WorkspaceError> {
    let name = format!("{EVIDENCE}/{plan}");
    place(directory, &name).map_err(|source| WorkspaceError::Write {
        path: directory.show(&directory.root().join(&name)),
        source,
    })
}

/// Where a record or a folder of them is.
fn place(directory: &Directory, path: &str) -> io::Result<PathBuf> {
    let unfit = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let relative = Path::new(path);
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_));
    if !relative.starts_with(EVIDENCE) || !relative.components().all(is_below) {
        return unfit("records are files below `.evidence`");
    }
    let root = directory.root();
    let whole = root.join(relative);
    // What is not there yet is where the folder above it is.
    let there = whole
        .ancestors()
        .find(|above| above.symlink_metadata().is_ok())
        .unwrap_or(root);
    let Ok(real) = std::fs::canonicalize(there) else {
        return unfit("it is a link that leads nowhere");
    };
    if !real.starts_with(std::fs::canonicalize(root)?) {
        return unfit("a link leads out of the directory");
    }
    Ok(whole)
}

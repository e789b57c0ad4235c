//! Files that are there as a whole or not at all.
//!
//! Bytes go to a temporary file beside the target, are flushed to the disk, and take its name in
//! one step; then the directory is flushed, so that the name survives a power cut too. Hard links
//! are not kept: the other names go on showing the old bytes.

use std::fs::Metadata;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::files;
use crate::units::Digest;

use super::WorkspaceError;

/// Marks temporary files, so that what a killed run left can be told apart and removed.
const TEMPORARY: &str = ".rollout-";

/// A file that is there. Whatever the disk says after the file has its name, it has it: nothing may
/// be taken back for it, and it is told beside.
#[derive(Debug, Default)]
#[must_use = "who is not told of a write that may not last cannot look after the disk"]
pub struct Landed {
    /// Why it is not known to outlive a power cut; `None` when it is.
    pub not_durable: Option<io::Error>,
}

/// What is done when the disk does not confirm the bytes before they take their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unconfirmed {
    /// The file stays as it was.
    Refuse,
    /// The file is written all the same: somebody is spared by it now, also where it may not last.
    Write,
}

/// Writes a file, whatever was there before: saved snapshots and reports. Symbolic links are
/// followed; the mode of a file that was there is kept. That it outlives a power cut is not promised.
///
/// # Errors
/// When the file cannot be written; what was there before still is.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WorkspaceError> {
    let target = followed(path);
    let like = std::fs::metadata(&target).ok();
    match put(&target, bytes, like.as_ref(), None, Unconfirmed::Refuse) {
        Ok(Put::Done(Landed { not_durable: _ }) | Put::Stale) => Ok(()),
        Err(error) => Err(write_error(path)(error)),
    }
}

/// Writes a file that is not there yet.
///
/// # Errors
/// When it is there, or cannot be written.
pub fn create_file(path: &Path, bytes: &[u8]) -> Result<Landed, WorkspaceError> {
    create_like(path, bytes, None)
}

/// As [`create_file`], with mode and owner of another file.
pub(super) fn create_like(
    path: &Path,
    bytes: &[u8],
    like: Option<&Metadata>,
) -> Result<Landed, WorkspaceError> {
    let written = (|| {
        let (file, landed) = filled(path, bytes, like, Unconfirmed::Refuse)?;
        file.persist_noclobber(path).map_err(|error| error.error)?;
        Ok(landed.then(flush_folder(path)))
    })();
    match written {
        Err(error) if io::Error::kind(&error) == io::ErrorKind::AlreadyExists => {
            Err(WorkspaceError::Exists {
                path: path.to_owned(),
            })
        }
        other => other.map_err(write_error(path)),
    }
}

/// Replaces a file whose bytes have this digest, and only then.
pub(super) fn replace(
    path: &Path,
    expected: &Digest,
    bytes: &[u8],
    unconfirmed: Unconfirmed,
) -> Result<Landed, WorkspaceError> {
    let target = followed(path);
    let metadata = std::fs::metadata(&target).map_err(|error| WorkspaceError::Read {
        path: path.to_owned(),
        source: error,
    })?;
    match put(&target, bytes, Some(&metadata), Some(expected), unconfirmed) {
        Ok(Put::Done(landed)) => Ok(landed),
        Ok(Put::Stale) => Err(WorkspaceError::Stale {
            path: path.to_owned(),
        }),
        Err(error) => Err(write_error(path)(error)),
    }
}

impl Landed {
    /// With what became of one more step; the first failure is told.
    pub(super) fn then(self, step: io::Result<()>) -> Self {
        Self {
            not_durable: self.not_durable.or(step.err()),
        }
    }
}

/// Makes a folder and those above it, with the owner of the first one that was there. That its name
/// outlives a power cut is found out with the file that is made in it.
pub(super) fn create_folder(path: &Path) -> Result<(), WorkspaceError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = path.parent() {
        create_folder(above)?;
        match std::fs::create_dir(path) {
            Ok(()) => {
                if let (Ok(like), Ok(made)) = (std::fs::metadata(above), std::fs::File::open(path))
                {
                    adopt_owner(&made, &like);
                }
                // A disk that does not confirm this confirms nothing that follows either.
                drop(flush_folder(path));
            }
            // Another run made it at the same moment.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(write_error(path)(error)),
        }
    }
    Ok(())
}

/// Removes what killed runs left of this file. Only for who holds the lock: a temporary file that
/// is there then belongs to nobody who lives.
pub(super) fn sweep(path: &Path) {
    let target = followed(path);
    if let (Some(folder), Some(prefix)) = (target.parent(), temporary_prefix(&target)) {
        remove_temporary(folder, |name| name.starts_with(&prefix));
    }
}

/// As [`sweep`], for a folder in which only lock holders write.
pub(super) fn sweep_folder(folder: &Path) {
    remove_temporary(folder, |name| {
        name.starts_with('.') && name.contains(TEMPORARY)
    });
}

fn remove_temporary(folder: &Path, is_temporary: impl Fn(&str) -> bool) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if is_temporary(&entry.file_name().to_string_lossy()) {
            // A leftover that cannot be removed is harmless: its name begins with a dot.
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// Where a path leads in the end; itself when there is nothing yet.
fn followed(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn temporary_prefix(target: &Path) -> Option<String> {
    let name = target.file_name()?.to_string_lossy();
    Some(format!(".{name}{TEMPORARY}"))
}

/// What became of a replacement.
enum Put {
    /// The new bytes are there.
    Done(Landed),
    /// Somebody else's bytes are there.
    Stale,
}

fn put(
    target: &Path,
    bytes: &[u8],
    like: Option<&Metadata>,
    expected: Option<&Digest>,
    unconfirmed: Unconfirmed,
) -> io::Result<Put> {
    let (file, landed) = filled(target, bytes, like, unconfirmed)?;
    if let Some(expected) = expected {
        // Editors take no lock. The last look is as late as it can be.
        if Digest::of(&files::read(target, files::RECORD)?) != *expected {
            return Ok(Put::Stale);
        }
    }
    file.persist(target).map_err(|error| error.error)?;
    Ok(Put::Done(landed.then(flush_folder(target))))
}

/// A temporary file beside the target with these bytes, on the disk.
fn filled(
    target: &Path,
    bytes: &[u8],
    like: Option<&Metadata>,
    unconfirmed: Unconfirmed,
) -> io::Result<(NamedTempFile, Landed)> {
    let folder = target.parent().filter(|folder| folder != &Path::new(""));
    let prefix = temporary_prefix(target)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any new file: the process's mask takes away what it should.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder
        .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
        // Without the temporary name: whoever reads the error knows the target's.
        .map_err(|error| io::Error::from(error.kind()))?;
    file.write_all(bytes)?;
    if let Some(like) = like {
        adopt_owner(file.as_file(), like);
        file.as_file().set_permissions(like.permissions())?;
    }
    let landed = match (file.as_file().sync_all(), unconfirmed) {
        (Err(error), Unconfirmed::Refuse) => return Err(error),
        (flushed, Unconfirmed::Refuse | Unconfirmed::Write) => Landed::default().then(flushed),
    };
    Ok((file, landed))
}

/// Gives a file the owner of another one where this is allowed, so that a timer that runs as root
/// does not take a user's plans away. Where it is not, the file is ours, as with any editor.
#[cfg(unix)]
fn adopt_owner(file: &std::fs::File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let Ok(own) = file.metadata() else { return };
    if (own.uid(), own.gid()) != (like.uid(), like.gid())
        && fchown(file, Some(like.uid()), Some(like.gid())).is_err()
    {
        // A group one belongs to may be given without being root.
        drop(fchown(file, None, Some(like.gid())));
    }
}

#[cfg(not(unix))]
fn adopt_owner(_file: &std::fs::File, _like: &Metadata) {}

/// Puts the name of a file on the disk.
pub(super) fn flush_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| folder != &Path::new(""))
        .unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

pub(super) fn write_error(path: &Path) -> impl FnOnce(io::Error) -> WorkspaceError {
    let path = path.to_owned();
    |error| WorkspaceError::Write {
        path,
        source: error,
    }
}

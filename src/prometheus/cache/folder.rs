//! The folder of the cache: whose it is, what it holds, and that it stays small.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::units::Instant;

/// Bytes that all files together may have.
pub(super) const MOST_BYTES: u64 = 256 * 1_024 * 1_024;

/// Where there are more, the oldest go until so many are left.
const ENOUGH_BYTES: u64 = MOST_BYTES / 4 * 3;

/// How the names of files begin that are not written to their end.
pub(super) const TEMPORARY: &str = ".writing-";

/// Digits of a file's name.
const NAME_DIGITS: usize = 64;

/// What a cache holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdings {
    /// Its folder.
    pub path: PathBuf,
    /// Bytes of all files.
    pub bytes: u64,
    /// Number of files: of each counter one for each length of blocks, and one of how it is scraped.
    pub entries: usize,
    /// When the one that was written first was written.
    pub oldest: Option<Instant>,
}

/// What the cache in this folder holds; nothing where there is none yet.
///
/// # Errors
/// When the folder is there and cannot be used.
pub fn holdings(folder: &Path) -> io::Result<Holdings> {
    let files = match check(folder) {
        Ok(()) => files(folder)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let entries = files.iter().filter(|file| !file.is_temporary);
    Ok(Holdings {
        path: folder.to_owned(),
        bytes: files.iter().map(|file| file.bytes).sum(),
        entries: entries.count(),
        oldest: files
            .first()
            .map(|file| DateTime::<Utc>::from(file.written)),
    })
}

/// Makes the folder where there is none, and gives the bytes in it after the oldest files have made room.
pub(super) fn open(folder: &Path, now: Instant) -> io::Result<u64> {
    match check(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(folder)?,
        checked => checked?,
    }
    let files = files(folder)?;
    let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
    let is_full = bytes > MOST_BYTES;
    for file in files {
        let is_left = file.is_temporary && is_old(file.written, now);
        if is_left || (is_full && bytes > ENOUGH_BYTES) {
            // Another process may have been faster.
            if std::fs::remove_file(&file.path).is_ok() {
                bytes = bytes.saturating_sub(file.bytes);
            }
        }
    }
    Ok(bytes)
}

/// A file of the cache.
struct Entry {
    path: PathBuf,
    bytes: u64,
    written: SystemTime,
    is_temporary: bool,
}

/// The files of the cache, the oldest first. What else lies there is left alone.
fn files(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            continue;
        };
        let is_temporary = name.starts_with(TEMPORARY);
        let is_entry = name.len() == NAME_DIGITS && name.bytes().all(|b| b.is_ascii_hexdigit());
        // Of a link this is about the link itself.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if metadata.is_file() && (is_temporary || is_entry) {
            found.push(Entry {
                path: entry.path(),
                bytes: metadata.len(),
                written: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                is_temporary,
            });
        }
    }
    found.sort_by(|one, other| (one.written, &one.path).cmp(&(other.written, &other.path)));
    Ok(found)
}

/// Whether nobody writes this file any more.
fn is_old(written: SystemTime, now: Instant) -> bool {
    let age = SystemTime::from(now).duration_since(written);
    age.is_ok_and(|age| age.as_secs() > 3_600)
}

/// A folder that others may write holds what others say.
fn check(folder: &Path) -> io::Result<()> {
    let metadata = std::fs::symlink_metadata(folder)?;
    if !metadata.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "it is no folder",
        ));
    }
    if is_shared(&metadata) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "others may write to it; its mode must be 0700",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn is_shared(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o022 != 0
}

#[cfg(not(unix))]
const fn is_shared(_metadata: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn create(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    if let Some(parent) = folder.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(folder) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => check(folder),
        created => created,
    }
}

#[cfg(not(unix))]
fn create(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::time::Duration;

    use super::*;

    fn now() -> Instant {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    fn put(folder: &Path, name: &str, bytes: u64, age: u64) -> PathBuf {
        let path = folder.join(name);
        let file = std::fs::File::create(&path).unwrap();
        file.set_len(bytes).unwrap();
        let written = SystemTime::from(now()) - Duration::from_secs(age);
        file.set_modified(written).unwrap();
        path
    }

    #[test]
    fn a_folder_is_made_for_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("cache/rollout");
        assert_eq!(open(&folder, now()).unwrap(), 0);
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_link_and_a_folder_that_others_write_to_are_not_used() {
        let root = tempfile::tempdir().unwrap();
        let (real, link) = (root.path().join("real"), root.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        symlink(&real, &link).unwrap();
        assert!(open(&link, now()).is_err());
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(open(&real, now()).is_err());
        assert!(holdings(&real).is_err());
    }

    #[test]
    fn of_too_much_the_oldest_go_and_what_is_not_ours_stays() {
        let root = tempfile::tempdir().unwrap();
        let name = |digit: &str| digit.repeat(NAME_DIGITS);
        let quarter = MOST_BYTES / 4;
        let foreign = put(root.path(), "notes.txt", quarter, 9_000);
        let old = put(root.path(), &name("a"), quarter + 1, 300);
        let newer: Vec<PathBuf> = ["b", "c", "d"]
            .into_iter()
            .map(|digit| put(root.path(), &name(digit), quarter, 200))
            .collect();
        std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let held = holdings(root.path()).unwrap();
        assert_eq!((held.bytes, held.entries), (4 * quarter + 1, 4));
        assert!(held.oldest.is_some());
        assert_eq!(open(root.path(), now()).unwrap(), 3 * quarter);
        assert!(foreign.exists() && !old.exists());
        assert!(newer.iter().all(|path| path.exists()));
    }

    #[test]
    fn what_a_killed_run_has_left_goes_after_an_hour() {
        let root = tempfile::tempdir().unwrap();
        std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let left = put(root.path(), ".writing-1", 10, 4_000);
        let running = put(root.path(), ".writing-2", 10, 10);
        assert_eq!(open(root.path(), now()).unwrap(), 10);
        assert!(!left.exists() && running.exists());
    }
}

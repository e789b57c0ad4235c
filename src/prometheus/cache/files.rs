//! Answers by name: one file each, whole or not at all.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::folder::{MOST_BYTES, TEMPORARY, open};
use super::key::{Asker, Digest};
use crate::units::Instant;

/// A file that is larger is not kept.
const MOST_OF_ONE: usize = 16 * 1_024 * 1_024;

/// How a file begins. After it come its own name, the digest of the rest, and the rest.
const MAGIC: &[u8; 8] = b"rollout1";

const HEAD: usize = MAGIC.len() + 2 * size_of::<Digest>();

/// What this server has answered to this asker.
#[derive(Debug)]
pub(in crate::prometheus) struct Cache {
    folder: PathBuf,
    asker: Asker,
    /// The clock, in Unix seconds.
    now: i64,
    /// Bytes that may still be written.
    room: Cell<u64>,
    /// Nothing that is kept is used.
    asks_whole: Cell<bool>,
    was_used: Cell<bool>,
}

impl Cache {
    /// The cache in this folder; `None` where it cannot be used, which `-v` explains.
    pub(in crate::prometheus) fn open(folder: &Path, asker: Asker, now: Instant) -> Option<Self> {
        match open(folder, now) {
            Ok(bytes) => Some(Self {
                folder: folder.to_owned(),
                asker,
                now: now.timestamp(),
                room: Cell::new(MOST_BYTES.saturating_sub(bytes)),
                asks_whole: Cell::new(false),
                was_used: Cell::new(false),
            }),
            Err(error) => {
                tracing::debug!(folder = %folder.display(), %error, "nothing is cached");
                None
            }
        }
    }

    /// The clock, in Unix seconds.
    pub(in crate::prometheus) const fn now(&self) -> i64 {
        self.now
    }

    /// From now on nothing that is kept is used, but what is answered is kept.
    pub(in crate::prometheus) fn ask_whole(&self) {
        self.asks_whole.set(true);
    }

    /// Says that what was kept has been used.
    pub(in crate::prometheus) fn note_use(&self) {
        self.was_used.set(true);
    }

    /// Whether anything that was kept has been used.
    pub(in crate::prometheus) const fn was_used(&self) -> bool {
        self.was_used.get()
    }

    /// What is kept for a question.
    pub(in crate::prometheus) fn load(&self, question: &[String]) -> Option<Vec<u8>> {
        if self.asks_whole.get() {
            return None;
        }
        let name = self.asker.digest(question);
        match read(&self.path(&name)) {
            Ok(bytes) => content(&name, bytes),
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::debug!(%error, "what is cached cannot be read");
                }
                None
            }
        }
    }

    /// Keeps an answer to a question; the last of several processes wins.
    pub(in crate::prometheus) fn store(&self, question: &[String], bytes: &[u8]) {
        let length = HEAD + bytes.len();
        let left = self.room.get().checked_sub(length as u64);
        let Some(left) = left.filter(|_| length <= MOST_OF_ONE) else {
            tracing::debug!(length, "not cached: there is no room for it");
            return;
        };
        let name = self.asker.digest(question);
        match self.write(&name, bytes) {
            // What it replaces makes room in the next run.
            Ok(()) => self.room.set(left),
            Err(error) => tracing::debug!(%error, "not cached"),
        }
    }

    fn write(&self, name: &Digest, bytes: &[u8]) -> io::Result<()> {
        let mut whole = Vec::with_capacity(HEAD + bytes.len());
        whole.extend_from_slice(MAGIC);
        whole.extend_from_slice(name);
        whole.extend_from_slice(&Sha256::digest(bytes));
        whole.extend_from_slice(bytes);
        let path = self.path(name);
        // Not flushed to the disk: what a crash tears is not read. So one is written over where it stands:
        // a file made anew and the old one taken away, thousands at a time, costs more than all the rest.
        if own(&path).is_ok_and(|mut file| over(&mut file, &whole).is_ok()) {
            return Ok(());
        }
        // For its owner alone, as temporary files are.
        let mut file = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempfile_in(&self.folder)?;
        file.write_all(&whole)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn path(&self, name: &Digest) -> PathBuf {
        let mut text = String::with_capacity(2 * name.len());
        for byte in name {
            // Writing to a string does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        self.folder.join(text)
    }
}

/// A file that is there, known by no other name, to be written over.
fn own(path: &Path) -> io::Result<std::fs::File> {
    let metadata = std::fs::symlink_metadata(path)?;
    if metadata.is_file() && is_alone(&metadata) {
        std::fs::OpenOptions::new().write(true).open(path)
    } else {
        Err(io::Error::other("it is no file of the cache's own"))
    }
}

#[cfg(unix)]
fn is_alone(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    metadata.nlink() == 1 && metadata.permissions().mode() & 0o077 == 0
}

/// Elsewhere each file is made anew.
#[cfg(not(unix))]
fn is_alone(_: &std::fs::Metadata) -> bool {
    false
}

/// Puts these bytes in place of all that the file holds.
fn over(file: &mut std::fs::File, whole: &[u8]) -> io::Result<()> {
    file.write_all(whole)?;
    file.set_len(whole.len() as u64)
}

/// The bytes of a file that is one: links are not followed, pipes not waited for.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(MOST_OF_ONE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What was kept, if the file is what it says it is.
fn content(name: &Digest, mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let (head, rest) = bytes.split_at_checked(HEAD)?;
    let is_whole = head[..MAGIC.len()] == *MAGIC
        && head[MAGIC.len()..][..name.len()] == *name
        && head[MAGIC.len() + name.len()..] == *Sha256::digest(rest);
    is_whole.then(|| bytes.split_off(HEAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path, tenant: &str) -> Cache {
        let mut asker = Asker::default();
        asker.add(b"http://localhost:9090");
        asker.add(tenant.as_bytes());
        let now = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        Cache::open(folder, asker, now).unwrap()
    }

    fn put(path: &Path, bytes: &[u8]) {
        let mut file = std::fs::File::create(path).unwrap();
        file.write_all(bytes).unwrap();
    }

    fn question(text: &str) -> Vec<String> {
        vec![text.to_owned(), "300".to_owned()]
    }

    fn file(folder: &Path) -> PathBuf {
        let mut files = std::fs::read_dir(folder).unwrap();
        let path = files.next().unwrap().unwrap().path();
        assert!(files.next().is_none());
        path
    }

    #[test]
    fn what_is_kept_is_read_by_who_asked_for_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("rollout");
        let own = cache(&folder, "team-a");
        own.store(&question("up"), b"first");
        own.store(&question("up"), b"second");
        assert_eq!(own.load(&question("up")).unwrap(), b"second");
        assert_eq!(own.load(&question("down")), None);
        assert_eq!(cache(&folder, "team-b").load(&question("up")), None);
        assert!(cache(&folder, "team-a").load(&question("up")).is_some());
        own.ask_whole();
        assert_eq!(own.load(&question("up")), None);
    }

    #[test]
    fn a_torn_or_changed_or_renamed_file_is_not_read() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("rollout");
        let own = cache(&folder, "a");
        own.store(&question("up"), b"some bytes");
        let path = file(&folder);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            put(&path, &whole[..length]);
            assert_eq!(own.load(&question("up")), None, "{length}");
        }
        for place in 0..whole.len() {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            put(&path, &changed);
            assert_eq!(own.load(&question("up")), None, "{place}");
        }
        put(&path, &whole);
        let other = own.path(&own.asker.digest(&question("other")));
        std::fs::copy(&path, other).unwrap();
        assert_eq!(own.load(&question("other")), None);
        // It is written over, whatever its length.
        for rubbish in [b"rubbish".to_vec(), whole.repeat(2)] {
            put(&path, &rubbish);
            own.store(&question("up"), b"new");
            assert_eq!(own.load(&question("up")).unwrap(), b"new");
        }
    }

    #[cfg(unix)]
    #[test]
    fn files_are_for_their_owner_alone_and_links_are_not_followed() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("rollout");
        let own = cache(&folder, "a");
        own.store(&question("up"), b"kept");
        let path = file(&folder);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let outside = root.path().join("outside");
        std::fs::rename(&path, &outside).unwrap();
        symlink(&outside, &path).unwrap();
        assert_eq!(own.load(&question("up")), None);
        let before = std::fs::read(&outside).unwrap();
        own.store(&question("up"), b"new");
        assert_eq!(own.load(&question("up")).unwrap(), b"new");
        assert_eq!(std::fs::read(&outside).unwrap(), before);
        // Nor is what has another name, or what others may read.
        let path = file(&folder);
        std::fs::hard_link(&path, root.path().join("twin")).unwrap();
        own.store(&question("up"), b"newer");
        assert_eq!(own.load(&question("up")).unwrap(), b"newer");
        let twin = std::fs::read(root.path().join("twin")).unwrap();
        assert!(twin.ends_with(b"new"));
        let all = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(&path, all).unwrap();
        own.store(&question("up"), b"newest");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("rollout");
        let own = cache(&folder, "a");
        own.store(&question("up"), &vec![0; MOST_OF_ONE]);
        assert_eq!(own.load(&question("up")), None);
        own.room.set(100);
        own.store(&question("up"), b"longer than what is left, with its head");
        assert_eq!(own.load(&question("up")), None);
    }
}

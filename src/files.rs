//! Bounded reads of files that somebody else may have put there.
//!
//! In come a path and the most that a file of its kind can be; out come its bytes, or why it is no such file:
//! what is read is bounded before it is read. A link to a device never ends, a named pipe waits for ever,
//! and neither is opened. What the bytes mean is not known here.

use std::io::{self, Read as _};
use std::path::Path;

/// What a plan, the shared settings or a file with a secret can be.
pub const SMALL: u64 = 1 << 20;

/// What a record can be: a week of the past of many guardrails is a hundredth of it.
pub const RECORD: u64 = 16 << 20;

/// What a saved snapshot of all plans can be.
pub const SNAPSHOT: u64 = 256 << 20;

/// Reads a regular file of at most so many bytes. Links are followed.
///
/// # Errors
/// `InvalidInput` where it is no regular file, `FileTooLarge` where it is larger; else as the system says.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let found = std::fs::metadata(path)?;
    let unfit = |why: String| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    if !found.is_file() {
        let leads = match std::fs::read_link(path) {
            Ok(to) => format!("it is a link to {}, ", to.display()),
            Err(_) => "it is ".to_owned(),
        };
        return unfit(format!("{leads}{}", kind(found.file_type())));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(most)).unwrap_or_default());
    // A file may grow meanwhile, and one of /proc has no length.
    std::fs::File::open(path)?
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let why = format!("it is larger than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`]; `InvalidData` where it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| {
        let byte = error.utf8_error().valid_up_to() + 1;
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("byte {byte} is not UTF-8"),
        )
    })
}

/// What a file that is none is.
fn kind(found: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match () {
        () if found.is_dir() => "a directory",
        () if found.is_fifo() => "a named pipe",
        () if found.is_socket() => "a socket",
        () if found.is_char_device() || found.is_block_device() => "a device",
        () => "no regular file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(path: &Path, most: u64) -> String {
        use io::ErrorKind::{FileTooLarge, InvalidInput};
        let error = read(path, most).unwrap_err();
        let said = error.to_string();
        let is_larger = said.contains("larger");
        let kind = if is_larger {
            FileTooLarge
        } else {
            InvalidInput
        };
        assert_eq!(error.kind(), kind);
        said
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_not_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::File::create(&path)
            .unwrap()
            .set_len(SMALL)
            .unwrap();
        assert_eq!(read(&path, SMALL).unwrap().len(), 1 << 20);
        let longer = std::fs::File::options().write(true).open(&path).unwrap();
        longer.set_len(SMALL + 1).unwrap();
        assert_eq!(why(&path, SMALL), "it is larger than 1 MiB");
    }

    #[test]
    fn what_is_no_file_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link.toml");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        assert_eq!(why(&link, SMALL), "it is a link to /dev/zero, a device");
        assert_eq!(why(folder.path(), SMALL), "it is a directory");
        let socket = folder.path().join("socket.toml");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(why(&socket, SMALL), "it is a socket");
    }
}

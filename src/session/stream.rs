//! A stream whose reader may be gone, or whose disk full: that stops no work. What is decided is written to
//! plans first, and told after; the telling that fails is remembered, to be told where it still can be.

use std::io::{self, Write};

/// As much of what was told is kept, to be told elsewhere.
const MOST_KEPT: usize = 1 << 20;

/// A stream that never fails.
pub(super) struct Stream<'a> {
    to: &'a mut dyn Write,
    /// The beginning of what was written.
    kept: Vec<u8>,
    failed: Option<io::Error>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(to: &'a mut dyn Write) -> Self {
        Self {
            to,
            kept: Vec::new(),
            failed: None,
        }
    }

    /// Why not all of it was written; `None` where it was.
    pub(super) fn failed(&self) -> Option<&io::Error> {
        self.failed.as_ref()
    }

    /// What was to be written, to the bound of what is kept.
    pub(super) fn kept(&self) -> &[u8] {
        &self.kept
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST_KEPT.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
        if self.failed.is_none() {
            self.failed = self.to.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.failed.is_none() {
            self.failed = self.to.flush().err();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            match taken {
                0 => Err(io::ErrorKind::StorageFull.into()),
                taken => Ok(taken),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_remembered_and_stops_nothing() {
        let mut disk = Disk(5);
        let mut stream = Stream::new(&mut disk);
        stream.write_all(b"one").unwrap();
        assert!(stream.failed().is_none());
        stream.write_all(b" two").unwrap();
        stream.write_all(b" three").unwrap();
        stream.flush().unwrap();
        let failed = stream.failed().map(io::Error::kind);
        assert_eq!(failed, Some(io::ErrorKind::StorageFull));
        assert_eq!(stream.kept(), b"one two three");
    }

    #[test]
    fn what_is_kept_has_a_bound() {
        let mut stream = io::sink();
        let mut stream = Stream::new(&mut stream);
        for _ in 0..3 {
            stream.write_all(&vec![b'a'; MOST_KEPT / 2 + 1]).unwrap();
        }
        assert_eq!(stream.kept().len(), MOST_KEPT);
    }
}

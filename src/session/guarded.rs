//! A stream on which only text is written: [`Guard`] looks at all of it.

use std::io::{self, Write};

use crate::units::Guard;

/// A stream behind a [`Guard`].
pub(crate) struct Guarded<W> {
    stream: W,
    guard: Guard,
    /// The beginning of a character, or of a sequence that colours.
    unfinished: Vec<u8>,
}

impl<W: Write> Guarded<W> {
    /// Guards a stream on which colours are written, or not.
    pub(crate) fn new(stream: W, color: bool) -> Self {
        Self {
            stream,
            guard: Guard::new(color),
            unfinished: Vec::new(),
        }
    }

    /// The stream itself.
    pub(crate) fn stream(&self) -> &W {
        &self.stream
    }

    /// The stream itself, for what is not text.
    pub(crate) fn stream_mut(&mut self) -> &mut W {
        &mut self.stream
    }

    /// Lets the lines that follow be commands of ours, or not.
    pub(crate) fn let_commands(&mut self, pass: bool) {
        self.guard.let_commands(pass);
    }
}

impl<W: Write> Write for Guarded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = std::mem::take(&mut self.unfinished);
        held.extend_from_slice(bytes);
        // Only what is cut off at the end may still become a character.
        let whole = match std::str::from_utf8(&held) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Ok(_) | Err(_) => held.len(),
        };
        let cut_off = held.split_off(whole);
        let text = String::from_utf8_lossy(&held);
        let mut out = String::with_capacity(text.len());
        let rest = self.guard.text(&text, &mut out);
        self.unfinished = [rest.as_bytes(), &cut_off].concat();
        self.stream.write_all(out.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pieces: &[&[u8]], color: bool) -> String {
        let mut bytes = Vec::new();
        let mut guarded = Guarded::new(&mut bytes, color);
        for piece in pieces {
            guarded.write_all(piece).unwrap();
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn text_is_the_same_however_it_is_cut() {
        for text in [
            "a: b\n\tä 漢 🚀\n",
            "\u{1b}[1;31mx\u{1b}[0m \u{1b}[2J",
            "a\n::error::x\n ##[b]",
            "\u{202e}\u{9b}",
        ] {
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            for color in [false, true] {
                let whole = written(&[text.as_bytes()], color);
                assert_eq!(written(&bytes, color), whole, "{text:?}");
            }
        }
        assert_eq!(written(&["ä\u{1b}[1m".as_bytes()], true), "ä\u{1b}[1m");
    }

    #[test]
    fn what_is_not_utf_8_is_replaced() {
        assert_eq!(
            written(&[b"a\xffb\x9bc\xe2\x82", b"x"], true),
            "a\u{fffd}b\u{fffd}c\u{fffd}x"
        );
    }
}

//! Text that somebody else wrote, as it is shown: the one place that escapes it. A control character
//! could move a terminal's cursor, a direction mark could swap what is read first, and a line break
//! could begin a line that looks like ours; all three are shown by their numbers.
//!
//! A message is one line: [`Foreign`] and [`one_line`] escape line breaks, too. What has lines of its own,
//! such as an HTML page, goes through [`super::page`].

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

/// Whether a character does something other than being seen: C0, DEL and C1, the separators of lines and
/// paragraphs, and the marks that turn the direction of what follows.
#[must_use]
pub const fn is_control(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// Writes a character by its number, as JSON and TOML read it back within a string.
///
/// # Errors
/// When the writer fails.
pub fn write_number(character: char, out: &mut dyn fmt::Write) -> fmt::Result {
    write!(out, "\\u{:04x}", u32::from(character))
}

/// What somebody else wrote, to be shown within one line of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreign<T>(pub T);

impl<T: Display> Display for Foreign<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Line(f), "{}", self.0)
    }
}

/// Escapes what is written to it, line breaks too.
struct Line<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Line<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        escape(text, is_control, self.0)
    }
}

/// A text as it is shown within one line of ours.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_control)
}

fn escaped(text: &str, forbidden: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&forbidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    // Writing to a string cannot fail.
    let _ = escape(text, forbidden, &mut out);
    Cow::Owned(out)
}

fn escape(text: &str, forbidden: impl Fn(char) -> bool, out: &mut dyn fmt::Write) -> fmt::Result {
    let mut rest = text;
    while let Some((at, character)) = rest.char_indices().find(|(_, c)| forbidden(*c)) {
        out.write_str(&rest[..at])?;
        write_number(character, out)?;
        rest = &rest[at + character.len_utf8()..];
    }
    out.write_str(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_shown_by_its_number() {
        assert_eq!(one_line("payments v2, ä 漢 🚀"), "payments v2, ä 漢 🚀");
        assert_eq!(
            Foreign("a\u{1b}[31mb\nc\td\u{7f}\u{9b}\u{202e}\u{2069}\u{200f}\u{2028}").to_string(),
            "a\\u001b[31mb\\u000ac\\u0009d\\u007f\\u009b\\u202e\\u2069\\u200f\\u2028"
        );
    }

    #[test]
    fn every_control_character_of_unicode_is_one() {
        for character in (0..=0x10_ffff).filter_map(char::from_u32) {
            assert!(!character.is_control() || is_control(character));
            let mut number = String::new();
            if is_control(character) {
                write_number(character, &mut number).unwrap();
                let back: String = serde_json::from_str(&format!("\"{number}\"")).unwrap();
                assert_eq!(back, character.to_string());
            }
        }
    }
}

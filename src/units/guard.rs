//! The last look at text before it leaves: whatever it was made of, no control character but a line's
//! ending, a tab and our own colours is in it, and no line of it is a command to the system that reads the
//! log. [`super::Foreign`] escapes what is put into a message; this stands behind it.

use std::borrow::Cow;

use super::foreign::{is_control, write_number};

/// The longest sequence of ours: bold, and a colour out of 256.
const LONGEST_COLOR: usize = 16;

/// What looks at a text in pieces, from its beginning.
///
/// GitHub Actions takes a line that begins with `::` as a command, whatever space is before it, and one
/// with `##[` in it, as Azure Pipelines does with `##vso[` and TeamCity with `##teamcity[`. None of these
/// passes, unless commands are let pass.
#[derive(Debug, Clone)]
pub struct Guard {
    /// Colours pass.
    color: bool,
    /// Commands pass: they are our own.
    commands: bool,
    line: Line,
}

/// What stands in the present line.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// Nothing but space.
    Start,
    /// One colon after space.
    Colon,
    /// One `#`.
    Mark,
    /// Two of them and then letters, which a bracket would make a command.
    Marked,
    /// Anything else.
    Within,
}

/// A page of ours with foreign text in it, without what [`Guard`] keeps back.
#[must_use]
pub fn page(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let _none = Guard::new(false).text(text, &mut out);
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

impl Guard {
    /// At the beginning of a text with our colours in it, or without.
    #[must_use]
    pub fn new(color: bool) -> Self {
        Self {
            color,
            commands: false,
            line: Line::Start,
        }
    }

    /// Lets commands pass from here on, or not.
    pub fn let_commands(&mut self, pass: bool) {
        self.commands = pass;
    }

    /// Adds the next piece of the text to `out`, as it may be shown. What is left is the beginning of a
    /// sequence that may become a colour: it belongs before the piece that follows.
    #[must_use]
    pub fn text<'t>(&mut self, text: &'t str, out: &mut String) -> &'t str {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            match self.color(rest) {
                Sequence::Color { length } => {
                    out.push_str(&rest[..length]);
                    rest = &rest[length..];
                }
                Sequence::Unfinished => return rest,
                Sequence::None => {
                    self.character(character, out);
                    rest = &rest[character.len_utf8()..];
                }
            }
        }
        ""
    }

    /// The sequence at the beginning of a text.
    fn color(&self, text: &str) -> Sequence {
        let Some(sequence) = text.strip_prefix('\u{1b}').filter(|_| self.color) else {
            return Sequence::None;
        };
        let mut bytes = sequence.bytes().enumerate().take(LONGEST_COLOR);
        let ends = bytes.find(|(at, byte)| match byte {
            b'[' => *at > 0,
            b'0'..=b'9' | b';' => *at == 0,
            _ => true,
        });
        match ends {
            Some((at, b'm')) if at > 0 => Sequence::Color { length: at + 2 },
            None if sequence.len() < LONGEST_COLOR => Sequence::Unfinished,
            Some(_) | None => Sequence::None,
        }
    }

    fn character(&mut self, character: char, out: &mut String) {
        let is_command = match (self.line, character) {
            (Line::Colon, ':') | (Line::Marked, '[') => !self.commands,
            _ => false,
        };
        if is_command || (is_control(character) && !matches!(character, '\n' | '\t')) {
            // Writing to a string cannot fail.
            let _ = write_number(character, out);
            self.line = Line::Within;
            return;
        }
        out.push(character);
        self.line = match (self.line, character) {
            (_, '\n') => Line::Start,
            (Line::Start, space) if space.is_whitespace() => Line::Start,
            (Line::Start, ':') => Line::Colon,
            (Line::Mark | Line::Marked, '#') => Line::Marked,
            (Line::Marked, letter) if letter.is_ascii_alphabetic() => Line::Marked,
            (_, '#') => Line::Mark,
            _ => Line::Within,
        };
    }
}

/// What begins with the escape character.
enum Sequence {
    /// One that colours, of so many bytes.
    Color { length: usize },
    /// It is cut off.
    Unfinished,
    /// Another, or none.
    None,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guarded(text: &str, color: bool) -> String {
        let mut out = String::new();
        assert_eq!(Guard::new(color).text(text, &mut out), "");
        out
    }

    #[test]
    fn text_passes_as_it_is() {
        for text in [
            "",
            "a: b\n\tä 漢 🚀\n",
            "x::y, a # b ## c [d]\n",
            "- [ ] a\n",
        ] {
            assert_eq!(guarded(text, false), text);
            assert_eq!(guarded(text, true), text);
        }
    }

    #[test]
    fn only_colours_pass_and_only_where_there_are_any() {
        let bold = "\u{1b}[1;31mx\u{1b}[0m";
        assert_eq!(guarded(bold, true), bold);
        assert_eq!(guarded("\u{1b}[1mx", false), "\\u001b[1mx");
        for sequence in [
            "\u{1b}[2Jx",
            "\u{1b}]0;title\u{7}",
            "\u{1b}cx",
            "\u{1b}[?25l",
            "\u{1b}mx",
            "\u{1b}[1[m",
        ] {
            assert!(!guarded(sequence, true).contains('\u{1b}'), "{sequence:?}");
        }
        let long = format!("\u{1b}[{}m", "1;".repeat(20));
        assert!(!guarded(&long, true).contains('\u{1b}'));
        assert_eq!(
            guarded("a\u{9b}2J\r\u{202e}b", true),
            "a\\u009b2J\\u000d\\u202eb"
        );
    }

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(guarded("::error::x\n", false), ":\\u003aerror::x\n");
        assert_eq!(
            guarded("a\n \t\u{a0}::x\n", false),
            "a\n \t\u{a0}:\\u003ax\n"
        );
        assert_eq!(guarded("a ##[error]b", false), "a ##\\u005berror]b");
        assert_eq!(guarded("a ###vso[task]b", false), "a ###vso\\u005btask]b");
        assert_eq!(guarded("##teamcity[x]", false), "##teamcity\\u005bx]");
    }

    #[test]
    fn commands_of_ours_pass() {
        let mut guard = Guard::new(false);
        let mut out = String::new();
        guard.let_commands(true);
        let _none = guard.text("::error::a\u{1b}\n", &mut out);
        guard.let_commands(false);
        let _none = guard.text("::error::b\n", &mut out);
        assert_eq!(out, "::error::a\\u001b\n:\\u003aerror::b\n");
    }
}

//! How text looks: colours and width. Colour never carries meaning alone; without it the same words
//! stand there.

use anstyle::{AnsiColor, Style};

use crate::decide::Exit;
use crate::judge::Verdict;

/// What the reader's terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputStyle {
    /// Whether ANSI colours are written.
    pub color: bool,
    /// Whether glyphs beyond ASCII are written.
    pub unicode: bool,
    /// Columns to fill.
    pub width: usize,
}

impl OutputStyle {
    /// The styles for it: all empty without colour.
    #[must_use]
    pub fn styles(self) -> Styles {
        if self.color {
            Styles::colorful()
        } else {
            Styles::default()
        }
    }

    /// The glyphs for it.
    #[must_use]
    pub const fn glyphs(self) -> Glyphs {
        if self.unicode {
            Glyphs::UNICODE
        } else {
            Glyphs::ASCII
        }
    }
}

/// The glyphs of pictures, in two forms that say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// Before what is now.
    pub now: char,
    /// Between neighbours, or before what only waits.
    pub quiet: char,
    /// What is done.
    pub done: char,
    /// What was taken back.
    pub bad: char,
    /// What needs a person.
    pub person: char,
    /// What there is more of.
    pub more: &'static str,
    /// A line, such as an interval.
    pub line: char,
    /// Its left and its right end.
    pub ends: [char; 2],
    /// An estimate on it.
    pub estimate: char,
    /// Where there is no difference.
    pub even: char,
    /// Where the margin is.
    pub margin: char,
    /// Where what must be ruled out is.
    pub rule_out: char,
}

impl Glyphs {
    /// Where the locale is UTF-8.
    pub const UNICODE: Self = Self {
        now: '▸',
        quiet: '·',
        done: '✓',
        bad: '✗',
        person: '!',
        more: "…",
        line: '─',
        ends: ['├', '┤'],
        estimate: '●',
        even: '│',
        margin: '┊',
        rule_out: '║',
    };

    /// Everywhere else.
    pub const ASCII: Self = Self {
        now: '>',
        quiet: '.',
        done: '+',
        bad: 'x',
        person: '!',
        more: "...",
        line: '-',
        ends: ['[', ']'],
        estimate: 'o',
        even: '|',
        margin: ':',
        rule_out: '#',
    };
}

/// A style for each meaning. The default is no style at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Styles {
    /// Names of plans and headings.
    pub title: Style,
    /// What went well.
    pub good: Style,
    /// What waits.
    pub wait: Style,
    /// What is in doubt.
    pub doubt: Style,
    /// What went wrong.
    pub bad: Style,
    /// What matters less.
    pub dim: Style,
    /// Lines that a diff adds.
    pub added: Style,
    /// Lines that a diff removes.
    pub removed: Style,
}

impl Styles {
    fn colorful() -> Self {
        let fg = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        Self {
            title: Style::new().bold(),
            good: fg(AnsiColor::Green),
            wait: fg(AnsiColor::Cyan),
            doubt: fg(AnsiColor::Yellow),
            bad: fg(AnsiColor::Red).bold(),
            dim: Style::new().dimmed(),
            added: fg(AnsiColor::Green),
            removed: fg(AnsiColor::Red),
        }
    }

    /// The style of a verdict.
    #[must_use]
    pub const fn verdict(&self, verdict: Verdict) -> Style {
        match verdict {
            Verdict::Pass => self.good,
            Verdict::Breach => self.bad,
            Verdict::Inconclusive => self.wait,
            Verdict::NoData(_) => self.doubt,
            Verdict::NotApplicable => self.dim,
        }
    }

    /// The style of an outcome.
    #[must_use]
    pub const fn exit(&self, exit: Exit) -> Style {
        match exit {
            Exit::Go => self.good,
            Exit::Hold => self.wait,
            Exit::Inconclusive => self.doubt,
            Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback => self.bad,
        }
    }
}

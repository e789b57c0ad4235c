//! How the program talks: the answer to stdout, everything else to stderr. A reader who hangs up
//! (`rollout status | head`) is not an error.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::args::{Color, Global};
use super::world::{Terminals, Variables};

/// Columns when no terminal says otherwise: fits a CI log and a side-by-side diff.
const DEFAULT_WIDTH: usize = 100;

/// Narrower than this, tables are wrapped by the terminal in place of us.
const LEAST_WIDTH: usize = 60;

/// Wider lines are hard to read.
const MOST_WIDTH: usize = 120;

/// The two streams and how to write to them.
pub(super) struct Ui<'a> {
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
    /// The answer is coloured.
    pub(super) color: bool,
    /// Messages are coloured.
    pub(super) color_messages: bool,
    /// Columns of the answer.
    pub(super) width: usize,
    /// Only changes and troubles are told.
    pub(super) quiet: bool,
    /// Progress may be drawn on stderr.
    pub(super) progress: bool,
}

impl<'a> Ui<'a> {
    pub(super) fn new(
        stdout: &'a mut dyn Write,
        stderr: &'a mut dyn Write,
        global: &Global,
        variables: &Variables,
        terminals: Terminals,
    ) -> Self {
        let color = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal
                    && variables.get("NO_COLOR").is_none()
                    && variables.text("TERM") != Some("dumb")
            }
        };
        let width = variables
            .text("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .or(terminals.width)
            .unwrap_or(DEFAULT_WIDTH)
            .clamp(LEAST_WIDTH, MOST_WIDTH);
        Self {
            stdout,
            stderr,
            color: color(terminals.stdout),
            color_messages: color(terminals.stderr),
            width,
            quiet: global.quiet,
            progress: shows_progress(terminals.stderr, global.quiet, global.verbose),
        }
    }

    /// The stream of the answer.
    pub(super) fn answer(&mut self) -> &mut dyn Write {
        self.stdout
    }

    /// The stream of everything else.
    pub(super) fn messages(&mut self) -> &mut dyn Write {
        self.stderr
    }

    /// One line of progress for people, silenced by `--quiet`.
    pub(super) fn note(&mut self, text: &str) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        writeln!(self.stderr, "{text}")
    }

    /// Something is odd but not wrong; never silenced.
    pub(super) fn warn(&mut self, text: &str) -> io::Result<()> {
        let style = if self.color_messages {
            AnsiColor::Yellow.on_default().bold()
        } else {
            Style::new()
        };
        writeln!(self.stderr, "{style}warning{style:#}: {text}")
    }
}

/// A bar is for a person who looks at a terminal; between lines of the log it would only be torn.
const fn shows_progress(stderr_is_terminal: bool, quiet: bool, verbose: u8) -> bool {
    stderr_is_terminal && !quiet && verbose == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_needs_a_terminal_and_nobody_who_asked_for_quiet_or_for_a_log() {
        assert!(shows_progress(true, false, 0));
        assert!(!shows_progress(false, false, 0));
        assert!(!shows_progress(true, true, 0));
        assert!(!shows_progress(true, false, 1));
    }
}

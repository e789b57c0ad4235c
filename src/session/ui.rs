//! How the program talks: the answer to stdout, everything else to stderr. A reader who hangs up
//! (`rollout status | head`) is not an error, and no stream that fails stops what is being done.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::units::one_line;

use super::guarded::Guarded;
use super::stream::Stream;

/// Columns when no terminal says otherwise: fits a CI log and a side-by-side diff.
const DEFAULT_WIDTH: usize = 100;

/// Narrower than this, tables are wrapped by the terminal in place of us.
const LEAST_WIDTH: usize = 60;

/// Tables are not read better when they are wider.
const MOST_WIDTH: usize = 200;

/// How is written to the streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// The answer is coloured.
    pub(crate) color: bool,
    /// Messages are coloured.
    pub(crate) color_messages: bool,
    /// Characters beyond ASCII are understood.
    pub(crate) unicode: bool,
    /// Columns of the answer, where they are known.
    pub(crate) width: Option<usize>,
    /// Only changes and troubles are told.
    pub(crate) quiet: bool,
    /// Progress may be drawn on stderr.
    pub(crate) progress: bool,
}

/// The two streams and how to write to them.
pub(crate) struct Ui<'a> {
    stdout: Guarded<Stream<'a>>,
    stderr: Guarded<Stream<'a>>,
    /// The answer is coloured.
    pub(crate) color: bool,
    /// Messages are coloured.
    pub(crate) color_messages: bool,
    /// Characters beyond ASCII are understood.
    pub(crate) unicode: bool,
    /// Columns of the answer.
    pub(crate) width: usize,
    /// Only changes and troubles are told.
    pub(crate) quiet: bool,
    /// Progress may be drawn on stderr.
    pub(crate) progress: bool,
}

impl<'a> Ui<'a> {
    pub(crate) fn new(stdout: &'a mut dyn Write, stderr: &'a mut dyn Write, shape: Shape) -> Self {
        let Shape {
            color,
            color_messages,
            unicode,
            width,
            quiet,
            progress,
        } = shape;
        Self {
            stdout: Guarded::new(Stream::new(stdout), color),
            stderr: Guarded::new(Stream::new(stderr), color_messages),
            color,
            color_messages,
            unicode,
            width: width
                .unwrap_or(DEFAULT_WIDTH)
                .clamp(LEAST_WIDTH, MOST_WIDTH),
            quiet,
            progress,
        }
    }

    /// The stream of the answer.
    pub(crate) fn answer(&mut self) -> &mut dyn Write {
        self.stdout.let_commands(false);
        &mut self.stdout
    }

    /// The stream of the answer, for commands to GitHub Actions.
    pub(crate) fn annotations(&mut self) -> &mut dyn Write {
        self.stdout.let_commands(true);
        &mut self.stdout
    }

    /// Whether the answer still goes anywhere.
    pub(crate) fn is_read(&self) -> bool {
        self.stdout.stream().failed().is_none()
    }

    /// Why the answer was not written, and the answer; `None` where it was, or where its reader wanted no
    /// more of it.
    pub(crate) fn unanswered(&self) -> Option<(String, String)> {
        let stream = self.stdout.stream();
        let failed = stream.failed()?;
        let answer = String::from_utf8_lossy(stream.kept()).into_owned();
        (failed.kind() != io::ErrorKind::BrokenPipe).then(|| (failed.to_string(), answer))
    }

    /// The stream of everything else.
    pub(crate) fn messages(&mut self) -> &mut dyn Write {
        &mut self.stderr
    }

    /// One line of progress for people, silenced by `--quiet`.
    pub(crate) fn note(&mut self, text: &str) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        writeln!(self.stderr, "{}", one_line(text))
    }

    /// Something is odd but not wrong; never silenced.
    pub(crate) fn warn(&mut self, text: &str) -> io::Result<()> {
        let style = if self.color_messages {
            AnsiColor::Yellow.on_default().bold()
        } else {
            Style::new()
        };
        let text = one_line(text);
        writeln!(self.stderr, "{style}warning{style:#}: {text}")
    }
}

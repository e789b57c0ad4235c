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
    /// The answer goes to a terminal on which it can be drawn anew.
    pub(crate) in_place: bool,
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
    /// The answer goes to a terminal on which it can be drawn anew.
    pub(crate) in_place: bool,
    /// Lines of the picture that was drawn last.
    drawn: usize,
    /// Columns of the terminal when it was.
    columns: usize,
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
            in_place,
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
            in_place,
            drawn: 0,
            columns: 0,
        }
    }

    /// Takes the terminal's size as it is now, and gives its lines.
    pub(crate) fn fit(&mut self) -> usize {
        let Some((columns, lines)) = terminal_size::terminal_size() else {
            return usize::MAX;
        };
        let columns = usize::from(columns.0);
        self.width = columns.clamp(LEAST_WIDTH, MOST_WIDTH);
        if self.columns != columns {
            // What was drawn is broken into other lines now: from the top of the screen on.
            self.drawn = if self.columns == 0 { 0 } else { usize::MAX };
            self.columns = columns;
        }
        usize::from(lines.0).saturating_sub(1).max(2)
    }

    /// Draws a picture in the place of the one before. The cursor stays visible, under it.
    pub(crate) fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        let up = match self.drawn {
            0 => String::new(),
            usize::MAX => "\x1b[2J\x1b[H".to_owned(),
            drawn => format!("\r\x1b[{drawn}A"),
        };
        self.command(&up)?;
        for line in lines {
            self.command("\x1b[2K")?;
            let line = clipped(line, self.columns);
            writeln!(self.answer(), "{line}")?;
        }
        self.command("\x1b[J")?;
        self.drawn = lines.len();
        Ok(())
    }

    /// So many lines above the cursor the picture begins that was drawn last; `None` where there is none that
    /// is whole.
    pub(crate) const fn place(&self) -> Option<usize> {
        match self.drawn {
            0 | usize::MAX => None,
            lines => Some(lines),
        }
    }

    /// Writes a sequence of ours, which the guard of the answer would keep back.
    fn command(&mut self, sequence: &str) -> io::Result<()> {
        self.stdout.stream_mut().write_all(sequence.as_bytes())
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

/// A line without what the terminal has no columns for; its colours end all the same.
fn clipped(line: &str, columns: usize) -> String {
    let mut left = columns;
    let mut escape = false;
    line.chars()
        .filter(|character| match (escape, character) {
            (false, '\u{1b}') => {
                escape = true;
                true
            }
            (true, character) => {
                escape = *character != 'm';
                true
            }
            (false, _) if left > 0 => {
                left -= 1;
                true
            }
            (false, _) => false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::clipped;

    #[test]
    fn a_line_ends_where_the_terminal_does_and_its_colours_with_it() {
        assert_eq!(clipped("checkout", 20), "checkout");
        assert_eq!(clipped("checkout", 5), "check");
        let red = "\u{1b}[31mcheckout\u{1b}[0m 10 %";
        assert_eq!(clipped(red, 5), "\u{1b}[31mcheck\u{1b}[0m");
    }
}

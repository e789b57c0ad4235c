//! The one place that turns an error into an exit code, a sentence and its cure.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};

use crate::decide::Exit;
use crate::files;
use crate::units::one_line;
use crate::workspace::git::{GitError, Unpublished};
use crate::workspace::{Trouble, WorkspaceError};

/// Why a command could not do what was asked.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// Rendered text that comes first, such as mistakes with their places.
    pub(crate) preface: String,
    /// A lower-case fragment.
    pub(crate) message: String,
    /// What caused it, outermost first.
    pub(crate) causes: Vec<String>,
    /// What to do about it.
    pub(crate) help: Vec<String>,
}

impl Failure {
    /// The world failed: exit 1.
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::new(Exit::Error, message)
    }

    /// The request was wrong: exit 2.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Exit::Invalid, message)
    }

    /// A failure with this exit code.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            preface: String::new(),
            message: message.into(),
            causes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Adds a cure.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Puts rendered text before it.
    pub(crate) fn preface(mut self, text: String) -> Self {
        self.preface = text;
        self
    }

    /// Takes a typed error and its chain of causes.
    pub(crate) fn from_error(exit: Exit, error: &dyn Error) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // Some errors repeat their source in their own text.
            if !failure.message.contains(&text) {
                failure.causes.push(text);
            }
            source = cause.source();
        }
        failure
    }

    /// A file could not be found, read, locked or written.
    pub(crate) fn workspace(error: &WorkspaceError) -> Self {
        let exit = if error.is_unfit() {
            Exit::Invalid
        } else {
            Exit::Error
        };
        let mut failure = Self::from_error(exit, error);
        failure.help.push(error.cure());
        failure
    }

    /// What went wrong beside something that was written; of what is none the less done as it was asked, a
    /// warning, which is no failure of the run.
    pub(crate) fn beside(trouble: &Trouble) -> Self {
        let exit = if trouble.is_warning() {
            Exit::Go
        } else {
            Exit::Error
        };
        Self::new(exit, trouble.to_string()).help(trouble.cure())
    }

    /// `error: ...`, or `warning: ...` where it is no failure of the run, its causes, `help: ...`.
    pub(crate) fn render(&self, out: &mut dyn Write, color: bool) -> io::Result<()> {
        let Self {
            exit,
            preface,
            message,
            causes,
            help,
        } = self;
        let (word, shade) = match exit {
            Exit::Go => ("warning", AnsiColor::Yellow),
            Exit::Hold
            | Exit::NoGo
            | Exit::Rollback
            | Exit::Inconclusive
            | Exit::Invalid
            | Exit::Error => ("error", AnsiColor::Red),
        };
        let (error, cure) = if color {
            (
                shade.on_default().bold(),
                AnsiColor::Cyan.on_default().bold(),
            )
        } else {
            (Style::new(), Style::new())
        };
        if !preface.is_empty() {
            writeln!(out, "{preface}")?;
        }
        writeln!(out, "{error}{word}{error:#}: {}", one_line(message))?;
        for cause in causes {
            writeln!(out, "  caused by: {}", one_line(cause))?;
        }
        for line in help {
            writeln!(out, "{cure}help{cure:#}: {}", one_line(line))?;
        }
        Ok(())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::from_error(Exit::Error, &error)
    }
}

impl From<WorkspaceError> for Failure {
    fn from(error: WorkspaceError) -> Self {
        Self::workspace(&error)
    }
}

impl From<&Unpublished> for Failure {
    fn from(unpublished: &Unpublished) -> Self {
        Self::error(unpublished.to_string()).help(unpublished.cure())
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let mut failure = Self::from_error(Exit::Error, &error);
        failure.help.push(error.cure());
        failure
    }
}

/// Reads a file that a person named, of at most so many bytes.
///
/// # Errors
/// When it cannot be read, is no file, is larger, or is not UTF-8.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, Failure> {
    files::read_text(path, most).map_err(|source| {
        Failure::from(WorkspaceError::Read {
            path: path.to_owned(),
            source,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_followed_by_its_cure() {
        let mut out = Vec::new();
        Failure::invalid("no plan is called `chekout`")
            .help("did you mean `checkout`?")
            .render(&mut out, false)
            .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "error: no plan is called `chekout`\nhelp: did you mean `checkout`?\n"
        );
    }
}

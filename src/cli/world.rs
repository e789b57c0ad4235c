//! What a process is started with, as a value: tests build one, `main` reads the real one. Nothing
//! else in the program looks at the environment.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;

use crate::units::Instant;

/// Everything the program may know about its surroundings.
pub struct World<'a> {
    /// The command line, program name first.
    pub args: Vec<OsString>,
    /// Environment variables.
    pub variables: Variables,
    /// The working directory.
    pub directory: PathBuf,
    /// The instant the process started.
    pub now: Instant,
    /// Which streams are terminals.
    pub terminals: Terminals,
    /// For the answer.
    pub stdout: &'a mut dyn Write,
    /// For everything else.
    pub stderr: &'a mut dyn Write,
}

/// Which streams are terminals, and how wide they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminals {
    /// A person reads the answer.
    pub stdout: bool,
    /// A person reads the messages.
    pub stderr: bool,
    /// Columns, where a terminal says so.
    pub width: Option<usize>,
}

/// Environment variables, read once.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<OsString, OsString>);

impl Variables {
    /// A variable's value; an empty one counts as not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        let value = self.0.get(OsStr::new(name))?;
        (!value.is_empty()).then_some(value.as_os_str())
    }

    /// A variable's value as text; `None` also when it is not Unicode.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.to_str()
    }
}

impl FromIterator<(OsString, OsString)> for Variables {
    fn from_iter<I: IntoIterator<Item = (OsString, OsString)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

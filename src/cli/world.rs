//! What a process is started with, as a value: tests build one, `main` reads the real one. Nothing
//! else in the program looks at the environment.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

use crate::session::Variables;
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

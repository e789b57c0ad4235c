//! The built binary in a hermetic world: cleared environment, a home and a git configuration of its
//! own, fixed width, a directory that disappears with the test.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

pub(crate) mod cpu;
pub(crate) mod openmetrics;
pub(crate) mod plans;
pub(crate) mod remote_write;
pub(crate) mod server;
pub(crate) mod shared;
pub(crate) mod slow;
pub(crate) mod victoria;
pub(crate) mod wire;

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;

use server::Server;

/// A temporary directory with the binary at hand.
pub(crate) struct Rollout {
    home: TempDir,
    variables: Vec<(String, String)>,
    server: Option<Arc<Server>>,
}

impl Rollout {
    /// An empty directory; nothing of the caller's environment is seen.
    pub(crate) fn new() -> Self {
        let home = TempDir::new().unwrap();
        std::fs::create_dir(home.path().join("work")).unwrap();
        std::fs::write(
            home.path().join(".gitconfig"),
            "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n",
        )
        .unwrap();
        Self {
            home,
            variables: Vec::new(),
            server: None,
        }
    }

    /// Holds a server that is asked, so that it stays as long as this.
    pub(crate) fn asking(mut self, server: Arc<Server>) -> Self {
        self.server = Some(server);
        self
    }

    /// The working directory.
    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().join("work")
    }

    /// Sets an environment variable for all further runs.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file below the working directory.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file below the working directory.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file below the working directory.
    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// A command with the hermetic environment, in the working directory.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("TMPDIR", self.home.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.home.path())
            .env("USER", "ann")
            .env("COLUMNS", "100")
            .env("LC_ALL", "C")
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null());
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run<I, S>(&self, args: I) -> Output
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let output = self
            .command(env!("CARGO_BIN_EXE_rollout"))
            .args(args)
            .output()
            .unwrap();
        Output {
            code: output.status.code(),
            stdout: self.scrub(&output.stdout),
            stderr: self.scrub(&output.stderr),
        }
    }

    /// Text with the temporary directory's name replaced.
    fn scrub(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let path = self.path();
        let path: &Path = &path;
        text.replace(&path.display().to_string(), "[DIR]")
    }
}

/// What one run left behind; shown whole when an assertion fails.
#[must_use = "look at the output, or assert the exit code"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    /// Asserts the exit code, showing everything when it is another.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "exit: {code:?}\n---- stdout\n{stdout}---- stderr\n{stderr}"
        )
    }
}

/// How often a run is killed: so often in every run of the tests, and as often as `ROLLOUT_TEST_KILLS` says.
pub(crate) fn kills(usual: usize) -> usize {
    let asked = std::env::var("ROLLOUT_TEST_KILLS").ok();
    asked.and_then(|many| many.parse().ok()).unwrap_or(usual)
}

/// Copies what is in a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

//! Runs the user's git and nothing else: their hooks, their signing, their credentials; never a
//! prompt, never another language than the one that is parsed here.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::GitError;

/// Variables that a hook which starts us would set, and which would point git at that hook's
/// repository and index instead of the directory's own.
const NOT_OURS: [&str; 6] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/// How git is run.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

/// What git answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// It ended well.
    pub(super) ok: bool,
    /// Its exit code.
    pub(super) code: Option<i32>,
    /// Its answer.
    pub(super) stdout: Vec<u8>,
    command: String,
    stderr: String,
}

impl Git {
    pub(super) fn new(folder: &Path, variables: &[(OsString, OsString)]) -> Self {
        Self {
            folder: folder.to_owned(),
            variables: variables.to_vec(),
        }
    }

    /// The same git, run in another folder.
    pub(super) fn within(&self, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..self.clone()
        }
    }

    /// Runs git to its end, whatever the end is.
    pub(super) fn ask<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<Answer, GitError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that runs git"
        )]
        let mut command = Command::new("git");
        for name in NOT_OURS {
            command.env_remove(name);
        }
        command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env("LC_ALL", "C")
            .env("LANGUAGE", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_EDITOR", "true")
            .env("GIT_PAGER", "cat")
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .args(["-c", "color.ui=false"])
            // A change under review may hold a folder that looks like a bare repository, whose own
            // settings could start programs.
            .args(["-c", "safe.bareRepository=explicit"]);
        let arguments: Vec<OsString> = arguments
            .into_iter()
            .map(|argument| argument.as_ref().to_owned())
            .collect();
        let name = arguments.first().cloned().unwrap_or_default();
        let output = command.args(arguments).output().map_err(GitError::NoGit)?;
        Ok(Answer {
            ok: output.status.success(),
            code: output.status.code(),
            stdout: output.stdout,
            command: name.to_string_lossy().into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs git, which must end well; what it said without the last line's ending.
    pub(super) fn tell<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<String, GitError> {
        let answer = self.ask(arguments)?;
        if answer.ok {
            Ok(answer.text())
        } else {
            Err(answer.failed())
        }
    }
}

impl Answer {
    /// The answer without the last line's ending.
    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.stdout);
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }

    /// What git complained of, in one line. Hooks write to both streams.
    pub(super) fn said(&self) -> String {
        let stdout = String::from_utf8_lossy(&self.stdout);
        let lines: Vec<&str> = self
            .stderr
            .lines()
            .chain(stdout.lines())
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("hint:"))
            .take(8)
            .collect();
        match lines.as_slice() {
            [] => format!("it ended with code {}", self.code.unwrap_or(-1)),
            lines => lines.join("; "),
        }
    }

    /// As an error that names the sub-command.
    pub(super) fn failed(&self) -> GitError {
        GitError::Failed {
            command: self.command.clone(),
            said: self.said(),
        }
    }
}

/// A path that is meant as itself, even when it looks like a pattern. Not by a variable: hooks
/// would inherit that, and theirs may be patterns.
pub(super) fn literal(path: &str) -> String {
    format!(":(top,literal){path}")
}

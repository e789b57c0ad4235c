//! Runs the user's git and nothing else: their hooks, their signing, their credentials; never a
//! prompt, never another language than the one that is parsed here.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::GitError;

/// How long one git command may take, with its hooks and the remote. Slow linters and signing keys
/// that want a touch are done by then, and a timer that looks every five minutes is not kept from
/// its next look.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long git has to remove its lock files when it is told to end.
const GRACE: Duration = Duration::from_secs(2);

/// How often a process that should be over is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

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

/// Begins what is said of a lock at the remote.
pub(super) const LOCKED_THERE: &str = "another git is at work there, or was killed and left";

/// How git is run.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
    variables: Vec<(OsString, OsString)>,
    pub(super) patience: Duration,
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
            patience: PATIENCE,
        }
    }

    /// The same git for talking to a remote: `ssh` must not ask anybody anything. Whoever has said
    /// how ssh is run has said it for this too.
    pub(super) fn online(&self) -> Result<Self, GitError> {
        let chosen = |name: &str| {
            #[expect(
                clippy::disallowed_methods,
                reason = "git reads its environment too; this only looks whether it will find something"
            )]
            let inherited = std::env::var_os(name).is_some();
            inherited || self.variables.iter().any(|(known, _)| known == name)
        };
        let mut online = self.clone();
        if !(chosen("GIT_SSH_COMMAND")
            || chosen("GIT_SSH")
            || self.ask(["config", "--get", "core.sshCommand"])?.ok)
        {
            let quiet = ("GIT_SSH_COMMAND".into(), "ssh -o BatchMode=yes".into());
            online.variables.push(quiet);
        }
        Ok(online)
    }

    /// The same git with one more variable.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.variables.push((name.into(), value.into()));
        other
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
        self.ask_about(arguments, Vec::new())
    }

    /// The same, with something for git to read.
    pub(super) fn ask_about<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: Vec<u8>,
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
            .args(["-c", "color.ui=false"])
            // A change under review may hold a folder that looks like a bare repository, whose own
            // settings could start programs.
            .args(["-c", "safe.bareRepository=explicit"]);
        let arguments: Vec<OsString> = arguments
            .into_iter()
            .map(|argument| argument.as_ref().to_owned())
            .collect();
        let name = arguments.first().cloned().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let Some(ended) = finished(command.args(arguments), input, self.patience)? else {
            return Err(GitError::TooSlow {
                command: name,
                seconds: self.patience.as_secs_f64(),
            });
        };
        Ok(Answer {
            ok: ended.status.success(),
            code: ended.status.code(),
            stdout: ended.stdout,
            command: name,
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
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

    /// The same of a remote, whose own lock is named first.
    pub(super) fn said_there(&self) -> String {
        let mut there = self.stderr.lines().filter_map(|line| {
            let said = line.strip_prefix("remote: ")?;
            lock_in_the_way(said)
        });
        match there.next() {
            Some(file) => format!("{LOCKED_THERE} {file}"),
            None => self.said(),
        }
    }

    /// As an error that names the sub-command.
    pub(super) fn failed(&self) -> GitError {
        if let Some(file) = lock_in_the_way(&self.stderr) {
            return GitError::LockedByGit { file };
        }
        GitError::Failed {
            command: self.command.clone(),
            said: self.said(),
        }
    }
}

/// The lock file that another git holds, or left when it was killed.
fn lock_in_the_way(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("Unable to create '")?;
    let (file, rest) = rest.split_once('\'')?;
    rest.starts_with(": File exists").then(|| file.to_owned())
}

/// A process that is over.
struct Ended {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Runs a command to its end; `None` when it had to be stopped, with everything it started.
fn finished(
    command: &mut Command,
    input: Vec<u8>,
    patience: Duration,
) -> Result<Option<Ended>, GitError> {
    use std::os::unix::process::CommandExt as _;
    let stdin = if input.is_empty() {
        Stdio::null()
    } else {
        Stdio::piped()
    };
    let mut child = command
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Of its own, so that hooks, helpers and ssh can be ended with it.
        .process_group(0)
        .spawn()
        .map_err(GitError::NoGit)?;
    let until = Instant::now() + patience;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let streams = handed(stdin, input)
        .and_then(|()| collected(stdout))
        .and_then(|stdout| Ok((stdout, collected(stderr)?)));
    let (stdout, stderr) = match streams {
        Ok(streams) => streams,
        Err(error) => {
            stop(&mut child)?;
            return Err(GitError::NoGit(error));
        }
    };
    let left = || until.saturating_duration_since(Instant::now());
    let texts = stdout
        .recv_timeout(left())
        .and_then(|stdout| Ok((stdout, stderr.recv_timeout(left())?)));
    let status = match texts {
        Ok(_) => ended(&mut child, until)?,
        Err(_) => None,
    };
    match (texts, status) {
        (Ok((stdout, stderr)), Some(status)) => Ok(Some(Ended {
            status,
            stdout,
            stderr,
        })),
        (_, _) => {
            stop(&mut child)?;
            Ok(None)
        }
    }
}

/// Writes to a stream and closes it, beside everything else.
///
/// # Errors
/// When the machine has no room for another thread.
fn handed(stream: Option<impl Write + Send + 'static>, input: Vec<u8>) -> io::Result<()> {
    if let Some(mut stream) = stream {
        // A git that does not read to the end says why itself.
        thread::Builder::new().spawn(move || stream.write_all(&input))?;
    }
    Ok(())
}

/// Reads a stream to its end beside everything else. The thread ends with the stream.
///
/// # Errors
/// When the machine has no room for another thread.
fn collected(stream: Option<impl Read + Send + 'static>) -> io::Result<mpsc::Receiver<Vec<u8>>> {
    let (tell, told) = mpsc::channel();
    thread::Builder::new().spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What came before the stream broke is what there is to tell.
            let _ = stream.read_to_end(&mut bytes);
        }
        // Nobody listens any more when it took too long.
        let _ = tell.send(bytes);
    })?;
    Ok(told)
}

/// Waits for a process whose streams are closed; `None` when it goes on.
fn ended(child: &mut Child, until: Instant) -> Result<Option<ExitStatus>, GitError> {
    loop {
        if let Some(status) = child.try_wait().map_err(GitError::NoGit)? {
            return Ok(Some(status));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        thread::sleep(LOOK_AGAIN);
    }
}

/// Ends a process and all it started: politely, so that git removes its lock files, then by force.
fn stop(child: &mut Child) -> Result<(), GitError> {
    signal("TERM", child);
    if ended(child, Instant::now() + GRACE)?.is_none() {
        signal("KILL", child);
        child.kill().map_err(GitError::NoGit)?;
        child.wait().map_err(GitError::NoGit)?;
    }
    // What ignored the first signal and outlived git.
    signal("KILL", child);
    Ok(())
}

/// Signals a whole group. The standard library knows single processes only; a shell is always there,
/// because git's hooks need one. A group that is gone already is what is wanted.
fn signal(name: &str, child: &Child) {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that runs git, and ends it"
    )]
    let _ = Command::new("sh")
        .args(["-c", "kill -s \"$0\" -- \"-$1\""])
        .args([name, &child.id().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// A path that is meant as itself, even when it looks like a pattern. Not by a variable: hooks
/// would inherit that, and theirs may be patterns.
pub(super) fn literal(path: &str) -> String {
    format!(":(top,literal){path}")
}

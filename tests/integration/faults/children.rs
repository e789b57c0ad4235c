//! Children of ours, all of them git, that fail before, after or in the middle of what they do.

#![expect(
    clippy::disallowed_methods,
    reason = "real processes are what is tested here"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::scene::Staged;
use super::{Tally, chosen};
use crate::support::Output;

/// How many children of a scene fail in every run of the tests.
const FEW: usize = 2;

/// How a child fails.
const WAYS: [&str; 3] = [
    // Before it does anything.
    "before", // After it did all of it.
    "after",  // Killed, when it may have done some of it.
    "killed",
];

/// A `git` that counts its runs in a file, and fails at one of them.
const SCRIPT: &str = r#"#!/bin/sh
number=$(($(cat "$FAULT_COUNT" 2>/dev/null || echo 0) + 1))
echo "$number" >"$FAULT_COUNT"
[ "$number" = "$FAULT_AT" ] || exec "$FAULT_GIT" "$@"
case $FAULT_WAY in
before) echo 'fatal: made to fail' >&2; exit 128 ;;
after) "$FAULT_GIT" "$@"; echo 'fatal: made to fail' >&2; exit 128 ;;
killed) "$FAULT_GIT" "$@" & sleep 0.004; kill -9 $! 2>/dev/null; wait $! 2>/dev/null; kill -9 $$ ;;
esac
"#;

/// Runs the scene's command with a git that fails at this child; gives how many there were, too.
fn run(staged: &Staged, folder: &Path, way: &str, at: usize) -> (Output, usize) {
    let count = staged.world.rollout.path().with_file_name("count");
    // There is none at the first run.
    let _ = std::fs::remove_file(&count);
    let paths = std::env::var("PATH").unwrap_or_default();
    let git = std::env::split_paths(&paths)
        .map(|path| path.join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let mut command: Command = staged.world.rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let output = command
        .args(staged.line())
        .env("PATH", format!("{}:{paths}", folder.display()))
        .env("FAULT_COUNT", &count)
        .env("FAULT_GIT", git)
        .env("FAULT_WAY", way)
        .env("FAULT_AT", at.to_string())
        .output()
        .unwrap();
    for lock in ["index.lock", "HEAD.lock", "refs/heads/main.lock"] {
        // What a person does after git itself was killed.
        let _ = std::fs::remove_file(staged.world.rollout.path().join(".git").join(lock));
    }
    let children = std::fs::read_to_string(count).unwrap_or_default();
    let output = Output {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    (output, children.trim().parse().unwrap_or(0))
}

/// The folder of a `git` that fails.
pub(super) struct FailingGit(TempDir);

impl FailingGit {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let git = folder.path().join("git");
        std::fs::write(&git, SCRIPT).unwrap();
        std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(folder)
    }
}

/// Makes some of the children of the scene's command fail, one at a time.
pub(super) fn fail(staged: &Staged, scene: usize, git: &FailingGit, tally: &mut Tally) {
    let folder = git.0.path();
    let (output, children) = run(staged, folder, "before", 0);
    assert_eq!(output.code, staged.code, "{output}");
    let faults = (1..=children).flat_map(|at| WAYS.map(|way| (at, way)));
    for (at, way) in chosen(faults.collect(), FEW, scene, |(_, way)| *way) {
        staged.set_up();
        let (output, _) = run(staged, folder, way, at);
        tally.add(staged, &format!("git {at} of {children} {way}"), &output);
    }
}

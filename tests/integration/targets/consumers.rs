//! What reads targets, where `tests/run.sh` has put it, and what is said where it is not there.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rollout::plan::Target;
use tempfile::TempDir;

use super::walk::{Step, holds, steps};

/// The folder of the evaluators.
fn folder() -> PathBuf {
    std::env::var_os("ROLLOUT_TEST_CONSUMERS").map_or_else(
        || {
            let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            let home = std::env::var_os("HOME").map(PathBuf::from);
            let cache = cache.or_else(|| Some(home?.join(".cache")));
            cache.unwrap_or_default().join("rollout-tests/consumers")
        },
        PathBuf::from,
    )
}

/// Says aloud that a test is skipped for want of what `tests/run.sh` brings.
pub(crate) fn skipped(what: &str) {
    skipped_without(&format!(
        "no {what} here; `bash tests/run.sh` brings it where it can be had"
    ));
}

/// Says aloud that a test is skipped, and why; the harness keeps what is printed otherwise.
pub(crate) fn skipped_without(why: &str) {
    let notice = format!("skipped: {why}\n");
    std::io::stderr().write_all(notice.as_bytes()).unwrap();
}

/// A program of this name, where there is one.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// A program that may be among those of the system's administrator.
pub(crate) fn server(name: &str) -> Option<PathBuf> {
    let found = program(name);
    if found.is_none() {
        skipped(name);
    }
    found
}

/// A program that a package of Python brings.
pub(crate) fn python_program(name: &str) -> Option<PathBuf> {
    let program = folder().join("venv/bin").join(name);
    if program.is_file() {
        return Some(program);
    }
    skipped(name);
    None
}

/// What runs a script of an evaluator.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Language {
    /// Node.js.
    Node,
    /// Python.
    Python,
}

/// A script beside this file, run where its packages are.
pub(crate) fn script(language: Language, name: &str) -> Option<Command> {
    let folder = folder();
    let (program, there) = match language {
        Language::Node => (PathBuf::from("node"), folder.join("node_modules")),
        Language::Python => (
            folder.join("venv/bin/python"),
            folder.join("venv/bin/python"),
        ),
    };
    if !there.exists() {
        skipped(&format!("package for {name}"));
        return None;
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/targets/consumers");
    let mut command = Command::new(program);
    command.arg(here.join(name)).env("CONSUMERS", &folder);
    Some(command)
}

/// Node.js, where a package of npm is there for its script.
pub(crate) fn node_package(name: &str) -> Option<Command> {
    let folder = folder();
    if !folder.join("node_modules").join(name).exists() {
        skipped(&format!("{name} of npm"));
        return None;
    }
    let mut command = Command::new("node");
    command.env("CONSUMERS", &folder);
    Some(command)
}

/// The answers of an evaluator about so many users, for each of these files.
pub(crate) fn ask(
    language: Language,
    name: &str,
    users: usize,
    files: &[impl AsRef<OsStr>],
) -> Option<Vec<Vec<bool>>> {
    let mut command = script(language, name)?;
    let output = command.arg(users.to_string()).args(files).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {complaint}");
    let answers: Vec<Vec<bool>> = text
        .lines()
        .map(|line| line.bytes().map(|letter| letter == b'1').collect())
        .collect();
    assert_eq!(answers.len(), files.len(), "{name}: {complaint}");
    assert!(
        answers.iter().all(|answer| answer.len() == users),
        "{name}: {complaint}"
    );
    Some(answers)
}

/// Writes the files of a way, each with the name of the target's.
pub(crate) fn files(target: &Target, steps: &[Step]) -> (TempDir, Vec<PathBuf>) {
    let folder = TempDir::new().unwrap();
    let write = |(index, step): (usize, &Step)| {
        let path = folder.path().join(format!("{index}-{}", target.file));
        std::fs::write(&path, &step.text).unwrap();
        path
    };
    let paths = steps.iter().enumerate().map(write).collect();
    (folder, paths)
}

/// Leads a target through a release and back, and asks an evaluator at each step.
pub(crate) fn released(language: Language, name: &str, users: usize, target: &Target, text: &str) {
    let steps = steps(target, text);
    let (_folder, files) = files(target, &steps);
    if let Some(answers) = ask(language, name, users, &files) {
        holds(name, &steps, &answers);
    }
}

//! System calls that fail.

#![expect(
    clippy::disallowed_methods,
    reason = "real processes are what is tested here"
)]

use std::collections::BTreeMap;
use std::process::Command;

use super::scene::Staged;
use super::{Tally, chosen};
use crate::gate::pull_request::{PLAN, config};
use crate::support::{Output, Rollout};

/// How many calls of a scene fail in every run of the tests: of all scenes together every kind.
const FEW: usize = 3;

const ON_DISK: [&str; 3] = ["ENOSPC", "EIO", "EACCES"];

/// The calls by which anything is read or written, and how they may fail. A call that was interrupted is
/// to be made again.
const CALLS: [(&str, &[&str]); 14] = [
    ("openat", &["ENOSPC", "EIO", "EACCES", "EINTR"]),
    ("read", &["EIO", "EINTR"]),
    ("write", &["ENOSPC", "EIO", "EINTR"]),
    ("fsync", &["ENOSPC", "EIO", "EINTR"]),
    ("flock", &["EIO", "EINTR"]),
    ("ftruncate", &["ENOSPC", "EIO"]),
    ("fchmod", &["EIO", "EACCES"]),
    ("mkdir", &ON_DISK),
    ("rename", &ON_DISK),
    ("renameat", &ON_DISK),
    ("renameat2", &ON_DISK),
    ("linkat", &ON_DISK),
    ("unlink", &["EIO", "EACCES"]),
    ("clone3", &["EAGAIN"]),
];

/// Runs the scene's command under strace with these options.
fn traced(staged: &Staged, options: &[&str]) -> Output {
    let mut command = staged.world.rollout.command("strace");
    let output = command
        .args(["-qqq", "-o"])
        .args(options)
        .arg(env!("CARGO_BIN_EXE_rollout"))
        .args(staged.line())
        .output()
        .unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The calls that the command makes, by their numbers among those of a name.
fn made(staged: &Staged) -> BTreeMap<&'static str, Vec<usize>> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let calls = CALLS.map(|(call, _)| call);
    let path = log.path().display().to_string();
    let trace = format!("trace={}", calls.join(","));
    let output = traced(staged, &[&path, "-y", "-e", &trace]);
    assert_eq!(output.code, staged.code, "{output}");
    staged.set_up();
    let log = std::fs::read_to_string(log.path()).unwrap();
    let made = |call: &str| {
        let begins = format!("{call}(");
        let lines = log.lines().filter(|line| line.starts_with(&begins));
        // By those a process wakes itself; they need no disk, and never fail.
        let fails = lines.map(|line| !line.contains("anon_inode:[eventfd]"));
        (1..)
            .zip(fails)
            .filter(|(_, fails)| *fails)
            .map(|(number, _)| number)
            .collect()
    };
    calls.map(|call| (call, made(call))).into()
}

pub(super) fn can_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-qqq", "-o", "/dev/null", "true"])
        .output();
    tried.is_ok_and(|tried| tried.status.success())
}

/// Makes some of the calls of the scene's command fail, one at a time.
pub(super) fn fail(staged: &Staged, scene: usize, tally: &mut Tally) {
    let made = made(staged);
    let faults = CALLS.iter().flat_map(|(call, errors)| {
        let numbers = made[call].iter();
        numbers.flat_map(move |number| errors.iter().map(move |error| (*call, *error, number)))
    });
    let kind = |(call, error, _): &(&'static str, &'static str, &usize)| (*call, *error);
    for (call, error, number) in chosen(faults.collect(), FEW, scene, kind) {
        staged.set_up();
        let fault = format!("inject={call}:error={error}:when={number}");
        let trace = format!("trace={call}");
        let output = traced(staged, &["/dev/null", "-e", &trace, "-e", &fault]);
        // Those by which a process wakes itself are not always of the same number.
        if output.stderr.contains("failed to wake I/O driver") {
            tally.passed_by += 1;
            continue;
        }
        tally.add(staged, &format!("{error} from {call} {number}"), &output);
    }
}

#[test]
fn where_no_thread_can_be_started_for_a_name_it_is_said() {
    if !can_trace() {
        return;
    }
    let rollout = Rollout::new()
        .variable("PROM_TOKEN", "open-sesame")
        .file("rollouts/config.toml", &config("http://localhost:1"))
        .file("rollouts/checkout.toml", PLAN);
    // The first thread judges, the second looks up the name.
    let output = rollout
        .command("strace")
        .args(["-qqq", "-o", "/dev/null", "-e", "trace=clone3"])
        .args(["-e", "inject=clone3:error=EAGAIN:when=2+"])
        .arg(env!("CARGO_BIN_EXE_rollout"))
        .args(["check", "--no-cache", "--now", "2026-11-23T12:00:00Z"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(
        said.contains("no thread can be started to look up the name"),
        "{said}"
    );
}

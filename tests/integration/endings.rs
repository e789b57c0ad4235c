//! How a run ends whose answer nobody gets: what was done stays done, and is told where it can be.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use super::support::Rollout;

const CONFIG: &str = "[prometheus]\nurl = \"http://127.0.0.1:1\"\n\n[judge]\npreflight = false\n";

const PLAN: &str = r#"[[stages]]
exposure = 1
min_duration = "24h"
rule_out = "5x"

[[stages]]
exposure = 100
min_duration = "24h"

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

const NOW: [&str; 2] = ["--now", "2026-11-23T12:00:00Z"];

fn world() -> Rollout {
    Rollout::new()
        .file("rollouts/config.toml", CONFIG)
        .file("rollouts/checkout.toml", PLAN)
}

/// A device on which nothing has room.
fn full() -> Stdio {
    File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// The exit code, and what was said on stderr.
fn without_stdout(rollout: &Rollout, args: &[&str]) -> (Option<i32>, String) {
    let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let output = command.args(args).args(NOW).stdout(full()).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
fn what_was_done_is_told_on_stderr_where_stdout_is_full() {
    let rollout = world();
    let (code, said) = without_stdout(&rollout, &["advance"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("error: the answer could not be written to stdout: No space"),
        "{said}"
    );
    assert!(said.contains("what was done stays done"), "{said}");
    assert!(said.contains("Advanced from 0 % to 1 %"), "{said}");
    assert!(
        rollout
            .read("rollouts/checkout.toml")
            .contains("exposure = 1.0")
    );
    // Nothing is left to do, and that is told, too.
    let (code, said) = without_stdout(&rollout, &["pause", "checkout", "--format", "json"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("checkout: paused"), "{said}");
    rollout.run(["exposure", "checkout"]).exits(0);
}

#[test]
fn an_answer_that_changes_nothing_is_not_repeated() {
    let rollout = world();
    for args in [
        &["status"][..],
        &["validate"],
        &["check"],
        &["schema"],
        &["--help"],
    ] {
        let (code, said) = without_stdout(&rollout, args);
        if args == ["--help"] {
            continue;
        }
        assert_eq!(code, Some(1), "{args:?}: {said}");
        assert!(
            said.contains("could not be written to stdout"),
            "{args:?}: {said}"
        );
        assert!(!said.contains("checkout"), "{args:?}: {said}");
    }
    let mut help = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let ended = help.arg("--help").stdout(full()).output().unwrap();
    assert_eq!(ended.status.code(), Some(1));
}

#[test]
fn messages_that_nobody_gets_stop_nothing() {
    let rollout = world().file("rollouts/broken.toml", "owner = 1\n");
    let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let output = command.args(["advance", "-v"]).args(NOW).stderr(full());
    let output = output.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(rollout.read("rollouts/checkout.toml").contains("[state]"));
}

#[test]
fn a_summary_that_has_no_room_leaves_the_outcome() {
    let rollout = world().variable("GITHUB_STEP_SUMMARY", "/dev/full");
    let args = ["advance", "--format", "github"];
    let output = rollout.run(args.iter().chain(&NOW));
    output.exits(1);
    assert!(output.stdout.starts_with("::notice file="), "{output}");
    assert!(output.stderr.contains("/dev/full"), "{output}");
    assert!(rollout.read("rollouts/checkout.toml").contains("[state]"));
}

#[test]
fn a_reader_who_hangs_up_gets_the_true_exit_code() {
    let rollout = world();
    rollout.run(["advance"].iter().chain(&NOW)).exits(0);
    let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.args(["pause", "checkout"]).args(NOW).stdout(writer);
    let output = output.stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.args(["advance"]).args(NOW).stdout(writer).output();
    assert_eq!(output.unwrap().status.code(), Some(3));
}

#[test]
fn watching_ends_with_its_reader() {
    let rollout = world();
    let mut command = rollout.command(env!("CARGO_BIN_EXE_rollout"));
    let command = command
        .args(["status", "--watch", "1s"])
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut first).unwrap();
    assert!(first.contains("plan"), "{first}");
    drop(reader);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

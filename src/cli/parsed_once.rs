//! How often one transition parses the file of its plan, counted where text becomes a table.

use std::ffi::OsString;
use std::path::Path;

use chrono::{TimeZone as _, Utc};

use crate::decide::Exit;
use crate::files;
use crate::plan::parsed_texts;
use crate::workspace::write_file;

use super::{Terminals, Variables, World, run};

const CONFIG: &str = "[judge]\npreflight = false\n";

const PLAN: &str = "[[stages]]
exposure = 1
min_duration = \"24h\"

[[stages]]
exposure = 100
min_duration = \"24h\"

[[guardrails]]
name = \"errors\"
category = \"reliability\"
margin = \"10%\"
ratio = { events = 'http_requests_total{code=\"500\"}', total = 'http_requests_total' }
";

/// Runs a command in this directory.
fn rollout(directory: &Path, args: &[&str]) -> (Exit, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let exit = run(World {
        args: std::iter::once("rollout")
            .chain(args.iter().copied())
            .map(OsString::from)
            .collect(),
        variables: Variables::default(),
        directory: directory.to_owned(),
        now: Utc.with_ymd_and_hms(2026, 1, 5, 12, 0, 0).unwrap(),
        terminals: Terminals::default(),
        stdout: &mut stdout,
        stderr: &mut stderr,
    });
    stdout.extend(stderr);
    (exit, String::from_utf8(stdout).unwrap())
}

/// How often a text of the plan was parsed since this was last asked.
fn parsed() -> usize {
    parsed_texts::take()
        .iter()
        .filter(|text| text.contains("[[stages]]"))
        .count()
}

fn with_a_plan() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let plans = directory.path().join("rollouts");
    fs_err::create_dir(&plans).unwrap();
    write_file(&plans.join("config.toml"), CONFIG.as_bytes()).unwrap();
    write_file(&plans.join("checkout.toml"), PLAN.as_bytes()).unwrap();
    directory
}

#[test]
fn a_transition_parses_its_plan_before_it_for_the_proof_and_not_again() {
    let directory = with_a_plan();
    parsed();
    let (exit, said) = rollout(directory.path(), &["advance"]);
    assert_eq!(exit, Exit::Go, "{said}");
    let times = parsed();
    let written = files::read_text(
        &directory.path().join("rollouts/checkout.toml"),
        files::SMALL,
    )
    .unwrap();
    assert!(written.contains("exposure = 1.0"), "{written}");
    assert!((1..=3).contains(&times), "it was parsed {times} times");
}

#[test]
fn a_persons_command_parses_its_plan_no_more_often() {
    let directory = with_a_plan();
    let (exit, said) = rollout(directory.path(), &["advance"]);
    assert_eq!(exit, Exit::Go, "{said}");
    parsed();
    let (exit, said) = rollout(directory.path(), &["pause", "checkout"]);
    assert_eq!(exit, Exit::Go, "{said}");
    let times = parsed();
    assert!((1..=3).contains(&times), "it was parsed {times} times");
}

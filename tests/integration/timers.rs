//! What `examples/cron` hands to cron and to systemd: understood by both, and by the program.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::writers::{Clones, PLAN, end, start};

const PROGRAM: &str = "/usr/local/bin/rollout";

fn example(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cron");
    std::fs::read_to_string(path.join(file)).unwrap()
}

/// The settings of a unit: section, key, value.
fn unit(file: &str) -> BTreeMap<(String, String), String> {
    let mut settings = BTreeMap::new();
    let mut section = String::new();
    for line in example(file).lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.strip_suffix(']').unwrap().to_owned();
        } else if !line.is_empty() && !line.starts_with('#') {
            let (key, value) = line
                .split_once('=')
                .unwrap_or_else(|| panic!("{file}: {line}"));
            settings.insert((section.clone(), key.to_owned()), value.to_owned());
        }
    }
    settings
}

/// The command of the table's one line, and its five fields.
fn crontab() -> ([String; 5], String) {
    let text = example("crontab");
    let jobs: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#') && !line.contains('='))
        .collect();
    let [job] = jobs.as_slice() else {
        panic!("{jobs:?}");
    };
    let mut parts = job.splitn(6, ' ').map(ToOwned::to_owned);
    let fields = std::array::from_fn(|_| parts.next().unwrap());
    (fields, parts.next().unwrap())
}

#[test]
fn the_units_are_what_systemd_understands() {
    let (service, timer) = (unit("rollout.service"), unit("rollout.timer"));
    let of = |unit: &BTreeMap<_, String>, section: &str, key: &str| {
        unit.get(&(section.to_owned(), key.to_owned())).cloned()
    };
    assert_eq!(of(&service, "Service", "Type").as_deref(), Some("oneshot"));
    let line = of(&service, "Service", "ExecStart").unwrap();
    assert!(line.starts_with(&format!("{PROGRAM} advance ")), "{line}");
    assert_eq!(of(&timer, "Timer", "OnCalendar").as_deref(), Some("*:0/5"));
    assert_eq!(
        of(&timer, "Install", "WantedBy").as_deref(),
        Some("timers.target")
    );

    // Where systemd is there, it is asked too: it knows every key.
    let folder = tempfile::tempdir().unwrap();
    for file in ["rollout.service", "rollout.timer"] {
        let text = example(file).replace(PROGRAM, env!("CARGO_BIN_EXE_rollout"));
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let verify = Command::new("systemd-analyze")
        .args(["verify", "rollout.service", "rollout.timer"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output();
    if let Ok(verify) = verify {
        let said = String::from_utf8_lossy(&verify.stderr);
        assert!(
            verify.status.success() && !said.contains("rollout."),
            "{said}"
        );
    }
}

#[test]
fn the_line_for_cron_has_five_fields_and_no_percent_sign() {
    let (fields, command) = crontab();
    assert_eq!(fields, ["*/5", "*", "*", "*", "*"]);
    // Cron would take it for the end of the line.
    assert!(!command.contains('%'), "{command}");
}

#[test]
fn what_the_timers_run_moves_a_plan_and_is_silent_when_nothing_changes() {
    let (_, command) = crontab();
    let service = unit("rollout.service");
    let exec = &service[&("Service".to_owned(), "ExecStart".to_owned())];
    let arguments = |line: &str| line.split_once("rollout advance ").unwrap().1.to_owned();
    assert_eq!(arguments(exec), arguments(&command));
    let readme = example("README.md");
    assert!(readme.contains(&format!("\nrollout advance {}\n", arguments(exec))));

    let clones = Clones::new();
    clones.world.write("one/rollouts/plan.toml", PLAN);
    let unasked = "[judge]\npreflight = false\n";
    clones.world.write("one/rollouts/config.toml", unasked);
    clones.git("one", "add rollouts");
    clones.git("one", "commit --quiet -m first");
    clones.git("one", "push --quiet --set-upstream origin main");
    // The line as it stands, with the example's folder and program in this test's places.
    let here = clones.at("one").display().to_string();
    let line = command.replace("/srv/shop", &here).replace(
        "&& rollout ",
        &format!("&& {} ", env!("CARGO_BIN_EXE_rollout")),
    );
    let run = || {
        let mut shell = clones.world.command("sh");
        shell.args(["-c", &line]);
        end(start(shell))
    };
    let (code, said) = run();
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("Advanced from 0 % to 1 %"),
        "a move is told: {said}"
    );
    assert_eq!(
        clones.git("bare.git", "log -1 --format=%s main"),
        "plan: advance from pending to 1 %\n"
    );
    // Frozen, nothing moves and nothing is said.
    clones.world.write("one/rollouts/plan.toml", PLAN);
    clones.world.write(
        "one/rollouts/config.toml",
        "[judge]\npreflight = false\n\n[[freezes]]\nuntil = 2100-01-01T00:00:00Z\nreason = \"holidays\"\n",
    );
    clones.git("one", "add rollouts");
    clones.git("one", "commit --quiet -m freeze");
    clones.git("one", "push --quiet");
    assert_eq!(run(), (Some(0), String::new()));
}

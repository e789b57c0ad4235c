//! What `examples/cron` hands to cron and to systemd: understood by both, and by the program.

#![expect(
    clippy::disallowed_methods,
    reason = "tests run programs and write fixtures; the program itself may not"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use super::support::Rollout;
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

/// The table's two lines, each with its five fields and its command: the one that moves plans, and the
/// one that writes metrics.
fn crontab() -> [([String; 5], String); 2] {
    let text = example("crontab");
    let jobs: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with('*'))
        .map(|job| {
            let mut parts = job.splitn(6, ' ').map(ToOwned::to_owned);
            let fields = std::array::from_fn(|_| parts.next().unwrap());
            (fields, parts.next().unwrap())
        })
        .collect();
    jobs.try_into().unwrap()
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
fn the_lines_for_cron_have_five_fields_and_no_percent_sign() {
    for (fields, command) in crontab() {
        assert_eq!(fields, ["*/5", "*", "*", "*", "*"]);
        // Cron would take it for the end of the line.
        assert!(!command.contains('%'), "{command}");
    }
}

#[test]
fn what_cron_runs_writes_the_metrics_in_one_step() {
    let world = Rollout::new().file("rollouts/plan.toml", PLAN);
    let [_, (_, command)] = crontab();
    let folder = world.path().join("collector");
    std::fs::create_dir(&folder).unwrap();
    let here = command
        .replace("/srv/shop", &world.path().display().to_string())
        .replace("/var/lib/node_exporter", &folder.display().to_string())
        .replace(
            "rollout status",
            &format!("{} status", env!("CARGO_BIN_EXE_rollout")),
        );
    let ran = world.command("sh").args(["-c", &here]).status().unwrap();
    assert!(ran.success());
    let left: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["rollout.prom"]);
    let text = std::fs::read_to_string(folder.join("rollout.prom")).unwrap();
    assert!(
        text.contains("rollout_plan_status{plan=\"plan\",status=\"pending\"} 1"),
        "{text}"
    );
}

#[test]
fn what_the_timers_run_moves_a_plan_and_is_silent_when_nothing_changes() {
    let [(_, command), _] = crontab();
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

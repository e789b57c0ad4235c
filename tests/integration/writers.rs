//! Several writers with the real binary: many processes in one directory, two clones of one remote.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::support::Rollout;

/// A pending plan: entering its first stage needs no data.
pub(crate) const PLAN: &str = r#"description = "A change"

[[stages]]
exposure = 1
min_duration = "24h"

[[stages]]
exposure = 100

[[guardrails]]
name = "errors"
category = "reliability"
margin = "10%"
ratio = { events = 'errors_total', total = 'requests_total' }
"#;

pub(crate) fn start(mut command: Command) -> Child {
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Exit code and everything that was said.
pub(crate) fn end(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Pending plans are not asked about beforehand: that is not what these tests are about.
const UNASKED: &str = "[judge]\npreflight = false\n";

#[test]
fn of_32_runs_at_once_one_makes_the_transition() {
    let world = Rollout::new()
        .file("rollouts/checkout.toml", PLAN)
        .file("rollouts/config.toml", UNASKED);
    let children: Vec<Child> = (0..32)
        .map(|_| {
            let mut command = world.command(env!("CARGO_BIN_EXE_rollout"));
            command.args(["advance", "--prometheus-url", "http://127.0.0.1:1"]);
            start(command)
        })
        .collect();
    let ends: Vec<(Option<i32>, String)> = children.into_iter().map(end).collect();
    let gone = ends.iter().filter(|(code, _)| *code == Some(0)).count();
    // The others saw the old plan and came too late, or saw the new one, which has to wait.
    let late = ends
        .iter()
        .filter(|(code, _)| matches!(code, Some(1 | 3)))
        .count();
    assert_eq!((gone, late), (1, 31), "{ends:#?}");
    assert!(world.read("rollouts/checkout.toml").starts_with(PLAN));
    world.run(["validate"]).exits(0);
    let rollouts = world.path().join("rollouts");
    assert_eq!(
        files(&rollouts),
        [".evidence", "checkout.toml", "config.toml"]
    );
    assert_eq!(files(&rollouts.join(".evidence/checkout")).len(), 1);
}

/// Two clones of one bare repository.
pub(crate) struct Clones {
    pub(crate) world: Rollout,
}

impl Clones {
    pub(crate) fn new() -> Self {
        let world = Rollout::new();
        let clones = Self { world };
        clones.git(".", "init --quiet --bare bare.git");
        for name in ["one", "two"] {
            clones.git(".", &format!("clone --quiet bare.git {name}"));
        }
        clones
    }

    pub(crate) fn at(&self, folder: &str) -> PathBuf {
        self.world.path().join(folder)
    }

    pub(crate) fn git(&self, folder: &str, line: &str) -> String {
        let mut command = self.world.command("git");
        command.args(line.split(' ')).current_dir(self.at(folder));
        let (code, said) = end(start(command));
        assert_eq!(code, Some(0), "git {line}: {said}");
        said
    }

    fn advance(&self, folder: &str) -> Child {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_rollout"));
        command
            .args(["advance", "--commit", "--push", "--quiet", "--ok", "hold"])
            .args(["--prometheus-url", "http://127.0.0.1:1"])
            .current_dir(self.at(folder));
        start(command)
    }

    /// A person replaces all plans by pending ones, and both clones know them.
    fn renew(&self, round: usize, plans: usize) {
        self.git("one", "pull --quiet --rebase");
        let rollouts = self.at("one/rollouts");
        if rollouts.is_dir() {
            self.git("one", "rm --quiet rollouts/*.toml");
        }
        for plan in 0..plans {
            let path = format!("one/rollouts/plan-{round}-{plan}.toml");
            self.world.write(&path, PLAN);
        }
        self.world.write("one/rollouts/config.toml", UNASKED);
        self.git("one", "add rollouts");
        self.git("one", "commit --quiet -m plans");
        self.git("one", "push --quiet");
        self.git("two", "pull --quiet --rebase");
    }
}

/// Rounds in which both clones advance all plans at once; every plan moves once a round.
fn race(rounds: usize, plans: usize) {
    let clones = Clones::new();
    // An unborn branch has no upstream yet.
    clones.world.write("one/README", "plans\n");
    clones.git("one", "add README");
    clones.git("one", "commit --quiet -m first");
    clones.git("one", "push --quiet --set-upstream origin main");
    clones.git("two", "fetch --quiet");
    clones.git("two", "checkout --quiet main");
    for round in 1..=rounds {
        clones.renew(round, plans);
        let both = ["one", "two"].map(|name| clones.advance(name));
        for (code, said) in both.map(end) {
            // Moved by this one, or by the other, after which they have to wait.
            assert_eq!(code, Some(0), "{said}");
        }
        clones.git("one", "pull --quiet --rebase");
        let subjects = clones.git("one", &format!("log --format=%s --max-count={}", plans + 1));
        let mut moves: Vec<&str> = subjects.lines().collect();
        assert_eq!(moves.pop(), Some("plans"), "{subjects}");
        moves.sort_unstable();
        moves.dedup();
        assert_eq!(moves.len(), plans, "{subjects}");
        assert!(
            moves
                .iter()
                .all(|subject| subject.contains("advance from pending to 1 %")),
            "{subjects}"
        );
    }
    let count = clones.git("one", "rev-list --count HEAD");
    assert_eq!(count.trim(), (1 + rounds * (plans + 1)).to_string());
    assert_eq!(clones.git("one", "log --merges --format=%s"), "");
    for name in ["one", "two"] {
        clones.git(name, "pull --quiet --rebase");
        assert_eq!(clones.git(name, "status --porcelain"), "");
    }
}

#[test]
fn two_clones_at_once_move_ten_plans_once_in_each_of_twenty_rounds() {
    race(20, 10);
}

#[test]
fn a_rollback_is_written_even_where_it_cannot_be_committed_and_committed_later() {
    let clones = Clones::new();
    clones.world.write("one/rollouts/checkout.toml", PLAN);
    clones.world.write("one/rollouts/config.toml", UNASKED);
    clones.git("one", "add rollouts");
    clones.git("one", "commit --quiet -m plan");
    let rollouts = clones.at("one/rollouts");
    let run = |args: &[&str]| {
        let mut command = clones.world.command(env!("CARGO_BIN_EXE_rollout"));
        command.args(args).current_dir(&rollouts);
        end(start(command))
    };
    assert_eq!(run(&["advance", "--commit"]).0, Some(0));
    clones.world.write("one/.git/index.lock", "");

    let before = clones.world.read("one/rollouts/checkout.toml");
    let (code, said) = run(&["pause", "checkout", "--commit"]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(clones.world.read("one/rollouts/checkout.toml"), before);

    let (code, said) = run(&["rollback", "checkout", "--commit"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("rolled back in its file, but not committed"),
        "{said}"
    );
    let after = clones.world.read("one/rollouts/checkout.toml");
    assert!(after.contains("status = \"rolled_back\""), "{after}");

    std::fs::remove_file(clones.at("one/.git/index.lock")).unwrap();
    let (code, said) = run(&["advance", "--commit"]);
    assert_eq!(code, Some(3), "{said}");
    assert_eq!(clones.git("one", "status --porcelain"), "");
}

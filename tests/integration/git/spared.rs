//! A rollback is never taken back, and exit 0 means done: the real binary, with what git and disks do
//! to people.

use std::path::PathBuf;

use crate::support::{Output, Rollout, copy};

pub(super) const PLAN: &str = "rollouts/one-page-checkout.toml";
pub(super) const NAME: &str = "one-page-checkout";
const STATE: &str = "\n[state]\nstatus = \"progressing\"\nstage = 1\nexposure = 1.0\nentered_at = 2026-11-23T09:00:00Z\n";

/// A plan of the examples in its first stage, committed, with an upstream in `o.git` beside it.
pub(super) struct Place {
    pub(super) rollout: Rollout,
}

impl Place {
    pub(super) fn new() -> Self {
        let rollout = Rollout::new();
        let examples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples");
        let example = examples.join("healthy-advance/rollouts");
        copy(&example, &rollout.path().join("rollouts"));
        let text = rollout.read(PLAN);
        let declared = text.split("\n[state]").next().unwrap();
        rollout.write(PLAN, format!("{declared}{STATE}"));
        let place = Self { rollout };
        place.git("init --quiet --initial-branch=main");
        place.git("add --all");
        place.git("commit --quiet -m first");
        place.git("init --quiet --bare --initial-branch=main .git/o.git");
        place.git("remote add origin .git/o.git");
        place.git("push --quiet -u origin main");
        place
    }

    pub(super) fn git(&self, line: &str) -> String {
        let output = self.rollout.command("git").args(line.split(' ')).output();
        let output = output.unwrap();
        assert!(output.status.success(), "git {line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn run(&self, line: &str) -> Output {
        self.rollout.run(line.split(' '))
    }

    pub(super) fn rollback(&self, more: &str) -> Output {
        self.run(format!("rollback {NAME} {more}").trim())
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        let root = self.rollout.path();
        std::fs::rename(root.join(from), root.join(to)).unwrap();
    }

    fn hook(&self, script: &str) {
        self.script(".git/hooks/pre-commit", script);
    }

    /// Something to be run.
    pub(super) fn script(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.rollout.path().join(name);
        self.rollout.write(name, format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The status in the plan, in HEAD and at the remote.
    pub(super) fn standing(&self) -> [String; 3] {
        let status = |text: String| {
            let line = text.lines().find(|line| line.starts_with("status = "));
            line.unwrap_or("none").replace("status = ", "")
        };
        [
            status(self.rollout.read(PLAN)),
            status(self.git(&format!("show HEAD:{PLAN}"))),
            status(self.git(&format!("--git-dir=.git/o.git show main:{PLAN}"))),
        ]
    }

    pub(super) fn stands(&self, plan: &str, head: &str, remote: &str) {
        let wanted = [plan, head, remote].map(|status| format!("\"{status}\""));
        assert_eq!(self.standing(), wanted);
    }
}

#[test]
fn a_word_said_again_after_an_outage_is_pushed() {
    for (verb, status, others) in [
        ("rollback", "rolled_back", "progressing"),
        ("pause", "paused", "progressing"),
    ] {
        let place = Place::new();
        let line = format!("{verb} {NAME} --push");
        place.rename(".git/o.git", ".git/gone.git");
        place.run(&line).exits(1);
        // As long as it is away, nobody hears that all is well.
        place.run(&line).exits(1);
        place.rename(".git/gone.git", ".git/o.git");
        place.stands(status, status, others);
        let said = place.run(&line);
        said.exits(0);
        assert!(
            said.stdout.contains("1 commit of earlier runs pushed"),
            "{said}"
        );
        place.stands(status, status, status);
        place.run(&line).exits(0);
    }
}

#[test]
fn a_freeze_said_again_after_an_outage_is_pushed() {
    let place = Place::new();
    let freeze = [
        "freeze",
        "--until",
        "2030-01-01T00:00:00Z",
        "--reason",
        "sale",
        "--push",
    ];
    place.rename(".git/o.git", ".git/gone.git");
    place.rollout.run(freeze).exits(1);
    place.rollout.run(freeze).exits(1);
    place.rename(".git/gone.git", ".git/o.git");
    place.rollout.run(freeze).exits(0);
    let there = place.git("--git-dir=.git/o.git show main:rollouts/config.toml");
    assert!(there.contains("sale"), "{there}");
}

#[test]
fn a_lock_that_a_dead_git_left_keeps_nobody_exposed_and_is_told_until_it_is_gone() {
    let place = Place::new();
    place.rollout.write(".git/index.lock", "");
    place.rollback("--commit").exits(1);
    place.stands("rolled_back", "progressing", "progressing");
    // Who runs by cron, and only wants to hear of what is wrong, hears it.
    let line =
        format!("advance {NAME} --commit --quiet --ok hold --prometheus-url http://127.0.0.1:9");
    let cron = place.run(&line);
    cron.exits(1);
    assert!(cron.stderr.contains("index.lock"), "{cron}");
    place.rollback("--commit").exits(1);
    std::fs::remove_file(place.rollout.path().join(".git/index.lock")).unwrap();
    place.rollback("--commit").exits(0);
    place.stands("rolled_back", "rolled_back", "progressing");
    assert_eq!(place.git("status --porcelain"), "");
}

#[test]
fn a_hook_that_fails_takes_no_rollback_back() {
    let place = Place::new();
    place.hook("echo not today >&2; exit 1");
    let said = place.rollback("--push");
    said.exits(1);
    assert!(said.stderr.contains("not today"), "{said}");
    place.stands("rolled_back", "progressing", "progressing");
    place.rollback("--push").exits(1);
    place.hook("exit 0");
    place.rollback("--push").exits(0);
    place.stands("rolled_back", "rolled_back", "rolled_back");
    place.run("replay").exits(0);
}

#[test]
fn what_somebody_did_to_the_plan_or_the_settings_keeps_nobody_exposed() {
    let config = "rollouts/config.toml";
    for (file, from, to) in [
        (PLAN, "margin = \"", "margin = \"x"),
        (PLAN, "status = \"progressing\"", "status = \"on holiday\""),
        (config, "", "nonsense = true\n"),
        (config, "", "[[freezes]\n"),
    ] {
        let place = Place::new();
        let text = place.rollout.read(file);
        assert!(text.contains(from), "{from}");
        place.rollout.write(file, text.replacen(from, to, 1));
        place.run(&format!("check {NAME}")).exits(2);
        let said = place.rollback("--reason bad");
        said.exits(0);
        assert!(said.stderr.contains("mistake"), "{said}");
        assert_eq!(place.standing()[0], "\"rolled_back\"", "{to}");
        place.rollback("").exits(0);
        if file == PLAN {
            place.run("replay").exits(0);
        }
    }
}

#[test]
fn what_is_no_toml_cannot_be_written_and_is_left_alone() {
    let place = Place::new();
    let text = format!("{}\n<<<<<<< HEAD\n", place.rollout.read(PLAN));
    place.rollout.write(PLAN, &text);
    let said = place.rollback("");
    said.exits(2);
    assert!(said.stderr.contains("no state can be written"), "{said}");
    assert_eq!(place.rollout.read(PLAN), text);
}

#[test]
fn a_rollback_without_room_for_its_record_stands_and_is_made_up_for() {
    let place = Place::new();
    // No folder can be made where a file is.
    place.rollout.write("rollouts/.evidence", "");
    let said = place.rollback("--reason bad");
    said.exits(1);
    assert!(
        said.stderr.contains("the record of it is missing"),
        "{said}"
    );
    assert_eq!(place.standing()[0], "\"rolled_back\"");
    place.rollback("").exits(1);
    std::fs::remove_file(place.rollout.path().join("rollouts/.evidence")).unwrap();
    let said = place.rollback("--commit");
    said.exits(0);
    assert!(said.stderr.contains("makes up for it"), "{said}");
    place.stands("rolled_back", "rolled_back", "progressing");
    place.run("replay").exits(0);
    let said = place.run(&format!("history {NAME}"));
    assert!(said.stdout.contains("bad"), "{said}");
    assert_eq!(place.git("status --porcelain"), "");
}

#[test]
fn other_changes_upstream_and_here_keep_nobody_exposed() {
    let place = Place::new();
    place.rollout.write("flags.json", "{\"on\": 0}\n");
    place.git("add flags.json");
    place.git("commit --quiet -m flags");
    place.git("push --quiet");
    place.git("clone --quiet .git/o.git .git/other");
    place
        .rollout
        .write(".git/other/flags.json", "{\"on\": 2}\n");
    place.git("-C .git/other commit --quiet -a -m theirs");
    place.git("-C .git/other push --quiet");
    place.rollout.write("flags.json", "{\"on\": 1}\n");
    place.rollback("--push").exits(1);
    assert_eq!(place.standing()[0], "\"rolled_back\"");
    assert_eq!(place.rollout.read("flags.json"), "{\"on\": 1}\n");
    place.git("checkout --quiet -- flags.json");
    place.rollback("--push").exits(0);
    place.stands("rolled_back", "rolled_back", "rolled_back");
    assert_eq!(place.rollout.read("flags.json"), "{\"on\": 2}\n");
}

#[test]
fn a_plan_that_git_does_not_look_at_is_not_called_committed() {
    for mark in ["--skip-worktree", "--assume-unchanged"] {
        let place = Place::new();
        place.git(&format!("update-index {mark} {PLAN}"));
        let said = place.rollback("--push");
        said.exits(1);
        assert!(said.stderr.contains("not to look at changes"), "{said}");
        place.stands("rolled_back", "progressing", "progressing");
        place.rollback("--push").exits(1);
        for cure in ["--no-skip-worktree", "--no-assume-unchanged"] {
            place.git(&format!("update-index {cure} {PLAN}"));
        }
        place.rollback("--push").exits(0);
        place.stands("rolled_back", "rolled_back", "rolled_back");
    }
}

#[test]
fn a_rollback_that_only_a_person_can_commit_is_told_by_every_later_run() {
    let advance = "advance --commit --quiet --ok hold";
    let place = Place::new();
    let text = place.rollout.read(PLAN);
    // Somebody's work that is nobody else's business, and no state: nothing is owed.
    place.rollout.write(PLAN, format!("# mine\n{text}"));
    let said = place.rollback("--commit");
    said.exits(1);
    assert!(
        said.stderr
            .contains("commit rollouts/one-page-checkout.toml and its records yourself"),
        "{said}"
    );
    assert!(!said.stderr.contains("undo"), "{said}");
    let said = place.run(advance);
    said.exits(1);
    assert!(said.stderr.contains("is not the committed one"), "{said}");
    place.git("commit --quiet -am mine");
    place.git("add rollouts");
    place.git("commit --quiet -m records");
    let said = place.run(advance);
    said.exits(0);
    assert_eq!(said.stderr, "");
    // A comment alone is a person's, and says nothing about who is exposed.
    place
        .rollout
        .write(PLAN, format!("# more\n{}", place.rollout.read(PLAN)));
    place.run(advance).exits(0);
}

#[test]
fn a_rollback_that_was_written_is_not_followed_by_nothing_was_changed() {
    let place = Place::new();
    place.hook("exit 1");
    let said = place.rollback("--commit");
    said.exits(1);
    assert!(!said.stderr.contains("nothing was changed"), "{said}");
    let place = Place::new();
    place.rollout.write(".git/index.lock", "");
    let said = place.rollback("--commit");
    said.exits(1);
    assert!(!said.stderr.contains("nothing was changed"), "{said}");
    let said = place.run(&format!("pause {NAME} --commit"));
    said.exits(3);
    let place = Place::new();
    place.rollout.write(".git/index.lock", "");
    let said = place.run(&format!("pause {NAME} --commit"));
    said.exits(1);
    assert!(said.stderr.contains("help: nothing was changed"), "{said}");
    place.stands("progressing", "progressing", "progressing");
}

#[test]
fn a_plan_paused_before_its_first_user_is_read_and_goes_on_where_it_was() {
    let place = Place::new();
    let text = place.rollout.read(PLAN);
    let declared = text.split("\n[state]").next().unwrap().to_owned();
    place.rollout.write(PLAN, declared);
    place.git("commit --quiet -am pending");
    for retried in [false, true] {
        if retried {
            place.rollback("--commit").exits(0);
            let retry = format!("retry {NAME} --from-stage 2 --commit");
            place.run(&retry).exits(0);
        }
        place.run(&format!("pause {NAME} --commit")).exits(0);
        place.run("validate").exits(0);
        let status = place.run("status");
        status.exits(0);
        assert!(status.stdout.contains("paused"), "{status}");
        assert_eq!(place.run(&format!("exposure {NAME}")).stdout, "0\n");
        place.run(&format!("history {NAME}")).exits(0);
        let held = place.run("advance");
        held.exits(3);
        assert!(held.stdout.contains("nobody exposed"), "{held}");
        place.run("replay").exits(0);
        place.run(&format!("resume {NAME} --commit")).exits(0);
        let text = place.rollout.read(PLAN);
        let stage = if retried { "stage = 2" } else { "stage = 1" };
        assert!(text.contains("status = \"pending\""), "{text}");
        assert!(text.contains(stage), "{text}");
    }
}

#[test]
fn a_freeze_is_added_once_and_refused_with_the_place_of_a_mistake() {
    let place = Place::new();
    let config = "rollouts/config.toml";
    let freeze = "freeze --until 2030-01-01T00:00:00Z --reason sale";
    place.run(freeze).exits(0);
    let once = place.rollout.read(config);
    let again = place.run(freeze);
    again.exits(0);
    assert!(again.stdout.contains("already"), "{again}");
    assert_eq!(place.rollout.read(config), once);
    place.rollout.write(config, format!("{once}[[freezes]\n"));
    let refused = place.run("freeze --until 2031-01-01T00:00:00Z --reason sale");
    refused.exits(2);
    for words in [
        "rollouts/config.toml:",
        "nothing was changed: mend config.toml",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {refused}");
    }
}

//! Commits of what is no transition, by the real binary: freezes, and new plans.

use crate::support::{Output, Rollout};

const CONFIG: &str = "rollouts/config.toml";
const NOW: &str = "2026-11-23T09:00:00Z";

/// A repository with settings, and something of a person's staged.
fn repository(settings: &str) -> Rollout {
    let rollout = Rollout::new().file(CONFIG, settings).file("notes", "one\n");
    git(&rollout, "init --quiet");
    git(&rollout, "add --all");
    git(&rollout, "commit --quiet -m first");
    rollout.write("notes", "two\n");
    git(&rollout, "add notes");
    rollout
}

fn git(rollout: &Rollout, line: &str) -> String {
    let output = rollout.command("git").args(line.split(' ')).output();
    let output = output.unwrap();
    assert!(output.status.success(), "git {line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn freeze(rollout: &Rollout, more: &[&str]) -> Output {
    let line = ["freeze", "--until", "12h", "--reason", "the big sale"];
    rollout.run([&line[..], more, &["--now", NOW]].concat())
}

fn unfreeze(rollout: &Rollout, more: &[&str]) -> Output {
    let line = ["unfreeze", "--reason", "sold\nout"];
    let now = ["--now", "2026-11-23T10:00:00Z"];
    rollout.run([&line[..], more, &now].concat())
}

fn hook(rollout: &Rollout, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    rollout.write(".git/hooks/pre-commit", format!("#!/bin/sh\n{script}\n"));
    let path = rollout.path().join(".git/hooks/pre-commit");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_freeze_and_its_end_are_commits_that_say_who_and_why() {
    let rollout = repository("# ours\n");
    freeze(&rollout, &["--commit"]).exits(0);
    insta::assert_snapshot!(git(&rollout, "log -1 --format=%B --name-only"), @r"
    freeze all rollouts until 2026-11-23 21:00 UTC

    the big sale

    Rollout-Decision: freeze
    Rollout-Actor: person:ann


    rollouts/config.toml
    ");
    // A run that changes nothing makes no commit.
    freeze(&rollout, &["--commit"]).exits(0);
    assert_eq!(git(&rollout, "rev-list --count HEAD"), "2\n");

    unfreeze(&rollout, &["--commit"]).exits(0);
    insta::assert_snapshot!(git(&rollout, "log -1 --format=%B --name-only"), @r"
    end the freeze of all rollouts

    sold
    out

    Rollout-Decision: unfreeze
    Rollout-Actor: person:ann


    rollouts/config.toml
    ");
    insta::assert_snapshot!(rollout.read(CONFIG), @r#"
    # ours

    [[freezes]]
    from = 2026-11-23T09:00:00Z
    until = 2026-11-23T10:00:00Z # ended by ann: sold out
    reason = "the big sale"
    owner = "ann"
    "#);
    unfreeze(&rollout, &["--commit"]).exits(0);
    assert_eq!(git(&rollout, "rev-list --count HEAD"), "3\n");
    assert_eq!(git(&rollout, "status --porcelain"), "M  notes\n");
}

#[test]
fn settings_that_say_so_commit_freezes_too() {
    let rollout = repository("[git]\ncommit = true\n");
    let output = freeze(&rollout, &[]);
    output.exits(0);
    assert!(output.stdout.contains("\n  commit    "), "{output}");
    assert_eq!(git(&rollout, "rev-list --count HEAD"), "2\n");
}

#[test]
fn the_first_freeze_may_be_the_first_setting() {
    let rollout = Rollout::new().file("rollouts/x", "");
    git(&rollout, "init --quiet");
    git(&rollout, "add --all");
    git(&rollout, "commit --quiet -m first");
    freeze(&rollout, &["--commit", "--dir", "rollouts"]).exits(0);
    assert_eq!(git(&rollout, "status --porcelain"), "");
}

#[test]
fn what_a_person_changed_in_the_settings_is_not_committed_along() {
    let rollout = repository("# ours\n");
    rollout.write(CONFIG, "# mine\n");
    insta::assert_snapshot!(freeze(&rollout, &["--commit"]), @r"
    exit: Some(1)
    ---- stdout
    ---- stderr
    error: rollouts/config.toml has changes that are not committed
    help: commit or undo them first: `git diff HEAD -- rollouts/config.toml` shows them; rollout commits only what it wrote itself
    ");
    assert_eq!(rollout.read(CONFIG), "# mine\n");
    // Without a commit the freeze is written, and the next run says what is not committed.
    freeze(&rollout, &[]).exits(0);
    insta::assert_snapshot!(freeze(&rollout, &["--commit"]), @"
    exit: Some(1)
    ---- stdout
    frozen until 2026-11-23 21:00 UTC already; nothing changed
    ---- stderr
    error: rollouts/config.toml has changes that are not committed
    help: `git diff HEAD -- rollouts/config.toml` shows them; commit or drop them, then say this again
    ");
}

#[test]
fn a_hook_that_fails_leaves_the_settings_as_they_were() {
    let rollout = repository("# ours\n");
    hook(&rollout, "echo not today >&2; exit 1");
    insta::assert_snapshot!(freeze(&rollout, &["--commit"]), @r"
    exit: Some(1)
    ---- stdout
    ---- stderr
    error: git did not commit rollouts/config.toml, which was put back as it was: not today
    help: nothing was changed; make the commit possible and run again
    ");
    assert_eq!(rollout.read(CONFIG), "# ours\n");
    rollout.run(["new", "search", "--commit"]).exits(1);
    assert!(!rollout.path().join("rollouts/search.toml").exists());
    assert_eq!(git(&rollout, "status --porcelain"), "M  notes\n");
}

#[test]
fn a_freeze_that_loses_the_race_is_written_on_what_won() {
    let one = repository("# ours\n");
    git(&one, "reset --quiet --hard");
    git(&one, "clone --quiet --bare . ../bare.git");
    git(&one, "remote add origin ../bare.git");
    git(&one, "fetch --quiet");
    git(&one, "branch --quiet --set-upstream-to=origin/main main");
    git(&one, "clone --quiet ../bare.git ../two");
    // Between the look at the remote and the push.
    one.write("../two/rollouts/config.toml", "# theirs\n");
    hook(
        &one,
        "[ -e ../raced ] && exit 0; touch ../raced; unset GIT_DIR GIT_INDEX_FILE GIT_PREFIX; cd ../two; git commit --quiet -a -m theirs && git push --quiet",
    );
    let output = freeze(&one, &["--push"]);
    output.exits(0);
    assert!(
        output.stderr.contains("somebody else pushed first"),
        "{output}"
    );
    assert!(one.read(CONFIG).starts_with("# theirs\n"), "{output}");
    assert_eq!(
        git(&one, "-C ../bare.git log --format=%s main"),
        "freeze all rollouts until 2026-11-23 21:00 UTC\ntheirs\nfirst\n"
    );
}

#[test]
fn new_plans_say_why_they_are_there_and_may_be_committed() {
    let rollout = Rollout::new();
    git(&rollout, "init --quiet");
    let init = ["init", "--reason", "fewer bad Fridays", "--commit"];
    rollout.run(init).exits(0);
    insta::assert_snapshot!(git(&rollout, "log -1 --format=%B --name-only"), @"
    plan rollouts

    fewer bad Fridays

    Rollout-Decision: init
    Rollout-Actor: person:ann


    rollouts/.schema/config.json
    rollouts/.schema/plan.json
    rollouts/config.toml
    rollouts/first-rollout.toml
    ");
    let new = [
        "new",
        "search",
        "--reason",
        "ranking\nby meaning",
        "--commit",
    ];
    insta::assert_snapshot!(rollout.run(new).stderr, @"next: adapt the metrics, then run `rollout validate search`");
    insta::assert_snapshot!(git(&rollout, "log -1 --format=%B --name-only"), @r"
    search: plan a rollout

    ranking
    by meaning

    Rollout-Decision: new
    Rollout-Actor: person:ann


    rollouts/search.toml
    ");
    assert!(
        rollout
            .read("rollouts/search.toml")
            .contains("\n# Why: ranking by meaning\n")
    );
    // Saying it again changes nothing.
    rollout.run(init).exits(0);
    rollout.run(new).exits(0);
    assert_eq!(git(&rollout, "rev-list --count HEAD"), "2\n");
    rollout.run(["new", "search", "--stage", "5,1h"]).exits(1);
}

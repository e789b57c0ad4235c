//! Targets in commits that wait for a push, while somebody else changes the same file.

use super::world::{FLAGS, World};

#[test]
fn a_rollback_that_waits_is_put_on_what_others_wrote_into_its_target() {
    let world = World::new();
    world.git("init --quiet --bare --initial-branch=main .git/o.git");
    world.git("remote add origin .git/o.git");
    world.git("push --quiet -u origin main");
    world.run("advance --push").exits(0);
    let git = world.rollout.path().join(".git");
    std::fs::rename(git.join("o.git"), git.join("gone.git")).unwrap();
    world.run("rollback checkout --push").exits(1);
    world.shows([0.0; 4]);
    std::fs::rename(git.join("gone.git"), git.join("o.git")).unwrap();

    // Another flag of the file, as somebody else sees it: theirs exposes users still.
    world.git("clone --quiet .git/o.git .git/theirs");
    let theirs = format!(".git/theirs/{FLAGS}");
    world.edit(
        &theirs,
        "\"search\": { \"state\": \"ENABLED\"",
        "\"search\": { \"state\": \"DISABLED\"",
    );
    assert!(world.rollout.read(&theirs).contains("[\"on\", 5]"));
    world.git("-C .git/theirs commit --quiet -am search");
    world.git("-C .git/theirs push --quiet");

    world.run("rollback checkout --push").exits(0);
    world.shows([0.0; 4]);
    assert!(
        world
            .rollout
            .read(FLAGS)
            .contains("\"search\": { \"state\": \"DISABLED\"")
    );
    assert_eq!(world.git("status --porcelain"), "");
    assert_eq!(world.git("diff origin/main"), "");
}

#[test]
fn a_brake_that_somebody_commits_is_respected() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.edit(FLAGS, "[\"on\", 5]", "[\"on\", 0]");
    world.git("commit --quiet -am brake");
    world.run("advance --commit").exits(3);
    assert!(world.shown()[1] < 1e-9);
}

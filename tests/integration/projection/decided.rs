//! What persons decide about a plan, and what its targets show then.

use std::path::Path;

use crate::support::{Rollout, copy};

use super::world::{FLAGS, MAP, World};

/// A plan at its first stage, with its targets.
fn released() -> World {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.shows([5.0; 4]);
    world
}

#[test]
fn a_pause_leaves_targets_as_they_are_and_a_resume_moves_none() {
    let world = released();
    let flags = world.rollout.read(FLAGS);
    world.run("pause checkout --reason lunch --commit").exits(0);
    world.shows([5.0; 4]);
    world.run("advance --commit").exits(3);
    world.run("sync").exits(0);
    world.shows([5.0; 4]);
    world.run("resume checkout --commit").exits(0);
    world.shows([5.0; 4]);
    assert_eq!(world.rollout.read(FLAGS), flags);
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_rollback_of_a_paused_plan_lowers_its_targets() {
    let world = released();
    world.run("pause checkout --reason lunch --commit").exits(0);
    world.run("rollback checkout --commit").exits(0);
    world.shows([0.0; 4]);
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_retry_raises_nobody_and_the_next_advance_raises_all() {
    let world = released();
    world.run("rollback checkout --commit").exits(0);
    world.run("advance --commit").exits(3);
    world.shows([0.0; 4]);
    world.run("retry checkout --commit").exits(0);
    world.shows([0.0; 4]);
    world.run("sync").exits(0);
    world.shows([0.0; 4]);
    world.run("advance --commit").exits(0);
    world.shows([5.0; 4]);
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_freeze_raises_nobody_and_a_rollback_passes_it() {
    let world = World::new();
    let freeze = "freeze --until 2026-12-01T00:00:00Z --reason fair --commit";
    world.run(freeze).exits(0);
    world.run("advance --commit").exits(3);
    world.run("sync").exits(0);
    world.shows([0.0; 4]);
    let later = |line: &str, minute: u32| {
        let at = format!("2026-11-24T12:{minute:02}:00Z");
        world.rollout.run(line.split(' ').chain(["--now", &at]))
    };
    later("unfreeze --commit", 1).exits(0);
    world.shows([0.0; 4]);
    later("advance --commit", 2).exits(0);
    world.shows([5.0; 4]);
    later(freeze, 3).exits(0);
    world.shows([5.0; 4]);
    later("rollback checkout --commit", 4).exits(0);
    world.shows([0.0; 4]);
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn an_approval_raises_nobody_before_the_next_advance() {
    let rollout = Rollout::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/healthy-advance");
    copy(&example, &rollout.path());
    let plan = "rollouts/one-page-checkout.toml";
    let gated = rollout
        .read(plan)
        .replacen("exposure = 1\n", "exposure = 1\napproval = true\n", 1);
    let target = "\n[[targets]]\nhaproxy = { file = \"../shop.map\", key = \"checkout\" }\n";
    rollout.write(plan, gated + target);
    rollout.write("shop.map", "checkout 0\n");
    for line in ["init --quiet", "add --all", "commit --quiet -m first"] {
        let git = rollout.command("git").args(line.split(' ')).status();
        assert!(git.unwrap().success(), "git {line}");
    }
    let advance = |snapshot: &str| rollout.run(["advance", "--snapshot", snapshot]);
    let shows = |text: &str| assert_eq!(rollout.read("shop.map"), text);
    advance("before.json").exits(0);
    shows("checkout 100\n");
    // The evidence is there, and nobody has approved.
    advance("snapshot.json").exits(3);
    shows("checkout 100\n");
    let approve = [
        "approve",
        "one-page-checkout",
        "--snapshot",
        "snapshot.json",
    ];
    rollout.run(approve).exits(0);
    shows("checkout 100\n");
    rollout
        .run(["sync", "--now", "2026-11-24T09:15:00Z"])
        .exits(0);
    shows("checkout 100\n");
    advance("snapshot.json").exits(0);
    shows("checkout 1000\n");
}

#[test]
fn a_brake_outlives_a_pause_until_a_resume_lets_go_of_it() {
    let world = released();
    world.edit(MAP, "checkout 500", "checkout 0");
    world.git("commit --quiet -am brake");
    world.run("pause checkout --reason lunch --commit").exits(0);
    world.run("sync").exits(3);
    world.shows([5.0, 5.0, 5.0, 0.0]);
    world.run("resume checkout --commit").exits(0);
    world.shows([5.0; 4]);
    assert_eq!(world.git("status --porcelain"), "");
}

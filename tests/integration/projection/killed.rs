//! Runs with three targets that are killed at any instant: no target ever shows more than the plan, and
//! the next run finishes what is owed, in one commit.

#![expect(
    clippy::disallowed_methods,
    reason = "real processes are what is tested here"
)]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::world::{FLAGS, MAP, SPLIT, World};
use crate::support::kills;

/// Starts a run in a session of its own, so that git dies with it, as with a machine.
fn killed_after(world: &World, line: &str, wait: Duration) {
    let mut command = world.rollout.command("setsid");
    let mut child = command
        .arg(env!("CARGO_BIN_EXE_rollout"))
        .args(line.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(wait);
    let session = child.id().to_string();
    // Whoever is through already needs no killing.
    let _ = Command::new("pkill")
        .args(["-KILL", "--session", &session])
        .status();
    child.wait().unwrap();
    for git in [".git", "../remote.git"] {
        for lock in ["index.lock", "HEAD.lock", "refs/heads/main.lock"] {
            // What a person does after a crash of git itself.
            let _ = std::fs::remove_file(world.rollout.path().join(git).join(lock));
        }
    }
}

#[test]
fn a_run_killed_between_plan_and_targets_is_finished_with_one_commit() {
    let world = World::new();
    let old = [FLAGS, SPLIT, MAP].map(|file| (file, world.rollout.read(file)));
    world.run("advance --commit").exits(0);
    // As it was before the targets were written, and the commit made.
    world.git("reset --quiet --mixed HEAD~1");
    let then = SystemTime::now() - Duration::from_secs(60);
    for (file, text) in &old {
        world.rollout.write(file, text);
        let written = std::fs::File::options()
            .write(true)
            .open(world.rollout.path().join(file));
        written.unwrap().set_modified(then).unwrap();
    }
    world.shows([5.0, 0.0, 0.0, 0.0]);
    insta::assert_snapshot!("left_behind", world.run("sync --check"));
    // With nobody to ask, a day later.
    let healed = world
        .rollout
        .run(["advance", "--commit", "--now", "2026-11-25T18:00:00Z"]);
    insta::with_settings!({filters => vec![("commit [0-9a-f]{12}", "commit [digits]")]}, {
        insta::assert_snapshot!("finished", healed);
    });
    world.shows([5.0; 4]);
    assert_eq!(world.git("rev-list --count HEAD").trim(), "2");
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn no_moment_exposes_more_than_the_plan_and_the_next_run_heals() {
    let world = World::new();
    world.git("init --quiet --bare --initial-branch=main ../remote.git");
    world.git("remote add origin ../remote.git");
    world.git("push --quiet --set-upstream origin main");
    // Every second pair of runs pushes.
    let pushing = ["", " --push"];
    let longest = ["advance --commit", "rollback checkout --commit --push"].map(|line| {
        let began = Instant::now();
        world.rollout.run(line.split(' ')).exits(0);
        began.elapsed().as_micros() * 6 / 5
    });
    world
        .rollout
        .run(["retry", "checkout", "--commit", "--push"])
        .exits(0);
    world
        .rollout
        .run(["advance", "--commit", "--push"])
        .exits(0);
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut wait = |which: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let micros = u128::from(seed >> 33) % longest[which];
        Duration::from_micros(u64::try_from(micros).unwrap())
    };
    let never_more = |world: &World| {
        let [told, targets @ ..] = world.shown();
        assert!(
            targets.iter().all(|shown| *shown <= told),
            "{targets:?} of {told}"
        );
        told
    };
    let commits = || {
        world
            .git("rev-list --count HEAD")
            .trim()
            .parse::<usize>()
            .unwrap()
    };
    let (mut between, mut unpushed) = (0, 0);
    let kills = kills(16);
    for pair in 0..kills.div_ceil(2) {
        let which = pair % 2;
        let push = pushing[which];
        let run = |line: &str| world.rollout.run(format!("{line}{push}").split(' '));
        let remote = || world.git("--git-dir=../remote.git rev-parse main");
        let pushed = || {
            assert!(push.is_empty() || remote() == world.git("rev-parse HEAD"));
        };
        let before = commits();
        let line = "rollback checkout --commit";
        killed_after(&world, &format!("{line}{push}"), wait(which));
        never_more(&world);
        between += usize::from(world.shown()[1] < world.shown()[0]);
        unpushed += usize::from(
            !push.is_empty() && commits() > before && remote() != world.git("rev-parse HEAD"),
        );
        run(line).exits(0);
        world.shows([0.0; 4]);
        assert_eq!(commits(), before + 1);
        pushed();
        run("retry checkout --commit").exits(0);

        let before = commits();
        killed_after(&world, &format!("advance --commit{push}"), wait(which));
        let told = never_more(&world);
        between += usize::from(world.shown()[3] < told);
        // Nobody can be asked about users who are exposed; what is owed to them is done all the same.
        let healed = run("advance --commit");
        assert!(matches!(healed.code, Some(0 | 3)), "{healed}");
        world.shows([5.0; 4]);
        assert_eq!(commits(), before + 1, "{healed}");
        assert_eq!(world.git("status --porcelain --untracked-files=no"), "");
        pushed();
        if push.is_empty() {
            world.git("push --quiet");
        }
    }
    println!(
        "{between} of {kills} runs were killed between plan and targets, {unpushed} after the commit and before the push"
    );
}

//! What persons set by hand: a brake is respected, a raise is told and falls with a rollback.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::world::{FLAGS, MAP, PLAN, SPLIT, World};

#[test]
fn a_release_reaches_its_targets_and_a_rollback_takes_it_back_in_one_commit_each() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.shows([5.0; 4]);
    let files = "show --name-only --format= HEAD";
    let held = world.git(files);
    for file in [PLAN, FLAGS, SPLIT, MAP, "rollouts/.evidence/checkout/"] {
        assert!(held.contains(file), "{file}: {held}");
    }
    assert_eq!(world.git("status --porcelain"), "");
    world.run("sync --check").exits(0);
    world.run("rollback checkout --commit").exits(0);
    world.shows([0.0; 4]);
    assert_eq!(world.git("rev-list --count HEAD").trim(), "3");
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_target_is_replaced_as_a_whole_and_keeps_its_mode() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let world = World::new();
    let path = world.rollout.path().join(MAP);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Large enough that writing it in place would be seen.
    let large = world.rollout.read(FLAGS).trim_end().to_owned() + &" ".repeat(1 << 17);
    world.rollout.write(FLAGS, &large);
    let flags = world.rollout.path().join(FLAGS);
    let over = Arc::new(AtomicBool::new(false));
    let poller = std::thread::spawn({
        let over = Arc::clone(&over);
        move || {
            let mut lengths = BTreeSet::new();
            while !over.load(Ordering::Relaxed) {
                let text = std::fs::read_to_string(&flags).unwrap();
                assert!(text.ends_with(' '), "half of a file was read");
                lengths.insert(text.len());
            }
            lengths
        }
    });
    // Who has the old file open goes on reading the old file, whole.
    let kept = std::fs::File::open(&path).unwrap();
    for (line, shown) in [("advance", 5.0), ("rollback checkout", 0.0)] {
        let before = std::fs::metadata(&path).unwrap().ino();
        world.run(line).exits(0);
        world.shows([shown; 4]);
        let after = std::fs::metadata(&path).unwrap();
        assert_ne!(after.ino(), before, "{line}: written in place");
        assert_eq!(after.mode() & 0o7777, 0o640, "{line}");
    }
    assert_eq!(std::io::read_to_string(kept).unwrap(), "checkout 0\n");
    over.store(true, Ordering::Relaxed);
    // Two digits are more than one, so that each file has a length of its own.
    let now = world.rollout.read(FLAGS).len();
    assert_eq!(
        poller.join().unwrap(),
        BTreeSet::from([large.len(), large.len() - 1, now])
    );
}

#[test]
fn a_brake_holds_advances_until_a_person_lets_go_of_it() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.edit(MAP, "checkout 500", "checkout 0");
    insta::assert_snapshot!("brake_status", world.run("status"));
    insta::assert_snapshot!("brake_sync_check", world.run("sync --check"));
    insta::assert_snapshot!("brake_sync", world.run("sync"));
    world.shows([5.0, 5.0, 5.0, 0.0]);
    // Whatever else is in the way, and with nobody to ask.
    world.run("advance --commit").exits(3);
    world.shows([5.0, 5.0, 5.0, 0.0]);
    insta::assert_snapshot!("brake_released", world.run("sync --force"));
    world.shows([5.0; 4]);
    world.edit(MAP, "checkout 500", "checkout 0");
    insta::assert_snapshot!("brake_resumed", world.run("resume checkout"));
    world.shows([5.0; 4]);
}

#[test]
fn a_brake_before_the_first_user_is_a_raise_of_nobody() {
    let world = World::new();
    world.edit(MAP, "checkout 0", "checkout 100");
    insta::assert_snapshot!(
        "raised_before_the_first_user",
        world.run("advance --commit")
    );
    world.shows([0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn a_raise_by_hand_is_told_and_falls_with_a_rollback() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.edit(MAP, "checkout 500", "checkout 9000");
    insta::assert_snapshot!("raise_sync", world.run("sync --force"));
    world.shows([5.0, 5.0, 5.0, 90.0]);
    world.run("rollback checkout --commit").exits(0);
    world.shows([0.0; 4]);
    // Nobody is exposed by a plan that is rolled back.
    world.edit(MAP, "checkout 0", "checkout 9000");
    insta::assert_snapshot!("raise_after_rollback", world.run("advance --commit"));
    world.shows([0.0; 4]);
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_flag_that_is_switched_off_is_a_brake() {
    let world = World::new();
    world.run("advance --commit").exits(0);
    let off = world.rollout.read(FLAGS);
    let (before, after) = off.split_once("\"checkout\"").unwrap();
    let after = after.replacen("ENABLED", "DISABLED", 1);
    world
        .rollout
        .write(FLAGS, format!("{before}\"checkout\"{after}"));
    insta::assert_snapshot!("switched_off", world.run("sync"));
}

#[test]
fn what_is_lowered_where_nothing_is_committed_is_a_brake_too() {
    let world = World::new();
    world.run("advance").exits(0);
    world.shows([5.0; 4]);
    std::thread::sleep(std::time::Duration::from_millis(20));
    world.edit(MAP, "checkout 500", "checkout 0");
    world.run("sync").exits(3);
    world.shows([5.0, 5.0, 5.0, 0.0]);
}

#[test]
fn a_first_plan_is_written_with_its_target() {
    let rollout = crate::support::Rollout::new();
    rollout
        .run([
            "init",
            "checkout",
            "--target",
            "haproxy=routes/checkout.map",
        ])
        .exits(0);
    let plan = rollout.read(PLAN);
    assert!(
        plan.contains(
            "[[targets]]\nhaproxy = { file = \"../routes/checkout.map\", key = \"checkout\" }"
        ),
        "{plan}"
    );
    rollout.run(["init", "--target", "flag=x"]).exits(2);
}

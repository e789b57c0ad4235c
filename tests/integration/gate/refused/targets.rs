//! Targets that a change adds, points elsewhere, removes, or sets by hand.

use super::world::{CONFIG, PENDING, STATE};
use crate::gate::pull_request::PullRequest;

const TARGET: &str =
    "\n[[targets]]\nhaproxy = { file = \"../routes/sketch.map\", key = \"sketch\" }\n";

/// What the gate says of a change of the plan's text and of the target's.
fn said(before: &str, after: &str, map: &str) -> String {
    let pull = PullRequest::with(&[("config", CONFIG), ("sketch", before)]);
    pull.git("checkout --quiet main");
    pull.change("routes/sketch.map", "sketch 100\n");
    pull.git("checkout --quiet change");
    pull.git("merge --quiet main");
    pull.world.write("routes/sketch.map", map);
    pull.change("rollouts/sketch.toml", &format!("{after}# A change.\n"));
    let said = pull.world.run(["validate", "--base", "main"]);
    let (mistakes, _) = said.stdout.trim_end().rsplit_once("\n\n").unwrap();
    mistakes.to_owned()
}

fn running(targets: &str) -> String {
    format!("{PENDING}{targets}{STATE}")
}

#[test]
fn targets_that_are_added_moved_or_removed_under_way() {
    let ours = "sketch 100\n";
    let elsewhere = TARGET.replace("sketch.map", "other.map");
    insta::assert_snapshot!(said(&running(""), &running(TARGET), ours), @r#"
    error[target-added]: the change adds the target haproxy in ../routes/sketch.map to a rollout that is under way
      --> rollouts/sketch.toml:11:20
       |
    11 | haproxy = { file = "../routes/sketch.map", key = "sketch" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^ the plan exposes 1 %, and nobody has seen users by this one
       |
    help: add it before the first user is exposed, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(said(&running(TARGET), &running(""), ours), @r#"
    error[target-removed]: the change removes the target haproxy in ../routes/sketch.map while the rollout is under way
     --> rollouts/sketch.toml:1:1
      |
    1 | owner = "a"
      | ^ it goes on exposing 1 %, and no rollback lowers it
      |
    help: put it back, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(said(&running(TARGET), &running(&elsewhere), ours), @r#"
    error[target-moved]: the change points a target elsewhere while the rollout is under way; it was haproxy in ../routes/sketch.map
      --> rollouts/sketch.toml:11:20
       |
    11 | haproxy = { file = "../routes/other.map", key = "sketch" }
       |                    ^^^^^^^^^^^^^^^^^^^^^ what was left behind goes on exposing 1 %
       |
    help: let it be as it was, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn targets_that_are_set_by_hand() {
    let plan = running(TARGET);
    insta::assert_snapshot!(said(&plan, &plan, "sketch 9000\n"), @r#"
    error[target-by-hand]: the change raises haproxy in ../routes/sketch.map to 90 % by hand; the plan says 1 %
      --> rollouts/sketch.toml:11:20
       |
    11 | haproxy = { file = "../routes/sketch.map", key = "sketch" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^ users would be exposed without evidence
       |
    help: restore its numbers; `rollout advance` raises them on evidence
    "#);
    insta::assert_snapshot!(said(&plan, &plan, "sketch 0\n"), @r#"
    warning[target-by-hand]: the change lowers haproxy in ../routes/sketch.map to 0 % by hand; the plan says 1 %
      --> rollouts/sketch.toml:11:20
       |
    11 | haproxy = { file = "../routes/sketch.map", key = "sketch" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^ a brake: from the merge on the plan advances no further
    "#);
    let outside = TARGET.replace("../routes", "../../routes");
    insta::assert_snapshot!(said(&plan, &running(&outside), "sketch 100\n"), @r#"
    error[target-moved]: the change points a target elsewhere while the rollout is under way; it was haproxy in ../routes/sketch.map
      --> rollouts/sketch.toml:11:20
       |
    11 | haproxy = { file = "../../routes/sketch.map", key = "sketch" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^^ what was left behind goes on exposing 1 %
       |
    help: let it be as it was, or say why in this change: `reason = "..."` at the top of the plan

    error[target-by-hand]: the change makes haproxy in ../../routes/sketch.map one that cannot be followed: ../routes/sketch.map lies outside the git work tree
      --> rollouts/sketch.toml:11:20
       |
    11 | haproxy = { file = "../../routes/sketch.map", key = "sketch" }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^^ no rollback could be sure to lower it
       |
    help: restore the file, but for what is beside the numbers; after a release remove the plan's `[[targets]]` entry in the same change
    "#);
}

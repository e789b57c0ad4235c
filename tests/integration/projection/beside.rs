//! A flag that gives users the change beside the numbers of the plan.

use super::world::{FLAGS, World};

const SPLIT: &str = r#"{ "fractional": [["on", 500], ["off", 9500]] }"#;

/// The release at 5 %, then another text in place of the flag's targeting, which is committed.
fn with_targeting(targeting: &str) -> World {
    let world = World::new();
    world.run("advance --commit").exits(0);
    world.edit(
        FLAGS,
        r#"{ "fractional": [["on", 5], ["off", 95]] }"#,
        targeting,
    );
    world.git("commit --all --quiet -m flag");
    world
}

#[test]
fn nothing_is_raised_while_everybody_has_the_change_and_a_rollback_says_so() {
    let world = with_targeting(&format!(
        r#"{{ "if": [{{ "==": [{{ "var": "country" }}, "de"] }}, {SPLIT}, "on"] }}"#
    ));
    insta::assert_snapshot!("beside_validate", world.run("validate"));
    insta::assert_snapshot!("beside_gate", world.run("validate --base HEAD~1"));
    insta::assert_snapshot!("beside_sync_check", world.run("sync --check"));
    world.run("advance --commit").exits(3);
    let rollback = world.run("rollback checkout --commit");
    insta::with_settings!({filters => vec![("commit    [0-9a-f]{12}", "commit    [digits]")]}, {
        insta::assert_snapshot!("beside_rollback", rollback);
    });
    let flags = world.rollout.read(FLAGS);
    assert!(flags.contains(r#"["on", 0], ["off", 10000]"#), "{flags}");
    // Every run says so until somebody has taken it out.
    world.run("advance --commit").exits(1);
    world.edit(FLAGS, r#", "on"] }"#, r#", "off"] }"#);
    world.git("commit --all --quiet -m flag");
    world.run("sync --check").exits(0);
}

#[test]
fn a_rule_for_the_staff_is_pointed_out_and_takes_a_reason_under_way() {
    let world = with_targeting(&format!(
        r#"{{ "if": [{{ "in": ["@", {{ "var": "email" }}] }}, "on", {SPLIT}] }}"#
    ));
    world.run("validate").exits(0);
    world.run("sync --check").exits(0);
    insta::assert_snapshot!("beside_gate_rule", world.run("validate --base HEAD~1"));
    let plan = super::world::PLAN;
    let text = world.rollout.read(plan);
    world
        .rollout
        .write(plan, format!("reason = \"the staff has it\"\n{text}"));
    world.git("commit --all --quiet -m reason");
    world.run("validate --base HEAD~2").exits(0);
}

#[test]
fn a_default_that_gives_the_change_is_a_mistake_before_the_first_user() {
    let world = World::new();
    let flags = world.rollout.read(FLAGS);
    let (before, after) = flags.split_once("\"checkout\"").unwrap();
    let after = after.replacen(r#""defaultVariant": "off""#, r#""defaultVariant": "on""#, 1);
    world
        .rollout
        .write(FLAGS, format!("{before}\"checkout\"{after}"));
    world.git("commit --all --quiet -m flag");
    world.run("validate").exits(2);
    world.run("advance --commit").exits(3);
    world.shows([0.0; 4]);
}

//! Stages and ramps that are faster or easier.

use super::world::{PENDING, pointed_out, refused};

#[test]
fn stages_that_are_shorter_or_easier() {
    insta::assert_snapshot!(refused("checkout", &[("exposure = 10\n", "exposure = 20\n")]), @r#"
    error[raised-stage]: the change raises stage 2 to 20 %; it was 10 %
      --> rollouts/checkout.toml:13:12
       |
    13 | exposure = 20
       |            ^^
       |
    help: write `exposure = 10`, and the new exposure as a stage after it, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("[[stages]]\nexposure = 10\nmin_duration = \"24h\"\n", "")]), @r#"
    error[removed-stage]: the change removes a stage at 10 %
      --> rollouts/checkout.toml:14:12
       |
    14 | exposure = 100
       |            ^^^ exposure would go from 1 % to 100 % at once
       |
    help: put the stage with `exposure = 10` back, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("[[stages]]\nexposure = 100\n", "")]), @r#"
    error[removed-stage]: the change removes a stage at 100 %
      --> rollouts/checkout.toml:12:1
       |
    12 | [[stages]]
       | ^^^^^^^^^^ the rollout would end at 10 %
       |
    help: put the stage with `exposure = 100` back, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("24h", "1h")]), @r#"
    error[shortened-duration]: the change shortens the stage at 1 % to 1h; it was 24h
     --> rollouts/checkout.toml:8:16
      |
    8 | min_duration = "1h"
      |                ^^^^
      |
    help: write `min_duration = "24h"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("approval = true\n", "")]), @r#"
    error[removed-approval]: the change lets the stage at 1 % be left without approval
     --> rollouts/checkout.toml:6:1
      |
    6 | [[stages]]
      | ^^^^^^^^^^
      |
    help: write `approval = true`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("\"5x\"", "\"9x\"")]), @r#"
    error[weakened-rule-out]: the change rules out less harm before the stage at 1 % is left
     --> rollouts/checkout.toml:9:12
      |
    9 | rule_out = "9x"
      |            ^^^^ a larger harm to `errors` could pass
      |
    help: write `rule_out = "5x"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("wallet >= 50", "wallet >= 1")]), @r#"
    error[weakened-after]: the change waits no more until `wallet` is at 50 %
     --> rollouts/checkout.toml:3:9
      |
    3 | after = ["wallet >= 1"]
      |         ^^^^^^^^^^^^^^^
      |
    help: write `"wallet >= 50"` in `after`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn ramps_that_are_faster_or_replaced() {
    insta::assert_snapshot!(refused("search", &[("\"7d\"", "\"1d\"")]), @r#"
    error[faster-ramp]: the change makes the ramp faster: `over` was "7d"
     --> rollouts/search.toml:6:8
      |
    6 | over = "1d"
      |        ^^^^
      |
    help: write `over` as it was, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("search", &[("[ramp]\nfrom = 1\nto = 100\nover = \"7d\"\n", "[[stages]]\nexposure = 1\n")]), @r#"
    error[changed-course]: the change replaces a ramp with stages while the rollout is under way
     --> rollouts/search.toml:3:1
      |
    3 | [[stages]]
      | ^^^^^^^^^^
      |
    help: let this rollout finish first, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn drafts_that_become_plans_or_the_other_way_round_are_pointed_out() {
    let draft = format!("draft = \"adapt the metrics\"\n{PENDING}");
    insta::assert_snapshot!(pointed_out(&draft, PENDING), @r#"
    warning[draft-removed]: the change removes `draft`: "adapt the metrics"
     --> rollouts/sketch.toml:1:1
      |
    1 | owner = "a"
      | ^ from the merge on the plan advances by itself

    1 plan: 1 warning
    "#);
    insta::assert_snapshot!(pointed_out(PENDING, &draft), @r#"
    warning[draft-added]: the change makes the plan a draft: "adapt the metrics"
     --> rollouts/sketch.toml:1:9
      |
    1 | draft = "adapt the metrics"
      |         ^^^^^^^^^^^^^^^^^^^ from the merge on nobody more is exposed

    1 plan: 1 warning; sketch is a draft, held until its line `draft = ...` is removed
    "#);
}

//! The merge gate on stages and ramps: each way to make the way to all users shorter, as it is shown.

use super::support::shown_change;
use crate::plan::tests::support::{PLAN, plan_with};

#[test]
fn a_shortened_duration() {
    let text = plan_with(r#"min_duration = "48h""#, r#"min_duration = "1h""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[shortened-duration]: the change shortens the stage at 50 % to 1h; it was 48h
      --> checkout.toml:19:16
       |
    19 | min_duration = "1h"
       |                ^^^^
       |
    help: write `min_duration = "48h"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_weakened_rule_out() {
    let text = plan_with(r#"rule_out = "2x""#, r#"rule_out = "4x""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[weakened-rule-out]: the change rules out less harm before the stage at 10 % is left
      --> checkout.toml:15:12
       |
    15 | rule_out = "4x"
       |            ^^^^ a larger harm to `checkout-errors` could pass
       |
    help: write `rule_out = "2x"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_rule_out_of_nothing() {
    let text = plan_with(r#"rule_out = "5x""#, r#"rule_out = "nothing""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[weakened-rule-out]: the change rules out less harm before the stage at 1 % is left
      --> checkout.toml:10:12
       |
    10 | rule_out = "nothing"
       |            ^^^^^^^^^ a larger harm to `checkout-errors` could pass
       |
    help: write `rule_out = "5x"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_removed_approval() {
    let text = plan_with(
        r#"approval = true
"#,
        "",
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[removed-approval]: the change lets the stage at 50 % be left without approval
      --> checkout.toml:17:1
       |
    17 | [[stages]]
       | ^^^^^^^^^^
       |
    help: write `approval = true`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_removed_stage() {
    let text = plan_with(
        r#"[[stages]]
exposure = 10
min_duration = "24h"
rule_out = "2x"

"#,
        "",
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[removed-stage]: the change removes a stage at 10 %
      --> checkout.toml:13:12
       |
    13 | exposure = 50
       |            ^^ exposure would go from 1 % to 50 % at once
       |
    help: put the stage with `exposure = 10` back, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_raised_stage() {
    let text = plan_with(
        r#"exposure = 10
"#,
        r#"exposure = 40
"#,
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[raised-stage]: the change raises stage 2 to 40 %; it was 10 %
      --> checkout.toml:13:12
       |
    13 | exposure = 40
       |            ^^
       |
    help: write `exposure = 10`, and the new exposure as a stage after it, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_plan_that_waits_no_more() {
    let text = plan_with(
        r#"after   = ["payments-v2 >= 50"]"#,
        r#"after   = ["payments-v2 >= 5"]"#,
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[weakened-after]: the change waits no more until `payments-v2` is at 50 %
     --> checkout.toml:4:11
      |
    4 | after   = ["payments-v2 >= 5"]
      |           ^^^^^^^^^^^^^^^^^^^^
      |
    help: write `"payments-v2 >= 50"` in `after`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

/// The plan of the documentation as a ramp.
fn ramp(keys: &str) -> String {
    let (head, tail) = PLAN.split_once("[[stages]]").unwrap();
    let (_, tail) = tail.split_once("[[guardrails]]").unwrap();
    format!("{head}[ramp]\n{keys}\n[[guardrails]]{tail}")
}

#[test]
fn a_faster_ramp() {
    let before = ramp("from = 1\nto = 50\nover = \"7d\"\nevery = \"2h\"");
    let after = ramp(
        "from = 1\nto = 100\nover = \"3d\"\nevery = \"1h\"\ncurve = \"linear\"\npace = \"adaptive\"\nrisk_budget = 500",
    );
    insta::assert_snapshot!(shown_change(&before, &after, false), @r#"
    error[faster-ramp]: the change makes the ramp faster: `to` was 50
     --> checkout.toml:8:6
      |
    8 | to = 100
      |      ^^^
      |
    help: write `to` as it was, or say why in this change: `reason = "..."` at the top of the plan

    error[faster-ramp]: the change makes the ramp faster: `over` was "7d"
     --> checkout.toml:9:8
      |
    9 | over = "3d"
      |        ^^^^
      |
    help: write `over` as it was, or say why in this change: `reason = "..."` at the top of the plan

    error[faster-ramp]: the change makes the ramp faster: `every` was "2h"
      --> checkout.toml:10:9
       |
    10 | every = "1h"
       |         ^^^^
       |
    help: write `every` as it was, or say why in this change: `reason = "..."` at the top of the plan

    error[faster-ramp]: the change makes the ramp faster: `curve` was "geometric"
      --> checkout.toml:11:9
       |
    11 | curve = "linear"
       |         ^^^^^^^^
       |
    help: write `curve` as it was, or say why in this change: `reason = "..."` at the top of the plan

    error[faster-ramp]: the change makes the ramp faster: `pace` was "fixed"
      --> checkout.toml:12:8
       |
    12 | pace = "adaptive"
       |        ^^^^^^^^^^
       |
    help: write `pace` as it was, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_riskier_pace() {
    let keys = "from = 1\nto = 50\nover = \"7d\"\n";
    let adaptive = |budget: u32| {
        let pace = format!("pace = \"adaptive\"\nrisk_budget = {budget}");
        ramp(&format!("{keys}{pace}"))
    };
    let fixed = ramp(keys);
    for (before, after, was) in [
        (adaptive(500), adaptive(5_000), "with a budget of 500"),
        (adaptive(500), fixed.clone(), "with a budget of 500"),
        (fixed, adaptive(500), "`pace` was \"fixed\""),
    ] {
        let shown = shown_change(&before, &after, false);
        assert!(shown.contains("error[faster-ramp]"), "{shown}");
        assert!(shown.contains(was), "{shown}");
    }
    let careful = shown_change(&adaptive(500), &adaptive(50), false);
    assert!(!careful.contains("faster-ramp"), "{careful}");
}

#[test]
fn a_ramp_in_place_of_stages() {
    let after = ramp("from = 1\nto = 100\nover = \"7d\"");
    insta::assert_snapshot!(shown_change(PLAN, &after, false), @r#"
    error[changed-course]: the change replaces stages with a ramp while the rollout is under way
     --> checkout.toml:6:1
      |
    6 | [ramp]
      | ^^^^^^
      |
    help: let this rollout finish first, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn what_is_behind_or_grows_stricter_is_nobodys_trouble() {
    let state = ("stage = 1\nexposure = 1.0", "stage = 2\nexposure = 10.0");
    let before = plan_with(state.0, state.1);
    let after = before
        .replace(
            "min_duration = \"24h\"\nmax_duration = \"5d\"",
            "min_duration = \"1h\"",
        )
        .replace("min_duration = \"48h\"", "min_duration = \"72h\"")
        .replace("on_breach = \"pause\"", "on_breach = \"rollback\"")
        .replace("owner   = \"payments\"", "owner = \"checkout\"");
    assert_ne!(before, after);
    assert_eq!(shown_change(&before, &after, false), "");
}

#[test]
fn a_later_stage_for_fewer_users_is_nobodys_trouble() {
    let text = plan_with("exposure = 10\n", "exposure = 5\n");
    assert_eq!(shown_change(PLAN, &text, false), "");
}

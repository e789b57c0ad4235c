//! The merge gate on the declared part: each way to weaken a rollout under way, as it is shown.

use super::support::shown_change;
use crate::plan::tests::support::{PLAN, edited, plan_of, plan_with, value};
use crate::plan::{Severity, render_mistakes};
use crate::review::{BySettings, Revised, compare, compare_deleted};

#[test]
fn a_widened_margin() {
    let text = plan_with(r#"margin = "10%""#, r#"margin = "20%""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[widened-margin]: the change widens the margin of `checkout-errors`; it was 10 %
      --> checkout.toml:29:10
       |
    29 | margin = "20%"
       |          ^^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_lowered_margin() {
    let text = plan_with(r#"margin = "10%""#, r#"margin = "5%""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[lowered-margin]: the change lowers the margin of `checkout-errors`; it was 10 %
      --> checkout.toml:29:10
       |
    29 | margin = "5%"
       |          ^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_margin_on_another_scale() {
    let text = plan_with(r#"margin = "10%""#, r#"margin = "0.2pp""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[changed-margin]: the change puts another scale under the margin of `checkout-errors`; it was 10 %
      --> checkout.toml:29:10
       |
    29 | margin = "0.2pp"
       |          ^^^^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_weakened_on_breach() {
    let text = plan_with(r#"on_breach = "rollback""#, r#"on_breach = "warn""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[weakened-on-breach]: a breach of `checkout-errors` would mean `warn`; it was `rollback`
      --> checkout.toml:31:13
       |
    31 | on_breach = "warn"
       |             ^^^^^^
       |
    help: write `on_breach = "rollback"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_removed_limit() {
    let text = plan_with(
        r#"limit  = "2%"
"#,
        "",
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[removed-limit]: the change removes the limit of `checkout-errors`; it was 2 %
      --> checkout.toml:27:1
       |
    27 | [[guardrails]]
       | ^^^^^^^^^^^^^^ no limit here any more
       |
    help: write `limit = "2%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_loosened_limit() {
    let text = plan_with(r#"limit  = "2%""#, r#"limit  = "4%""#);
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[weakened-limit]: the change loosens the limit of `checkout-errors` to 4 %; it was 2 %
      --> checkout.toml:30:10
       |
    30 | limit  = "4%"
       |          ^^^^
       |
    help: write `limit = "2%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_removed_guardrail() {
    let before = plan_with("surface = \"checkout\"\n", "");
    let text = edited(
        &before,
        r#"
[[guardrails]]
metric = "checkout-errors"
margin = "10%"
limit  = "2%"
on_breach = "rollback"
on_no_data = "hold"
"#,
        "",
    );
    insta::assert_snapshot!(shown_change(&before, &text, false), @r#"
    error[removed-guardrail]: the change removes the guardrail `checkout-errors`
      --> checkout.toml:26:1
       |
    26 | [[guardrails]]
       | ^^^^^^^^^^^^^^ not among these any more
       |
    help: put it back, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_renamed_guardrail() {
    let text = plan_with(
        r#"metric = "checkout-errors""#,
        r#"metric = "checkout-errors"
name = "errors-of-checkout""#,
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[renamed-guardrail]: the change renames the guardrail `checkout-errors` to `errors-of-checkout`
      --> checkout.toml:29:8
       |
    29 | name = "errors-of-checkout"
       |        ^^^^^^^^^^^^^^^^^^^^ the evidence so far is kept under the old name
       |
    help: write `name = "checkout-errors"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_guardrail_that_becomes_a_success_metric() {
    let before = plan_with("surface = \"checkout\"\n", "");
    let text = edited(
        &before,
        r#"margin = "10%"
limit  = "2%"
on_breach = "rollback"
"#,
        r#"role = "success"
"#,
    );
    insta::assert_snapshot!(shown_change(&before, &text, false), @r#"
    error[weakened-role]: the change makes the guardrail `checkout-errors` a success metric
      --> checkout.toml:28:8
       |
    28 | role = "success"
       |        ^^^^^^^^^ it would stop nothing any more
       |
    help: write `role = "guardrail"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_changed_query() {
    let text = plan_with(
        r#"seconds_bucket{app="checkout"}"#,
        r#"seconds_bucket{app="cart"}"#,
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[changed-metric]: the change measures something else for `checkout-latency` while the rollout is under way
      --> checkout.toml:39:11
       |
    39 | latency = { histogram = 'http_request_duration_seconds_bucket{app="cart"}', quantile = 0.99 }
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its evidence would start again
       |
    help: write `histogram = 'http_request_duration_seconds_bucket{app="checkout"}'`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_changed_quantile() {
    let text = plan_with("quantile = 0.99", "quantile = 0.5");
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[changed-metric]: the change measures something else for `checkout-latency` while the rollout is under way
      --> checkout.toml:39:11
       |
    39 | ... = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.5 }
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its evidence would start again
       |
    help: write `quantile = 0.99`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_removed_assignment() {
    let text = plan_with(
        r#"[assignment]
users = 'assignments_total{flag="one-page-checkout"}'
"#,
        "",
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[assignment-changed]: the change counts users differently or not at all; it was `assignments_total{flag="one-page-checkout"}`
     --> checkout.toml:1:1
      |
    1 | description = "One-page checkout"
      | ^ whether the arms are what they should be starts again
      |
    help: write `users = 'assignments_total{flag="one-page-checkout"}'`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn less_caution_without_data() {
    let before = plan_with("on_no_data = \"hold\"", "on_no_data = \"rollback\"");
    insta::assert_snapshot!(shown_change(&before, PLAN, false), @r#"
    error[weakened-on-no-data]: missing evidence of `checkout-errors` would mean `hold`; it was `rollback`
      --> checkout.toml:32:14
       |
    32 | on_no_data = "hold"
       |              ^^^^^^
       |
    help: write `on_no_data = "rollback"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn longer_blindness() {
    let before = plan_with("on_no_data = \"hold\"", "on_no_data = \"rollback\"");
    let after = plan_with(
        "on_no_data = \"hold\"",
        "on_no_data = \"rollback\"\nno_data_timeout = \"3h\"",
    );
    insta::assert_snapshot!(shown_change(&before, &after, false), @r#"
    error[weakened-on-no-data]: `checkout-errors` may be blind for 3h before it is rolled back; it was 30m
      --> checkout.toml:33:19
       |
    33 | no_data_timeout = "3h"
       |                   ^^^^
       |
    help: write `no_data_timeout = "30m"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn success_that_is_not_required_any_more() {
    let success = "[[guardrails]]\nname = \"orders\"\ncategory = \"business\"\nrole = \"success\"\nratio = { events = 'orders_total', total = 'visits_total', worse = \"lower\" }\n\n[assignment]";
    let after = plan_with("[assignment]", success);
    let before = format!("require_success = true\n{after}");
    insta::assert_snapshot!(shown_change(&before, &after, false), @r#"
    error[success-not-required]: the change advances without success, which was required
     --> checkout.toml:1:1
      |
    1 | description = "One-page checkout"
      | ^
      |
    help: write `require_success = true`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

#[test]
fn a_deleted_plan_with_users() {
    let plan = value(PLAN, plan_of(PLAN));
    let mistake = compare_deleted(&plan, PLAN).unwrap();
    insta::assert_snapshot!(render_mistakes("checkout.toml", PLAN, &[mistake], false, 100), @r"
    error[deleted-plan]: the change deletes `checkout-redesign`, which exposes 1 % of users
      --> checkout.toml:48:12
       |
    48 | exposure = 1.0
       |            ^^^ nobody would watch over these users any more
       |
    help: let it finish, or take it back first: `rollout rollback checkout-redesign`; then delete it
    ");
}

#[test]
fn a_plan_without_users_may_be_deleted_and_changed_at_will() {
    let pending = PLAN[..PLAN.find("# Written").unwrap()].to_owned();
    let plan = value(&pending, plan_of(&pending));
    assert_eq!(compare_deleted(&plan, &pending), None);
    let after = pending.replace("margin = \"10%\"", "margin = \"90%\"");
    assert_eq!(shown_change(&pending, &after, false), "");
}

#[test]
fn a_new_reason_turns_refusals_into_warnings_that_repeat_it() {
    let text = plan_with("margin = \"10%\"", "margin = \"20%\"");
    let text = format!("reason = \"agreed with Ann, incident 4711\"\n{text}");
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    warning[widened-margin]: the change widens the margin of `checkout-errors`; it was 10 % (reason given: agreed with Ann, incident 4711)
      --> checkout.toml:30:10
       |
     1 | reason = "agreed with Ann, incident 4711"
       |          -------------------------------- the reason given
    ...
    30 | margin = "20%"
       |          ^^^^^ its evidence would start again
    "#);
}

#[test]
fn what_only_looks_different_is_no_change() {
    let text = PLAN
        .replace("margin = \"25%\"", "margin = \"25.0%\" # generous")
        .replace("min_duration = \"48h\"", "min_duration = \"2d\"");
    assert_ne!(text, PLAN);
    assert_eq!(shown_change(PLAN, &text, false), "");
}

#[test]
fn an_old_reason_excuses_nothing() {
    let before = format!("reason = \"an older change\"\n{PLAN}");
    let after = before.replace("margin = \"10%\"", "margin = \"20%\"");
    let old = value(&before, plan_of(&before));
    let new = value(&after, plan_of(&after));
    let mistakes = compare(&Revised {
        before: Some(&old),
        after: &new,
        text: &after,
        state_backed: false,
        by_settings: BySettings::No,
    });
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].severity, Severity::Error);
}

//! Every mistake a person can make in the plan's own keys, stages and state, as it is shown.

use super::support::{plan_of, plan_with, shown_plan};

#[test]
fn an_unknown_key_suggests_the_near_one() {
    let text = plan_with(r#"owner   = "payments""#, r#"ownr   = "payments""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[unknown-key]: `ownr` is not a key of the plan
     --> checkout.toml:2:1
      |
    2 | ownr   = "payments"
      | ^^^^ unknown key
      |
    help: write `owner`
    "#);
}

#[test]
fn both_stages_and_ramp() {
    let text = plan_with(
        r#"[assignment]
"#,
        r#"[ramp]
from = 1
to = 100
over = "7d"

[assignment]
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[stages-and-ramp]: the plan has both stages and a ramp
      --> checkout.toml:41:2
       |
     6 | [[stages]]
       |   ------ the stages
    ...
    41 | [ramp]
       |  ^^^^ the ramp
       |
    help: remove one of the two
    ");
}

#[test]
fn after_without_exposure() {
    let text = plan_with(r#""payments-v2 >= 50""#, r#""payments-v2""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-after]: `payments-v2` does not say how far which plan must be
     --> checkout.toml:4:12
      |
    4 | after   = ["payments-v2"]
      |            ^^^^^^^^^^^^^ expected a plan, `>=`, and an exposure
      |
    help: write `"payments-v2 >= 100"`
    "#);
}

#[test]
fn after_itself() {
    let text = plan_with(r#""payments-v2 >= 50""#, r#""checkout-redesign >= 50""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[after-itself]: the plan waits for itself
     --> checkout.toml:4:12
      |
    4 | after   = ["checkout-redesign >= 50"]
      |            ^^^^^^^^^^^^^^^^^^^^^^^^^
      |
    help: remove it, or name another plan of this directory
    "#);
}

#[test]
fn an_unknown_surface() {
    let text = plan_with(r#"surface = "checkout""#, r#"surface = "chekout""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[unknown-surface]: config.toml has no surface `chekout`
     --> checkout.toml:3:11
      |
    3 | surface = "chekout"
      |           ^^^^^^^^^ unknown surface
      |
    help: write `surface = "checkout"`
    "#);
}

#[test]
fn a_guardrail_required_by_the_surface_is_missing() {
    let text = plan_with(r#"name = "checkout-latency""#, r#"name = "checkout-speed""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[required-guardrail]: surface `checkout` requires the guardrail `checkout-latency`, which the plan does not have
      --> checkout.toml:3:11
       |
     3 | surface = "checkout"
       |           ^^^^^^^^^^ required by this surface
    ...
    27 | [[guardrails]]
       |   ---------- not among these
       |
    help: add a guardrail with `name = "checkout-latency"`
    "#);
}

#[test]
fn success_required_without_a_success_metric() {
    let text = plan_with(r#"owner   = "payments""#, "require_success = true");
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[no-success-metric]: the plan requires success but has no success metric
     --> checkout.toml:2:19
      |
    2 | require_success = true
      |                   ^^^^
      |
    help: write `role = "success"` in the guardrail that should get better, or remove `require_success`
    "#);
}

#[test]
fn an_assignment_without_users() {
    let text = plan_with(
        r#"users = 'assignments_total{flag="one-page-checkout"}'
"#,
        "",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[missing-key]: the assignment has no `users`
      --> checkout.toml:41:1
       |
    41 | [assignment]
       | ^^^^^^^^^^^^ `users` is missing
       |
    help: write the counter of users at their first exposure: `users = 'assignments_total{flag="checkout"}'`
    "#);
}

#[test]
fn a_state_beyond_the_stages() {
    let text = plan_with(
        r#"stage = 1
"#,
        r#"stage = 7
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[state-beyond-stages]: the state is in stage 7, but the plan has 4
      --> checkout.toml:47:9
       |
    47 | stage = 7
       |         ^ no such stage
       |
    help: put the removed stages back, or restore the `[state]` that rollout wrote: `git restore FILE`; change it with commands only
    ");
}

#[test]
fn a_state_with_another_exposure() {
    let text = plan_with("exposure = 1.0", "exposure = 10.0");
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[state-exposure]: the state's exposure of 10 % is not the 1 % of stage 1 (progressing)
      --> checkout.toml:48:12
       |
     7 | exposure = 1
       |            - the stage's exposure
    ...
    48 | exposure = 10.0
       |            ^^^^ expected 1
       |
    help: if the stage was changed, write `exposure = 10` there again and add a stage after it; if the state was, restore the `[state]` that rollout wrote: `git restore FILE`; change it with commands only
    ");
}

#[test]
fn a_rolled_back_state_with_users() {
    let text = plan_with(r#"status = "progressing""#, r#"status = "rolled_back""#);
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[state-exposure]: the state's exposure of 1 % is not the 0 % of stage 1 (rolled_back)
      --> checkout.toml:48:12
       |
    48 | exposure = 1.0
       |            ^^^ expected 0
       |
    help: restore the `[state]` that rollout wrote: `git restore FILE`; change it with commands only
    ");
}

#[test]
fn a_state_complete_too_early() {
    let text = plan_with(r#"status = "progressing""#, r#"status = "complete""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[state-not-complete]: the state is complete in stage 1 of 4
      --> checkout.toml:46:10
       |
    46 | status = "complete"
       |          ^^^^^^^^^^ not the last stage
       |
    help: a new rollout is a new plan; otherwise restore the `[state]` that rollout wrote: `git restore FILE`; change it with commands only
    "#);
}

/// A ramp with one guardrail.
fn adaptive(guardrail: &str) -> String {
    format!(
        "[ramp]\nfrom = 1\nto = 100\nover = \"7d\"\npace = \"adaptive\"\nrisk_budget = 500\n\n[[guardrails]]\nname = \"one\"\ncategory = \"business\"\n{guardrail}\n"
    )
}

#[test]
fn a_risk_budget_with_nothing_to_count() {
    let text =
        adaptive("margin = \"5%\"\nmean = { sum = 'a_sum', count = 'a_count', worse = \"lower\" }");
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[nothing-to-count]: no guardrail counts bad events: the risk budget could be held against nothing
     --> checkout.toml:5:8
      |
    5 | pace = "adaptive"
      |        ^^^^^^^^^^ would hold for good
    ...
    9 | name = "one"
      |        ----- has nothing to count, or only warns
      |
    help: add a guardrail with `ratio`, `rate`, or `latency` and a margin on the share of slow requests, that does not only warn; or write `pace = "fixed"` and remove `risk_budget`
    "#);
}

#[test]
fn a_risk_budget_counts_errors_and_slow_requests() {
    for guardrail in [
        "margin = \"5%\"\nratio = { events = 'a', total = 'b', worse = \"higher\" }",
        "margin = \"5%\"\nlatency = { histogram = 'a_bucket', quantile = 0.99 }",
    ] {
        assert!(plan_of(&adaptive(guardrail)).value.is_some(), "{guardrail}");
    }
    let warns = "margin = \"5%\"\non_breach = \"warn\"\nratio = { events = 'a', total = 'b', worse = \"higher\" }";
    assert!(shown_plan(&adaptive(warns)).contains("nothing-to-count"));
}

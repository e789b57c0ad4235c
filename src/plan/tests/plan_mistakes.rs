//! Every mistake a person can make in the plan's own keys, stages and state, as it is shown.

use super::support::{plan_with, shown_plan};

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
fn an_unknown_key_of_a_stage_suggests_the_near_one() {
    let text = plan_with("approval = true", "aproval = true");
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[unknown-key]: `aproval` is not a key of stage 3
      --> checkout.toml:21:1
       |
    21 | aproval = true
       | ^^^^^^^ unknown key
       |
    help: write `approval`
    ");
}

#[test]
fn a_key_unlike_any_other_lists_what_there_is() {
    let text = plan_with("approval = true", r#"colour = "red""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[unknown-key]: `colour` is not a key of stage 3
      --> checkout.toml:21:1
       |
    21 | colour = "red"
       | ^^^^^^ unknown key
       |
    help: remove it; stage 3 has `exposure`, `min_duration`, `max_duration`, `rule_out` and `approval`
    "#);
}

#[test]
fn exposure_above_a_hundred() {
    let text = plan_with(
        r#"exposure = 100
"#,
        r#"exposure = 120
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[exposure-out-of-range]: exposure 120 is not between 0 and 100 percent
      --> checkout.toml:24:12
       |
    24 | exposure = 120
       |            ^^^
       |
    help: write a percentage such as `exposure = 5`
    ");
}

#[test]
fn exposure_of_nobody() {
    let text = plan_with(
        r#"exposure = 1
"#,
        r#"exposure = 0
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[exposure-out-of-range]: `exposure` of stage 1 exposes nobody
     --> checkout.toml:7:12
      |
    7 | exposure = 0
      |            ^ must be above 0
      |
    help: write at least `exposure = 0.01`; a plan without `[state]` exposes nobody yet
    ");
}

#[test]
fn exposure_with_three_decimals() {
    let text = plan_with(
        r#"exposure = 10
"#,
        r#"exposure = 10.125
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[exposure-out-of-range]: exposure 10.125 has more than two decimals
      --> checkout.toml:13:12
       |
    13 | exposure = 10.125
       |            ^^^^^^
       |
    help: write `10.13`
    ");
}

#[test]
fn exposure_as_text() {
    let text = plan_with(
        r#"exposure = 10
"#,
        r#"exposure = "10%"
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[wrong-type]: `exposure` must be a finite number, not text
      --> checkout.toml:13:12
       |
    13 | exposure = "10%"
       |            ^^^^^ expected a finite number
       |
    help: write `exposure = 10`
    "#);
}

#[test]
fn exposure_that_does_not_grow() {
    let text = plan_with(
        r#"exposure = 50
"#,
        r#"exposure = 10
"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[exposure-not-increasing]: stage 3 does not expose more users than stage 2
      --> checkout.toml:18:12
       |
    13 | exposure = 10
       |            -- stage 2
    ...
    18 | exposure = 10
       |            ^^ not above 10 %
       |
    help: let the exposure grow from stage to stage
    ");
}

#[test]
fn a_stage_without_exposure() {
    let text = plan_with(
        r#"exposure = 10
"#,
        "",
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[missing-key]: stage 2 has no `exposure`
      --> checkout.toml:12:1
       |
    12 | [[stages]]
       | ^^^^^^^^^^ `exposure` is missing
       |
    help: write the percentage of users who see the change: `exposure = 5`
    ");
}

#[test]
fn a_duration_without_unit() {
    let text = plan_with(r#"min_duration = "48h""#, r#"min_duration = "48""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-duration]: the duration `48` has no unit
      --> checkout.toml:19:16
       |
    19 | min_duration = "48"
       |                ^^^^
       |
    help: write a number and a unit, such as "30m", "24h" or "5d"
    "#);
}

#[test]
fn a_duration_as_number() {
    let text = plan_with(r#"min_duration = "48h""#, "min_duration = 48");
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[wrong-type]: `min_duration` must be a duration in quotes, not a number
      --> checkout.toml:19:16
       |
    19 | min_duration = 48
       |                ^^ expected a duration in quotes
       |
    help: write `min_duration = "24h"`
    "#);
}

#[test]
fn a_stage_that_ends_before_it_can_be_left() {
    let text = plan_with(r#"max_duration = "5d""#, r#"max_duration = "12h""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[max-before-min]: stage 1 ends before it can be left
     --> checkout.toml:9:16
      |
    8 | min_duration = "24h"
      |                ----- the least duration
    9 | max_duration = "12h"
      |                ^^^^^ not above 24h
      |
    help: write a `max_duration` above `min_duration`, or remove it
    "#);
}

#[test]
fn rule_out_as_number() {
    let text = plan_with(r#"rule_out = "2x""#, "rule_out = 2");
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[wrong-type]: `rule_out` of stage 2 must be a size in quotes or a table by guardrail, not a number
      --> checkout.toml:15:12
       |
    15 | rule_out = 2
       |            ^ expected a size in quotes or a table by guardrail
       |
    help: write `rule_out = "2x"`
    "#);
}

#[test]
fn rule_out_absolute_for_all() {
    let text = plan_with(r#"rule_out = "2x""#, r#"rule_out = "0.2pp""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[size-does-not-fit]: `rule_out` of stage 2 speaks of ratios for every guardrail
      --> checkout.toml:15:12
       |
    15 | rule_out = "0.2pp"
       |            ^^^^^^^ an absolute size
       |
    help: name the guardrail: `rule_out = { NAME = "0.2pp" }`, or write `"2x"`
    "#);
}

#[test]
fn rule_out_misspelt() {
    let text = plan_with(r#"rule_out = "margin""#, r#"rule_out = "margins""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-size]: `margins` is not a size of harm
      --> checkout.toml:20:12
       |
    20 | rule_out = "margins"
       |            ^^^^^^^^^
       |
    help: write `rule_out = "margin"`
    "#);
}

#[test]
fn rule_out_of_an_unknown_guardrail() {
    let text = plan_with(
        r#"rule_out = "2x""#,
        r#"rule_out = { checkout-eror = "5x" }"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[unknown-guardrail]: the plan has no guardrail `checkout-eror`
      --> checkout.toml:15:14
       |
    15 | rule_out = { checkout-eror = "5x" }
       |              ^^^^^^^^^^^^^ unknown guardrail
       |
    help: write `checkout-errors`
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

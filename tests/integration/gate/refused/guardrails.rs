//! Guardrails that are gone, or guard less.

use super::world::{CHECKOUT, refused};

#[test]
fn guardrails_that_are_gone_or_guard_less() {
    let orders = CHECKOUT
        .split_once("[[guardrails]]\nname = \"orders\"")
        .unwrap()
        .1;
    let orders = orders.split_once("\n[assignment]").unwrap().0;
    let orders = format!("[[guardrails]]\nname = \"orders\"{orders}\n");
    insta::assert_snapshot!(refused("checkout", &[(&orders, ""), ("require_success = true\n", "")]), @r#"
    error[success-not-required]: the change advances without success, which was required
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^
      |
    help: write `require_success = true`, or say why in this change: `reason = "..."` at the top of the plan

    error[removed-guardrail]: the change removes the success metric `orders`
      --> rollouts/checkout.toml:25:1
       |
    25 | [[guardrails]]
       | ^^^^^^^^^^^^^^ not among these any more
       |
    help: put it back, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("require_success = true\n", "")]), @r#"
    error[success-not-required]: the change advances without success, which was required
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^
      |
    help: write `require_success = true`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("\"latency\"", "\"slowness\""), ("surface = \"checkout\"\n", "")]), @r#"
    error[left-surface]: the change takes the rollout from the surface `checkout`
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^ what the surface requires would not hold any more
      |
    help: write `surface = "checkout"`, or say why in this change: `reason = "..."` at the top of the plan

    error[renamed-guardrail]: the change renames the guardrail `latency` to `slowness`
      --> rollouts/checkout.toml:26:8
       |
    26 | name = "slowness"
       |        ^^^^^^^^^^ the evidence so far is kept under the old name
       |
    help: write `name = "latency"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("margin = \"25%\"\n", "role = \"success\"\n"), ("surface = \"checkout\"\n", "")]), @r#"
    error[left-surface]: the change takes the rollout from the surface `checkout`
     --> rollouts/checkout.toml:1:1
      |
    1 | owner = "payments"
      | ^ what the surface requires would not hold any more
      |
    help: write `surface = "checkout"`, or say why in this change: `reason = "..."` at the top of the plan

    error[weakened-role]: the change makes the guardrail `latency` a success metric
      --> rollouts/checkout.toml:28:8
       |
    28 | role = "success"
       |        ^^^^^^^^^ it would stop nothing any more
       |
    help: write `role = "guardrail"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("limit =", "on_breach = \"warn\"\nlimit =")]), @r#"
    error[weakened-on-breach]: a breach of `errors` would mean `warn`; it was `rollback`
      --> rollouts/checkout.toml:22:13
       |
    22 | on_breach = "warn"
       |             ^^^^^^
       |
    help: write `on_breach = "rollback"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("0.99", "0.5")]), @r#"
    error[changed-metric]: the change measures something else for `latency` while the rollout is under way
      --> rollouts/checkout.toml:30:11
       |
    30 | latency = { histogram = 'seconds_bucket', quantile = 0.5 }
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its evidence would start again
       |
    help: write `quantile = 0.99`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("10%", "20%")]), @r#"
    error[widened-margin]: the change widens the margin of `errors`; it was 10 %
      --> rollouts/checkout.toml:21:10
       |
    21 | margin = "20%"
       |          ^^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("10%", "5%")]), @r#"
    error[lowered-margin]: the change lowers the margin of `errors`; it was 10 %
      --> rollouts/checkout.toml:21:10
       |
    21 | margin = "5%"
       |          ^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("10%", "0.2pp")]), @r#"
    error[changed-margin]: the change puts another scale under the margin of `errors`; it was 10 %
      --> rollouts/checkout.toml:21:10
       |
    21 | margin = "0.2pp"
       |          ^^^^^^^ its evidence would start again
       |
    help: write `margin = "10%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("limit = \"2%\"\n", "")]), @r#"
    error[removed-limit]: the change removes the limit of `errors`; it was 2 %
      --> rollouts/checkout.toml:19:1
       |
    19 | [[guardrails]]
       | ^^^^^^^^^^^^^^ no limit here any more
       |
    help: write `limit = "2%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("limit = \"2%\"", "limit = \"3%\"")]), @r#"
    error[weakened-limit]: the change loosens the limit of `errors` to 3 %; it was 2 %
      --> rollouts/checkout.toml:22:9
       |
    22 | limit = "3%"
       |         ^^^^
       |
    help: write `limit = "2%"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("on_no_data = \"rollback\"\nno_data_timeout = \"1h\"\n", "")]), @r#"
    error[weakened-on-no-data]: missing evidence of `errors` would mean `hold`; it was `rollback`
      --> rollouts/checkout.toml:19:1
       |
    19 | [[guardrails]]
       | ^^^^^^^^^^^^^^
       |
    help: write `on_no_data = "rollback"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("\"1h\"", "\"9h\"")]), @r#"
    error[weakened-on-no-data]: `errors` may be blind for 9h before it is rolled back; it was 1h
      --> rollouts/checkout.toml:24:19
       |
    24 | no_data_timeout = "9h"
       |                   ^^^^
       |
    help: write `no_data_timeout = "1h"`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
    insta::assert_snapshot!(refused("checkout", &[("assignments_total", "all_total")]), @r#"
    error[assignment-changed]: the change counts users differently or not at all; it was `assignments_total`
      --> rollouts/checkout.toml:39:9
       |
    39 | users = 'all_total'
       |         ^^^^^^^^^^^ whether the arms are what they should be starts again
       |
    help: write `users = 'assignments_total'`, or say why in this change: `reason = "..."` at the top of the plan
    "#);
}

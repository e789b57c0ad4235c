//! Every mistake a person can make in a guardrail and its metric, as it is shown.

use super::support::{plan_with, shown_plan};

#[test]
fn a_missing_margin() {
    let text = plan_with(
        r#"margin = "25%"
"#,
        "",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[missing-key]: guardrail `checkout-latency` has no `margin`
      --> checkout.toml:34:1
       |
    34 | [[guardrails]]
       | ^^^^^^^^^^^^^^ `margin` is missing
       |
    help: write the harm you tolerate: `margin = "10%"`. Two arms are never exactly equal, so there is no default
    "#);
}

#[test]
fn a_margin_of_nothing() {
    let text = plan_with(r#"margin = "25%""#, r#"margin = "0%""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-size]: a harm of `0%` is not above zero
      --> checkout.toml:37:10
       |
    37 | margin = "0%"
       |          ^^^^
       |
    help: two arms on different machines are never exactly equal: tolerate a little, such as "10%"
    "#);
}

#[test]
fn a_margin_without_unit() {
    let text = plan_with(r#"margin = "25%""#, r#"margin = "25""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-size]: `25` is not a size of harm
      --> checkout.toml:37:10
       |
    37 | margin = "25"
       |          ^^^^
       |
    help: write a relative size "10%", a factor "2x", percentage points "0.2pp", or a plain number
    "#);
}

#[test]
fn a_plain_number_for_a_share() {
    let text = plan_with(r#"margin = "10%""#, "margin = 0.1");
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[size-does-not-fit]: a plain number is ambiguous for a share: 0.1
      --> checkout.toml:29:10
       |
    29 | margin = 0.1
       |          ^^^
       |
    help: write percentage points `"0.1pp"`, or a relative size `"10%"`
    "#);
}

#[test]
fn percentage_points_for_a_latency() {
    let text = plan_with(r#"margin = "25%""#, r#"margin = "2pp""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[size-does-not-fit]: percentage points have no meaning for a `latency`
      --> checkout.toml:37:10
       |
    37 | margin = "2pp"
       |          ^^^^^
       |
    help: write a relative size `"10%"`, or a plain number in the metric's own unit
    "#);
}

#[test]
fn a_limit_in_milliseconds_for_a_share() {
    let text = plan_with(r#"limit  = "2%""#, r#"limit  = "500ms""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[limit-does-not-fit]: a share is not a time
      --> checkout.toml:30:10
       |
    30 | limit  = "500ms"
       |          ^^^^^^^
       |
    help: write a share, such as `limit = "1%"`
    "#);
}

#[test]
fn an_unknown_word() {
    let text = plan_with(r#"on_breach = "pause""#, r#"on_breach = "paus""#);
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[unknown-word]: `on_breach` cannot be "paus"
      --> checkout.toml:38:13
       |
    38 | on_breach = "paus"
       |             ^^^^^^ expected one of "rollback", "pause", "warn"
       |
    help: write `on_breach = "pause"`
    "#);
}

#[test]
fn nothing_but_warnings() {
    let text = plan_with(
        r#"on_breach = "rollback"
on_no_data = "hold"

[[guardrails]]
name = "checkout-latency"
category = "experience"
margin = "25%"
on_breach = "pause""#,
        r#"on_breach = "warn"

[[guardrails]]
name = "checkout-latency"
category = "experience"
margin = "25%"
on_breach = "warn""#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[nothing-stops-it]: every guardrail only warns: nothing would ever stop this plan
      --> checkout.toml:31:13
       |
    31 | on_breach = "warn"
       |             ^^^^^^ only warns
    ...
    37 | on_breach = "warn"
       |             ------ only warns, too
       |
    help: write `on_breach = "rollback"` or `"pause"` for at least one guardrail
    "#);
}

#[test]
fn no_name() {
    let text = plan_with(
        r#"name = "checkout-latency"
"#,
        "",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[missing-key]: guardrail 2 has no `name`
      --> checkout.toml:34:1
       |
    34 | [[guardrails]]
       | ^^^^^^^^^^^^^^ `name` is missing
       |
    help: write `name = "checkout-latency"`, or `metric = "..."` to use a metric of config.toml
    "#);
}

#[test]
fn two_of_one_name() {
    let text = plan_with(
        r#"name = "checkout-latency""#,
        r#"name = "checkout-errors"
metric = "checkout-errors""#,
    );
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

    error[duplicate-name]: two guardrails are named `checkout-errors`
      --> checkout.toml:35:8
       |
    28 | metric = "checkout-errors"
       |          ----------------- first here
    ...
    35 | name = "checkout-errors"
       |        ^^^^^^^^^^^^^^^^^ the same name again
       |
    help: write `name = "checkout-errors-2"`, or remove one

    error[two-sources]: guardrail `checkout-errors` names a shared metric and measures its own
      --> checkout.toml:40:1
       |
    36 | metric = "checkout-errors"
       |          ----------------- the shared metric
    ...
    40 | latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0...
       | ^^^^^^^ its own metric
       |
    help: remove one of the two
    "#);
}

#[test]
fn a_name_with_blanks() {
    let text = plan_with(
        r#"name = "checkout-latency""#,
        r#"name = "checkout latency""#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-name]: `checkout latency` is not a name
      --> checkout.toml:35:8
       |
    35 | name = "checkout latency"
       |        ^^^^^^^^^^^^^^^^^^ letters, digits, `-`, `_` and `.` only
       |
    help: write `checkout-latency`
    "#);
}

#[test]
fn no_category() {
    let text = plan_with(
        r#"category = "experience"
"#,
        "",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[missing-key]: guardrail `checkout-latency` has no `category`
      --> checkout.toml:34:1
       |
    34 | [[guardrails]]
       | ^^^^^^^^^^^^^^ `category` is missing
       |
    help: write `category = "reliability"`, `"experience"` or `"business"`
    "#);
}

#[test]
fn a_fall_to_nothing() {
    let text = plan_with(
        r#"margin = "25%"
on_breach = "pause"
latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }"#,
        r#"margin = "100%"
mean = { sum = 'order_value_sum', count = 'order_value_count', worse = "lower" }"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[size-does-not-fit]: a fall of 100% is a fall to nothing
      --> checkout.toml:37:10
       |
    37 | margin = "100%"
       |          ^^^^^^
       |
    help: write less than 100 %, such as `"10%"`
    "#);
}

#[test]
fn a_success_metric_with_a_margin() {
    let text = plan_with(
        r#"name = "checkout-latency""#,
        r#"name = "checkout-latency"
role = "success""#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[required-guardrail]: `checkout-latency` must guard every plan of surface `checkout`
      --> checkout.toml:35:8
       |
     3 | surface = "checkout"
       |           ---------- required by this surface
    ...
    35 | name = "checkout-latency"
       |        ^^^^^^^^^^^^^^^^^^ only a success metric here
       |
    help: remove `role = "success"`

    error[success-guards-nothing]: guardrail `checkout-latency` is a success metric, which has no `margin`
      --> checkout.toml:38:10
       |
    38 | margin = "25%"
       |          ^^^^^ a success metric stops nothing
       |
    help: remove `margin`, or remove `role = "success"` to guard against harm

    error[success-guards-nothing]: guardrail `checkout-latency` is a success metric, which has no `on_breach`
      --> checkout.toml:39:13
       |
    39 | on_breach = "pause"
       |             ^^^^^^^ a success metric stops nothing
       |
    help: remove `on_breach`, or remove `role = "success"` to guard against harm
    "#);
}

#[test]
fn a_timeout_without_effect() {
    let text = plan_with(
        r#"on_no_data = "hold""#,
        r#"on_no_data = "hold"
no_data_timeout = "1h""#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[stray-timeout]: `no_data_timeout` of guardrail `checkout-errors` has no effect
      --> checkout.toml:33:19
       |
    33 | no_data_timeout = "1h"
       |                   ^^^^ only `on_no_data = "rollback"` waits for it
       |
    help: write `on_no_data = "rollback"` as well, or remove `no_data_timeout`
    "#);
}

#[test]
fn a_point_with_a_margin() {
    let text = plan_with(
        r#"latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }"#,
        "point = { query = 'max(cpu)', max = 0.9 }",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[size-does-not-fit]: a `point` compares nothing, so no harm can be sized
      --> checkout.toml:37:10
       |
    37 | margin = "25%"
       |          ^^^^^
       |
    help: remove it; `max` or `min` is all a `point` has (margin)
    "#);
}

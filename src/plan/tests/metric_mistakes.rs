//! Every mistake a person can make in a metric: its kind, its selectors, its queries, as it is shown.

use super::support::{plan_with, shown_plan};

#[test]
fn a_quantile_in_percent() {
    let text = plan_with("quantile = 0.99", "quantile = 99");
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-quantile]: a quantile of 99 is not between 0 and 1
      --> checkout.toml:39:92
       |
    39 | latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 99 }
       |                                                                                            ^^
       |
    help: write `quantile = 0.99`
    "#);
}

#[test]
fn a_selector_with_a_range() {
    let text = plan_with(
        r#"seconds_bucket{app="checkout"}"#,
        r#"seconds_bucket{app="checkout"}[5m]"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-selector]: `histogram` has a range
      --> checkout.toml:39:25
       |
    39 | ... histogram = 'http_request_duration_seconds_bucket{app="checkout"}[5m]', quantile = 0.99 }
       |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rollout asks for the range itself
       |
    help: write `histogram = 'http_request_duration_seconds_bucket{app="checkout"}'`
    "#);
}

#[test]
fn a_query_instead_of_a_selector() {
    let text = plan_with(
        r#"'http_request_duration_seconds_bucket{app="checkout"}'"#,
        r#"'sum by (le) (rate(http_request_duration_seconds_bucket{app="checkout"}[5m]))'"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-selector]: `histogram` is a whole query, not a bare selector
      --> checkout.toml:39:25
       |
    39 | ...am = 'sum by (le) (rate(http_request_duration_seconds_bucket{app="checkout"}[5m]))', quan...
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ rollout adds rate, sum and range itself
       |
    help: write `histogram = 'http_request_duration_seconds_bucket{app="checkout"}'`, or give a query for each arm with `exposed = { histogram = '...' }` and `unexposed = { histogram = '...' }`
    "#);
}

#[test]
fn a_selector_that_fixes_the_arm() {
    let text = plan_with(
        r#"seconds_bucket{app="checkout"}"#,
        r#"seconds_bucket{variant="treatment"}"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-selector]: `histogram` fixes the arms' label `variant`
      --> checkout.toml:39:25
       |
    39 | latency = { histogram = 'http_request_duration_seconds_bucket{variant="treatment"}', quantil...
       |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
    help: remove `variant` from the selector: rollout asks for both arms and tells them apart by it
    "#);
}

#[test]
fn a_selector_with_offset() {
    let text = plan_with(
        r#"checkout"}', quantile"#,
        r#"checkout"} offset 5m', quantile"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-selector]: `histogram` has an `offset` or `@`
      --> checkout.toml:39:25
       |
    39 | latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"} offset 5m', qu...
       |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
    help: remove it: rollout asks for the time of each block itself
    "#);
}

#[test]
fn a_selector_with_a_typing_error() {
    let text = plan_with(
        r#"seconds_bucket{app="checkout"}"#,
        "seconds_bucket{app=checkout}",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[bad-selector]: `histogram` is not a PromQL selector
      --> checkout.toml:39:25
       |
    39 | latency = { histogram = 'http_request_duration_seconds_bucket{app=checkout}', quantile = 0.99 }
       |                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unexpected identifier 'checkout' in label matching, expected string
       |
    help: write a metric name with its labels: `histogram = 'http_requests_total{app="checkout"}'`
    "#);
}

#[test]
fn a_selector_and_a_query() {
    let text = plan_with(
        "quantile = 0.99",
        "quantile = 0.99, exposed = { histogram = 'a' }, unexposed = { histogram = 'b' }",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[two-sources]: `latency` of guardrail `checkout-latency` has a selector and a query for each arm
      --> checkout.toml:39:13
       |
    39 | ... { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99, exposed = ...
       |       ^^^^^^^^^ the selector                                                               ------- the query
       |
    help: remove one: `histogram` or `exposed` and `unexposed`
    "#);
}

#[test]
fn one_arm_only() {
    let text = plan_with(
        r#"histogram = 'http_request_duration_seconds_bucket{app="checkout"}'"#,
        "exposed = { histogram = 'sum by (le) (increase(a[$block]))' }",
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[missing-key]: `latency` of guardrail `checkout-latency` has no `unexposed`
      --> checkout.toml:39:11
       |
    39 | latency = { exposed = { histogram = 'sum by (le) (increase(a[$block]))' }, quantile = 0.99 }
       |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `unexposed` is missing
       |
    help: write `unexposed = { histogram = '...' }`
    ");
}

#[test]
fn a_query_with_an_unknown_variable() {
    let text = plan_with(
        r#"histogram = 'http_request_duration_seconds_bucket{app="checkout"}'"#,
        "exposed = { histogram = 'rate(a[$window])' }, unexposed = { histogram = 'rate(b[$block])' }",
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[bad-query]: `histogram` is not PromQL
      --> checkout.toml:39:37
       |
    39 | ...{ histogram = 'rate(a[$window])' }, unexposed = { histogram = 'rate(b[$block])' }, quanti...
       |                  ^^^^^^^^^^^^^^^^^^ unexpected character inside brackets: '$'
       |
    help: only `$block` and `$increments(SELECTOR)` are filled in; write everything else as PromQL
    ");
}

#[test]
fn a_mean_without_direction() {
    let text = plan_with(
        r#"latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }"#,
        "mean = { sum = 'order_value_sum', count = 'order_value_count' }",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[missing-key]: `mean` of guardrail `checkout-latency` has no `worse`
      --> checkout.toml:39:8
       |
    39 | mean = { sum = 'order_value_sum', count = 'order_value_count' }
       |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `worse` is missing
       |
    help: write `worse = "lower"` if a fall is harm (revenue), `worse = "higher"` if a rise is (load)
    "#);
}

#[test]
fn a_point_with_two_bounds_and_a_margin() {
    let text = plan_with(
        r#"latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }"#,
        "point = { query = 'max(cpu)', max = 0.9, min = 0.1 }",
    );
    insta::assert_snapshot!(shown_plan(&text), @r"
    error[two-bounds]: `point` of guardrail `checkout-latency` has both `max` and `min`
      --> checkout.toml:39:42
       |
    39 | point = { query = 'max(cpu)', max = 0.9, min = 0.1 }
       |                               ---        ^^^
       |                               |
       |                               the other bound
       |
    help: write two guardrails, one for each bound
    ");
}

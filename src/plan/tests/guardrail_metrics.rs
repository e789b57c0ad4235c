//! Every mistake in which metric a guardrail watches, as it is shown.

use super::support::{plan_with, shown_plan};

#[test]
fn an_unknown_metric() {
    let text = plan_with(
        r#"metric = "checkout-errors""#,
        r#"metric = "checkout-error""#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[unknown-metric]: config.toml has no metric `checkout-error`
      --> checkout.toml:28:10
       |
    28 | metric = "checkout-error"
       |          ^^^^^^^^^^^^^^^^ unknown metric
       |
    help: write `metric = "checkout-errors"`
    "#);
}

#[test]
fn a_shared_metric_and_its_own() {
    let text = plan_with(
        r#"metric = "checkout-errors""#,
        r#"metric = "checkout-errors"
ratio = { events = 'a', total = 'b' }"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[two-sources]: guardrail `checkout-errors` names a shared metric and measures its own
      --> checkout.toml:29:1
       |
    28 | metric = "checkout-errors"
       |          ----------------- the shared metric
    29 | ratio = { events = 'a', total = 'b' }
       | ^^^^^ its own metric
       |
    help: remove one of the two
    "#);
}

#[test]
fn a_shared_name_for_another_metric() {
    let text = plan_with(
        r#"metric = "checkout-errors""#,
        r#"name = "checkout-errors"
category = "reliability"
ratio = { events = 'a', total = 'b' }"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[shadowed-metric]: config.toml has a metric `checkout-errors` of its own
      --> checkout.toml:28:8
       |
    28 | name = "checkout-errors"
       |        ^^^^^^^^^^^^^^^^^ the same name for another metric
       |
    help: write `metric = "checkout-errors"` to use it, or choose another name
    "#);
}

#[test]
fn two_kinds_in_one_metric() {
    let text = plan_with(
        r#"on_breach = "pause""#,
        r#"on_breach = "pause"
gauge = { query = 'cpu', worse = "higher" }"#,
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[two-kinds]: guardrail `checkout-latency` is both a `gauge` and a `latency`
      --> checkout.toml:40:1
       |
    39 | gauge = { query = 'cpu', worse = "higher" }
       | ----- the first kind
    40 | latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0...
       | ^^^^^^^ a second kind
       |
    help: remove one, or write two guardrails: `gauge` and `latency`
    "#);
}

#[test]
fn no_metric_at_all() {
    let text = plan_with(
        r#"latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }
"#,
        "",
    );
    insta::assert_snapshot!(shown_plan(&text), @r#"
    error[missing-metric]: guardrail `checkout-latency` measures nothing
      --> checkout.toml:34:1
       |
    34 | [[guardrails]]
       | ^^^^^^^^^^^^^^ no metric
       |
    help: write what to measure, such as `ratio = { events = '...', total = '...' }`, or `metric = "..."` to use one of config.toml
    "#);
}

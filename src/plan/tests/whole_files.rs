//! Whole files: all mistakes at once, syntax errors included, and texts of every shape.

use super::support::{config_with, plan_of, plan_with, shown_config, shown_plan};
use crate::plan::{Severity, parse_config, render_mistakes};

/// Seven different mistakes in one file.
const SEVEN: &str = r#"ownr = "payments"
surface = "chekout"

[[stages]]
exposure = 10
min_duration = "24"

[[stages]]
exposure = 5

[[guardrails]]
name = "errors"
category = "reliability"
ratio = { events = 'rate(errors_total[5m])', total = 'requests_total' }

[[guardrails]]
name = "latency"
category = "experience"
margin = "25%"
on_breach = "panic"
latency = { histogram = 'latency_bucket', quantile = 0.99 }
"#;

#[test]
fn seven_mistakes_are_shown_at_once() {
    insta::assert_snapshot!(shown_plan(SEVEN), @r#"
    error[unknown-key]: `ownr` is not a key of the plan
     --> checkout.toml:1:1
      |
    1 | ownr = "payments"
      | ^^^^ unknown key
      |
    help: write `owner`

    error[unknown-surface]: config.toml has no surface `chekout`
     --> checkout.toml:2:11
      |
    2 | surface = "chekout"
      |           ^^^^^^^^^ unknown surface
      |
    help: write `surface = "checkout"`

    error[bad-duration]: the duration `24` has no unit
     --> checkout.toml:6:16
      |
    6 | min_duration = "24"
      |                ^^^^
      |
    help: write a number and a unit, such as "30m", "24h" or "5d"

    error[exposure-not-increasing]: stage 2 does not expose more users than stage 1
     --> checkout.toml:9:12
      |
    5 | exposure = 10
      |            -- stage 1
    ...
    9 | exposure = 5
      |            ^ not above 10 %
      |
    help: let the exposure grow from stage to stage

    error[missing-key]: guardrail `errors` has no `margin`
      --> checkout.toml:11:1
       |
    11 | [[guardrails]]
       | ^^^^^^^^^^^^^^ `margin` is missing
       |
    help: write the harm you tolerate: `margin = "10%"`. Two arms are never exactly equal, so there is no default

    error[bad-selector]: `events` is a whole query, not a bare selector
      --> checkout.toml:14:20
       |
    14 | ratio = { events = 'rate(errors_total[5m])', total = 'requests_total' }
       |                    ^^^^^^^^^^^^^^^^^^^^^^^^ rollout adds rate, sum and range itself
       |
    help: write `events = 'errors_total'`, or give a query for each arm with `exposed = { events = '...' }` and `unexposed = { events = '...' }`

    error[unknown-word]: `on_breach` cannot be "panic"
      --> checkout.toml:20:13
       |
    20 | on_breach = "panic"
       |             ^^^^^^^ expected one of "rollback", "pause", "warn"
       |
    help: write one of "rollback", "pause", "warn"
    "#);
}

#[test]
fn every_syntax_error_is_shown_and_what_can_be_said_of_the_rest() {
    let text = "description = \nowner = 'x\n[[stages]]\nexposure = 200\nmin_duration = 24 h\n";
    insta::assert_snapshot!(shown_plan(text), @r#"
    error[syntax]: string values must be quoted
     --> checkout.toml:1:15
      |
    1 | description = 
      |               ^ expected a value
      |
    help: write text in quotes: `key = "text"`

    error[syntax]: invalid literal string
     --> checkout.toml:2:11
      |
    2 | owner = 'x
      |           ^ expected `'`
      |
    help: close the quotes on the same line, or use three quotes for text over several lines

    error[exposure-out-of-range]: exposure 200 is not between 0 and 100 percent
     --> checkout.toml:4:12
      |
    4 | exposure = 200
      |            ^^^
      |
    help: write a percentage such as `exposure = 5`

    error[syntax]: string values must be quoted
     --> checkout.toml:5:16
      |
    5 | min_duration = 24 h
      |                ^^^^ expected a value
      |
    help: write text in quotes: `key = "text"`
    "#);
}

#[test]
fn an_empty_plan_says_what_it_needs() {
    insta::assert_snapshot!(shown_plan(""), @r#"
    error[missing-guardrail]: the plan has no guardrail: nothing would ever stop it
     --> checkout.toml:1:1
      |
    1 |
      | ^
      |
    help: write at least one:
          [[guardrails]]
          name = "errors"
          category = "reliability"
          margin = "10%"
          ratio = { events = '...', total = '...' }

    error[missing-stages]: the plan has no stages and no ramp
     --> checkout.toml:1:1
      |
    1 |
      | ^
      |
    help: write at least one stage:
          [[stages]]
          exposure = 1
          min_duration = "24h"
    "#);
}

#[test]
fn an_empty_config_is_the_defaults() {
    assert!(parse_config("").value.is_some());
}

#[test]
fn a_warning_leaves_the_value() {
    let text = plan_with(
        "histogram = 'http_request_duration_seconds_bucket{app=\"checkout\"}'",
        "exposed = { histogram = 'newfangled(a[$block])' }, unexposed = { histogram = 'newfangled(b[$block])' }",
    );
    let parsed = plan_of(&text);
    assert!(parsed.value.is_some());
    assert!(
        parsed
            .mistakes
            .iter()
            .all(|m| m.severity == Severity::Warning)
    );
    assert_eq!(parsed.mistakes.len(), 2);
}

#[test]
fn carets_stand_right_after_a_byte_order_mark_tabs_and_wide_letters() {
    let text = "\u{feff}description = \"日本語 ünïcode\"\r\n\towner = \"åäö\"\tnonsense\r\nsurface = 3\r\n";
    insta::assert_snapshot!(shown_plan(text), @r#"
    error[syntax]: unexpected key or value
     --> checkout.toml:2:16
      |
    2 |     owner = "åäö"    nonsense
      |                      ^ expected newline, `#`
      |
    help: write one `key = value` a line, text in quotes

    error[wrong-type]: `surface` must be text in quotes, not a number
     --> checkout.toml:3:11
      |
    3 | surface = 3
      |           ^ expected text in quotes
      |
    help: write `surface = "checkout"`
    "#);
}

#[test]
fn colour_changes_no_words() {
    let text = config_with("timeout = \"30s\"", "timeout = 30");
    let mistakes = parse_config(&text).mistakes;
    let plain = render_mistakes("config.toml", &text, &mistakes, false, 100);
    let colour = render_mistakes("config.toml", &text, &mistakes, true, 100);
    assert!(colour.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colour).to_string(), plain);
    assert_eq!(plain, shown_config(&text));
}

#[test]
fn a_narrow_terminal_cuts_the_source_and_not_the_message() {
    let text = config_with("code=~\"5..\"", "code=~\"5..\",variant=\"treatment\"");
    let mistakes = parse_config(&text).mistakes;
    insta::assert_snapshot!(render_mistakes("config.toml", &text, &mistakes, false, 60), @r#"
    error[bad-selector]: `events` fixes the arms' label `variant`
      --> config.toml:21:20
       |
    21 | ... = 'http_requests_total{app="checkout",code=~"5..",variant="treatment"}', t...
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
       |
    help: remove `variant` from the selector: rollout asks for both arms and tells them apart by it
    "#);
}

#[test]
fn queries_nested_without_end_are_refused_and_not_followed() {
    for (open, close) in [("(", ")"), ("-", ""), ("sum(", ")"), ("a+", "")] {
        for depth in [10_usize, 1_000, 5_000, 100_000] {
            let query = format!("{}a{}", open.repeat(depth), close.repeat(depth));
            let text = plan_with(
                "'http_request_duration_seconds_bucket{app=\"checkout\"}'",
                &format!("'{query}'"),
            );
            assert!(plan_of(&text).value.is_none());
        }
    }
}

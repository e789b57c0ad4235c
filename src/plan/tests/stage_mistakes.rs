//! Every mistake a person can make in a stage, as it is shown.

use super::support::{plan_with, shown_plan};

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

//! Every mistake a person can make in the shared settings, as it is shown.

use super::support::{config_with, shown_config};

#[test]
fn an_unknown_table() {
    let text = config_with(
        r#"[judge]
"#,
        r#"[juge]
"#,
    );
    insta::assert_snapshot!(shown_config(&text), @r"
    error[unknown-key]: `juge` is not a key of config.toml
      --> config.toml:13:2
       |
    13 | [juge]
       |  ^^^^ unknown key
       |
    help: write `judge`
    ");
}

#[test]
fn the_same_arms() {
    let text = config_with(r#"unexposed = "control""#, r#"unexposed = "treatment""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[same-arms]: both arms have the same value
      --> config.toml:11:13
       |
    10 | exposed = "treatment"
       |           ----------- the exposed arm
    11 | unexposed = "treatment"
       |             ^^^^^^^^^^^ cannot be told apart
       |
    help: write the two values of the label, such as `exposed = "treatment"` and `unexposed = "control"`
    "#);
}

#[test]
fn a_label_with_a_tab() {
    let text = config_with(r#"label = "variant""#, r#"label = "my\tvariant""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[bad-label]: `my\tvariant` is not the name of a Prometheus label
     --> config.toml:9:9
      |
    9 | label = "my\tvariant"
      |         ^^^^^^^^^^^^^
      |
    help: write the label that tells the arms apart, such as `label = "variant"`
    "#);
}

#[test]
fn a_budget_in_percent() {
    let text = config_with("rollback_alpha = 0.05", "rollback_alpha = 5");
    insta::assert_snapshot!(shown_config(&text), @r"
    error[bad-probability]: 5 is not a probability between 0 and 1
      --> config.toml:14:18
       |
    14 | rollback_alpha = 5
       |                  ^
       |
    help: write `rollback_alpha = 0.05` for 5 %
    ");
}

#[test]
fn a_block_that_is_too_short() {
    let text = config_with(r#"block  = "auto""#, r#"block  = "1s""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[bad-duration]: a block of 1s is not between 10s and 24h
      --> config.toml:16:10
       |
    16 | block  = "1s"
       |          ^^^^
       |
    help: write `block = "auto"`, or a few scrape intervals, such as `block = "5m"`
    "#);
}

#[test]
fn a_warmup_as_duration() {
    let text = config_with(r#"warmup = "auto""#, r#"warmup = "10m""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[wrong-type]: `warmup` must be a whole number of at least 0, not text
      --> config.toml:17:10
       |
    17 | warmup = "10m"
       |          ^^^^^ expected a whole number of at least 0
       |
    help: write `warmup = 2`
    "#);
}

#[test]
fn a_zone_by_its_city() {
    let text = config_with(r#"tz = "Europe/Stockholm""#, r#"tz = "Europe/Stokholm""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[unknown-zone]: `Europe/Stokholm` is not a time zone
      --> config.toml:31:6
       |
    31 | tz = "Europe/Stokholm"
       |      ^^^^^^^^^^^^^^^^^ not an IANA name
       |
    help: write `tz = "Europe/Stockholm"`
    "#);
}

#[test]
fn a_zone_by_its_offset() {
    let text = config_with(r#"tz = "Europe/Stockholm""#, r#"tz = "+02:00""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[unknown-zone]: `+02:00` is not a time zone
      --> config.toml:31:6
       |
    31 | tz = "+02:00"
       |      ^^^^^^^^ not an IANA name
       |
    help: write an IANA name such as `tz = "Europe/Stockholm"`, or `tz = "UTC"`; an offset does not know summer time
    "#);
}

#[test]
fn a_day_in_full() {
    let text = config_with(r#""mon", "tue""#, r#""monday", "tue""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[unknown-word]: `monday` is not a day
      --> config.toml:28:9
       |
    28 | days = ["monday", "tue", "wed", "thu"]
       |         ^^^^^^^^ expected mon, tue, wed, thu, fri, sat or sun
       |
    help: write `"mon"`
    "#);
}

#[test]
fn a_window_at_twenty_four() {
    let text = config_with(r#"to = "16:00""#, r#"to = "24:00""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[bad-time]: `24:00` is not a time of day
      --> config.toml:30:6
       |
    30 | to = "24:00"
       |      ^^^^^^^
       |
    help: write `"00:00"`: a window that ends before it begins closes on the next day
    "#);
}

#[test]
fn a_window_without_zone() {
    let text = config_with(
        r#"tz = "Europe/Stockholm"
"#,
        "",
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[missing-key]: window 1 has no `tz`
      --> config.toml:27:1
       |
    27 | [[windows]]
       | ^^^^^^^^^^^ `tz` is missing
       |
    help: write the time zone: `tz = "Europe/Stockholm"`, or `tz = "UTC"`
    "#);
}

#[test]
fn a_freeze_without_offset() {
    let text = config_with("until = 2027-01-04T00:00:00Z", "until = 2027-01-04");
    insta::assert_snapshot!(shown_config(&text), @r"
    error[bad-instant]: `2027-01-04` is not a moment in time
      --> config.toml:35:9
       |
    35 | until = 2027-01-04
       |         ^^^^^^^^^^ needs date, time and offset
       |
    help: write `until = 2027-01-04T00:00:00Z`, with `Z` or `+02:00` at the end
    ");
}

#[test]
fn a_freeze_that_ends_before_it_begins() {
    let text = config_with(
        "until = 2027-01-04T00:00:00Z",
        "until = 2026-01-04T00:00:00Z",
    );
    insta::assert_snapshot!(shown_config(&text), @r"
    error[empty-freeze]: freeze 1 ends before it begins
      --> config.toml:35:9
       |
    34 | from = 2026-12-20T00:00:00Z
       |        -------------------- it begins here
    35 | until = 2026-01-04T00:00:00Z
       |         ^^^^^^^^^^^^^^^^^^^^
       |
    help: write a later `until`
    ");
}

#[test]
fn a_freeze_without_reason() {
    let text = config_with(
        r#"reason = "holiday freeze"
"#,
        "",
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[missing-key]: freeze 1 has no `reason`
      --> config.toml:33:1
       |
    33 | [[freezes]]
       | ^^^^^^^^^^^ `reason` is missing
       |
    help: write why, for those it stops: `reason = "holiday freeze"`
    "#);
}

#[test]
fn push_without_commit() {
    let text = config_with("push = false", "push = true");
    insta::assert_snapshot!(shown_config(&text), @r"
    error[push-without-commit]: there is nothing to push without commits
      --> config.toml:41:8
       |
    41 | push = true
       |        ^^^^
       |
    help: write `commit = true` as well
    ");
}

#[test]
fn a_metric_without_kind() {
    let text = config_with(
        r#"ratio = { events = 'http_requests_total{app="checkout",code=~"5.."}', total = 'http_requests_total{app="checkout"}', worse = "higher" }
"#,
        "",
    );
    insta::assert_snapshot!(shown_config(&text), @r"
    error[missing-metric]: metric `checkout-errors` measures nothing
      --> config.toml:19:1
       |
    19 | [metrics.checkout-errors]
       | ^^^^^^^^^^^^^^^^^^^^^^^^^ no metric
       |
    help: write what to measure, such as `ratio = { events = '...', total = '...' }`
    ");
}

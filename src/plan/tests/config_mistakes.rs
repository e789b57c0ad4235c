//! Every mistake a person can make in the shared settings, as it is shown; no message repeats a secret.

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
fn a_literal_token_is_masked() {
    let text = config_with(
        r#"bearer_token_env = "PROM_TOKEN""#,
        r#"bearer_token = "s3cr3t-t0ken""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `bearer_token` holds a secret
     --> config.toml:4:16
      |
    4 | bearer_token = **************
      |                ^^^^^^^^^^^^^^ everybody who can read the repository can read this
      |
    help: put it into an environment variable and write `bearer_token_env = "PROM_TOKEN"`, or into a file that git ignores: `bearer_token_file = "token"`
    "#);
}

#[test]
fn a_token_in_place_of_the_variable() {
    let text = config_with(
        r#"bearer_token_env = "PROM_TOKEN""#,
        r#"bearer_token_env = "glpat-s3cr3t""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `bearer_token_env` is not the name of an environment variable
     --> config.toml:4:20
      |
    4 | bearer_token_env = **************
      |                    ^^^^^^^^^^^^^^ if this is the secret itself, replace it at its source: it is known now
      |
    help: write the variable's name: `bearer_token_env = "PROM_TOKEN"`
    "#);
}

#[test]
fn a_literal_password_is_masked() {
    let text = config_with(
        r#"bearer_token_env = "PROM_TOKEN""#,
        r#"basic = { user = "me", password = "s3cr3t" }"#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `password` holds a secret
     --> config.toml:4:35
      |
    4 | basic = { user = "me", password = ******** }
      |                                   ^^^^^^^^ everybody who can read the repository can read this
      |
    help: put it into an environment variable and write `basic = { user = "rollout", password_env = "PROM_PASSWORD" }`
    "#);
}

#[test]
fn a_password_in_the_url_is_masked() {
    let text = config_with(
        r#"url = "http://localhost:9090""#,
        r#"url = "http://me:s3cr3t@localhost:9090""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `url` holds a secret
     --> config.toml:2:7
      |
    2 | url = *********************************
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ everybody who can read the repository can read this
      |
    help: remove user and password from the URL and write `basic = { user = "...", password_env = "PROM_PASSWORD" }`
    "#);
}

#[test]
fn an_authorization_header_is_masked() {
    let text = config_with(
        r#"X-Scope-OrgID = "team-a""#,
        r#"Authorization = "Bearer s3cr3t""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `Authorization` holds a secret
     --> config.toml:6:29
      |
    6 | headers = { Authorization = *************** }
      |                             ^^^^^^^^^^^^^^^ everybody who can read the repository can read this
      |
    help: remove the header, put the token into an environment variable and write `bearer_token_env = "PROM_TOKEN"`
    "#);
}

#[test]
fn a_key_in_a_header_is_masked() {
    let text = config_with(r#"X-Scope-OrgID = "team-a""#, r#"X-Api-Key = "s3cr3t""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `X-Api-Key` holds a secret
     --> config.toml:6:25
      |
    6 | headers = { X-Api-Key = ******** }
      |                         ^^^^^^^^ everybody who can read the repository can read this
      |
    help: put it into an environment variable and write `X-Api-Key = { env = "PROM_HEADER" }`
    "#);
}

#[test]
fn a_webhook_address_is_masked() {
    let text = config_with(
        r#"url_env = "ROLLOUT_SLACK_WEBHOOK""#,
        r#"url = "https://hooks.example/s3cr3t""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[secret-in-file]: `url` holds a secret
      --> config.toml:44:7
       |
    44 | url = ******************************
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ everybody who can read the repository can read this
       |
    help: put the address into an environment variable and write `url_env = "ROLLOUT_SLACK_WEBHOOK"`
    "#);
}

#[test]
fn two_ways_to_say_who_asks() {
    let text = config_with(
        r#"bearer_token_env = "PROM_TOKEN""#,
        r#"bearer_token_env = "PROM_TOKEN"
bearer_token_file = "token""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[two-credentials]: both `bearer_token_env` and `bearer_token_file` say who asks
     --> config.toml:5:1
      |
    4 | bearer_token_env = "PROM_TOKEN"
      | ---------------- the other one
    5 | bearer_token_file = "token"
      | ^^^^^^^^^^^^^^^^^
      |
    help: remove one
    "#);
}

#[test]
fn half_an_identity() {
    let text = config_with(r#"ca_file = "ca.pem""#, r#"cert_file = "client.pem""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[half-identity]: `cert_file` is of no use without `key_file`
     --> config.toml:5:1
      |
    5 | cert_file = "client.pem"
      | ^^^^^^^^^
      |
    help: write `key_file = "..."` as well
    "#);
}

#[test]
fn a_url_without_scheme() {
    let text = config_with(
        r#"url = "http://localhost:9090""#,
        r#"url = "localhost:9090""#,
    );
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[bad-url]: the URL is neither http nor https
     --> config.toml:2:7
      |
    2 | url = "localhost:9090"
      |       ^^^^^^^^^^^^^^^^
      |
    help: write `url = "http://localhost:9090"`, with a path in front of `/api/v1` if there is one
    "#);
}

#[test]
fn a_timeout_as_number() {
    let text = config_with(r#"timeout = "30s""#, "timeout = 30");
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[wrong-type]: `timeout` must be a duration in quotes, not a number
     --> config.toml:3:11
      |
    3 | timeout = 30
      |           ^^ expected a duration in quotes
      |
    help: write `timeout = "30s"`
    "#);
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
fn a_label_with_a_dash() {
    let text = config_with(r#"label = "variant""#, r#"label = "my-variant""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[bad-label]: `my-variant` is not the name of a Prometheus label
     --> config.toml:9:9
      |
    9 | label = "my-variant"
      |         ^^^^^^^^^^^^
      |
    help: write letters, digits and `_` only, such as `label = "variant"`
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

#[test]
fn an_unknown_notification() {
    let text = config_with(r#"format = "slack""#, r#"format = "teams""#);
    insta::assert_snapshot!(shown_config(&text), @r#"
    error[unknown-word]: `format` cannot be "teams"
      --> config.toml:45:10
       |
    45 | format = "teams"
       |          ^^^^^^^ expected one of "slack", "json"
       |
    help: write one of "slack", "json"
    "#);
}

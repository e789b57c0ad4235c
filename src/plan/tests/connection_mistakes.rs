//! Every mistake a person can make in how servers are reached, as it is shown; no message repeats a
//! secret.

use super::support::{config_with, shown_config};

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

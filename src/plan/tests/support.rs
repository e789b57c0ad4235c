//! The documented example, and how a test edits and reads it. Nothing is asserted here.

use crate::plan::{Config, Parsed, Plan, parse_config, parse_plan, render_mistakes};

/// `config.toml` of the documentation.
pub(crate) const CONFIG: &str = r#"[prometheus]
url = "http://localhost:9090"
timeout = "30s"
bearer_token_env = "PROM_TOKEN"
ca_file = "ca.pem"
headers = { X-Scope-OrgID = "team-a" }

[arms]
label = "variant"
exposed = "treatment"
unexposed = "control"

[judge]
rollback_alpha = 0.05
advance_alpha  = 0.05
block  = "auto"
warmup = "auto"

[metrics.checkout-errors]
category = "reliability"
ratio = { events = 'http_requests_total{app="checkout",code=~"5.."}', total = 'http_requests_total{app="checkout"}', worse = "higher" }

[surfaces.checkout]
guardrails = ["checkout-errors", "checkout-latency"]
exclusive = true

[[windows]]
days = ["mon", "tue", "wed", "thu"]
from = "09:30"
to = "16:00"
tz = "Europe/Stockholm"

[[freezes]]
from = 2026-12-20T00:00:00Z
until = 2027-01-04T00:00:00Z
reason = "holiday freeze"
owner = "sre"

[git]
commit = false
push = false

[[notify]]
url_env = "ROLLOUT_SLACK_WEBHOOK"
format = "slack"
"#;

/// The plan of the documentation, with a state.
pub(crate) const PLAN: &str = r#"description = "One-page checkout"
owner   = "payments"
surface = "checkout"
after   = ["payments-v2 >= 50"]

[[stages]]
exposure = 1
min_duration = "24h"
max_duration = "5d"
rule_out = "5x"

[[stages]]
exposure = 10
min_duration = "24h"
rule_out = "2x"

[[stages]]
exposure = 50
min_duration = "48h"
rule_out = "margin"
approval = true

[[stages]]
exposure = 100
min_duration = "24h"

[[guardrails]]
metric = "checkout-errors"
margin = "10%"
limit  = "2%"
on_breach = "rollback"
on_no_data = "hold"

[[guardrails]]
name = "checkout-latency"
category = "experience"
margin = "25%"
on_breach = "pause"
latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }

[assignment]
users = 'assignments_total{flag="one-page-checkout"}'

# Written by rollout. Change it with commands, not by hand.
[state]
status = "progressing"
stage = 1
exposure = 1.0
entered_at = 2026-11-22T12:00:00Z
declared = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
evidence = ".evidence/checkout-redesign/2026-11-22T120000Z-advance.json"
"#;

/// The settings of the documentation.
pub(crate) fn config() -> Config {
    value(CONFIG, parse_config(CONFIG))
}

/// Parses a plan against the settings of the documentation.
pub(crate) fn plan_of(text: &str) -> Parsed<Plan> {
    parse_plan("checkout-redesign", text, &config())
}

/// The value; what is wrong is printed when there is none.
pub(crate) fn value<T>(text: &str, parsed: Parsed<T>) -> T {
    let Parsed { value, mistakes } = parsed;
    value.unwrap_or_else(|| panic!("{}", render_mistakes("file", text, &mistakes, false, 120)))
}

/// The plan of the documentation with one thing changed.
pub(crate) fn plan_with(from: &str, to: &str) -> String {
    edited(PLAN, from, to)
}

/// The settings of the documentation with one thing changed.
pub(crate) fn config_with(from: &str, to: &str) -> String {
    edited(CONFIG, from, to)
}

/// A text with one thing changed.
pub(crate) fn edited(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` must be there once");
    text.replacen(from, to, 1)
}

/// The mistakes of a plan as they are shown.
pub(crate) fn shown_plan(text: &str) -> String {
    let parsed = plan_of(text);
    render_mistakes("checkout.toml", text, &parsed.mistakes, false, 100)
}

/// The mistakes of the settings as they are shown.
pub(crate) fn shown_config(text: &str) -> String {
    let parsed = parse_config(text);
    render_mistakes("config.toml", text, &parsed.mistakes, false, 100)
}

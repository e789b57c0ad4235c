//! The files that `init` and `new` write: short, commented, and valid as they are.

use std::fmt::Write as _;

use crate::units::{Exposure, Period, is_control};

/// `config.toml`.
#[must_use]
pub fn template_config() -> String {
    r#"#:schema .schema/config.json
# Settings shared by every plan in this directory. Check them with `rollout validate`.

[prometheus]
url = "http://localhost:9090"
# timeout = "30s"
# A secret never stands in this file; name the variable (or the file) that holds it:
# bearer_token_env = "PROM_TOKEN"
# basic = { user = "rollout", password_env = "PROM_PASSWORD" }
# headers = { X-Scope-OrgID = "team-a" }

# The label that tells users who see the change from users who do not.
[arms]
label = "variant"
exposed = "treatment"
unexposed = "control"
# Several values an arm: exposed = { regex = "checkout-7f9c.*" }. A plan may have its own [arms].

# How sure to be. One rollback in twenty rollouts may be a false alarm, however often you look.
[judge]
rollback_alpha = 0.05
advance_alpha = 0.05

# Metrics that several plans share. A plan names one with `metric = "errors"`.
[metrics.errors]
category = "reliability"
ratio = { events = 'http_requests_total{code=~"5.."}', total = 'http_requests_total' }

# Parts of the product, with the guardrails that every plan touching them must have.
# [surfaces.checkout]
# guardrails = ["errors"]
# exclusive = true            # warn when two rollouts expose users of it at once

# Advances happen only inside windows, never inside freezes. Rollbacks always happen.
# [[windows]]
# days = ["mon", "tue", "wed", "thu"]
# from = "09:30"
# to = "16:00"
# tz = "Europe/Stockholm"

# [[freezes]]
# from = 2026-12-20T00:00:00Z
# until = 2027-01-04T00:00:00Z
# reason = "holiday freeze"

# Told of transitions only.
# [[notify]]
# url_env = "ROLLOUT_SLACK_WEBHOOK"
# format = "slack"
"#
    .to_owned()
}

/// A plan with these stages; without any, with the usual four. Why there is one stands at its top.
#[must_use]
pub fn template_plan(name: &str, stages: &[(Exposure, Period)], reason: Option<&str>) -> String {
    let why = reason.map_or_else(String::new, |why| {
        let words: Vec<&str> = why.split_whitespace().collect();
        format!("# Why: {}\n", one_line(&words.join(" ")))
    });
    let mut text = format!(
        "#:schema .schema/plan.json\n\
         # {}: who sees the change, how fast, and what must not get worse.\n\
         {why}\
         # Check it with `rollout validate`, move it with `rollout advance`.\n\
         description = {}\n\
         # Adapt what is below, then remove the next line: until then nobody is exposed.\n\
         draft = \"the guardrails' metrics, their margins, and the stages\"\n\
         # owner = \"my-team\"\n\
         # surface = \"checkout\"          # a surface of config.toml\n\
         # after = [\"other-plan >= 50\"]  # wait for another plan\n\n\
         # A stage is left when its time is over and harm of the size `rule_out` is ruled out. A coarse\n\
         # question is answered by little traffic: `rollout power` says what yours can answer.\n",
        one_line(name),
        quoted(&format!("What {name} changes for users"))
    );
    for (number, (exposure, duration)) in planned(stages).iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "[[stages]]\nexposure = {}\nmin_duration = \"{duration}\"\n",
            exposure.percent()
        );
        if let Some(harm) = provable(*exposure) {
            let _ = writeln!(text, "rule_out = \"{harm}\"");
        }
        if number == 0 {
            text.push_str(
                "# max_duration = \"5d\"         # after it, without an answer, a person decides\n\
                 # approval = true             # a person approves leaving the stage\n",
            );
        }
        text.push('\n');
    }
    text.push_str(
        r#"# Exposure may also grow continuously, in place of stages:
# [ramp]
# from = 1
# to = 100
# over = "7d"                 # never faster than this curve
# every = "1h"                # never more often; "auto" follows the traffic
# pace = "fixed"              # or "adaptive": as the evidence allows, within a risk budget:
# risk_budget = 500           # so many bad events too many are tolerated over the whole rollout

# Worse than `margin`, proven, is a breach: `"10%"` relative, `"2x"` a factor, `"0.2pp"` points.
[[guardrails]]
name = "request-errors"
category = "reliability"
margin = "10%"
on_breach = "rollback"        # or "pause", "warn"
ratio = { events = 'http_requests_total{code=~"5.."}', total = 'http_requests_total' }

[[guardrails]]
name = "request-latency"
category = "experience"
margin = "25%"
on_breach = "pause"
latency = { histogram = 'http_request_duration_seconds_bucket', quantile = 0.99 }

# What tells the arms of this plan apart, where it is not as in config.toml.
# [arms]
# label = "version"
# exposed = { regex = "7f9c.*" }
# unexposed = { regex = "5b1d.*" }

# Is one percent really one percent? A counter of users at their first exposure.
# [assignment]
# users = 'assignments_total{flag="my-flag"}'
"#,
    );
    text
}

/// The usual stages: a hundredth to catch what is broken, then enough to see what is worse.
fn planned(stages: &[(Exposure, Period)]) -> Vec<(Exposure, Period)> {
    if !stages.is_empty() {
        return stages.to_vec();
    }
    [1.0, 10.0, 50.0, 100.0]
        .into_iter()
        .map(|percent| (Exposure::floor_percent(percent), Period::from_hours(24)))
        .collect()
}

/// What a stage may ask that a service of ten requests a second answers in a day; nothing where nobody is
/// left to compare with. The harm that is still possible falls as more users would suffer it.
fn provable(exposure: Exposure) -> Option<&'static str> {
    match exposure.percent() {
        few if few < 5.0 => Some("5x"),
        some if some < 25.0 => Some("2x"),
        many if many < 100.0 => Some("1.25x"),
        _ => None,
    }
}

/// A name that cannot leave its comment.
fn one_line(name: &str) -> String {
    name.chars().filter(|c| !is_control(*c)).collect()
}

fn quoted(text: &str) -> String {
    toml::Value::String(one_line(text)).to_string()
}

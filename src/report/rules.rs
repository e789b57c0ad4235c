//! Alerts of Prometheus on a plan that needs a person. They judge nothing: whether a change does harm is
//! decided by `rollout`, whose status they read ([`super::textfile`]).

use std::fmt::Write as _;

use crate::plan::Plan;

/// One alert.
struct Alert {
    name: &'static str,
    expr: String,
    lasting: &'static str,
    severity: &'static str,
    summary: String,
}

/// The rules of one plan as YAML, which `promtool check rules` accepts.
#[must_use]
pub fn rules(plan: &Plan) -> String {
    let name = plan.name.as_str();
    let mut out = format!(
        "# Alerts on the rollout plan {}, made by `rollout rules`.\n\
         # They read what `rollout status --format prometheus` writes, in the textfile collector of the\n\
         # node exporter; have the cron job write it after each `rollout advance`.\n\
         groups:\n  - name: {}\n    rules:\n",
        quoted(name),
        quoted(&format!("rollout-{name}")),
    );
    for alert in alerts(name) {
        let Alert {
            name: alert,
            expr,
            lasting,
            severity,
            summary,
        } = alert;
        // Writing to a string cannot fail.
        let _ = write!(
            out,
            "      - alert: {alert}\n        expr: {}\n        for: {lasting}\n        labels:\n          \
             severity: {severity}\n          plan: {}\n        annotations:\n          summary: {}\n",
            quoted(&expr),
            quoted(name),
            quoted(&summary),
        );
    }
    out
}

fn alerts(plan: &str) -> [Alert; 4] {
    let one = |series: &str| format!("{series}{{plan={}}}", quoted(plan));
    let is = |status: &str| {
        format!(
            "rollout_plan_status{{plan={},status=\"{status}\"}} == 1",
            quoted(plan)
        )
    };
    [
        Alert {
            name: "RolloutRolledBack",
            expr: is("rolled_back"),
            lasting: "0s",
            severity: "critical",
            summary: format!("{plan} is rolled back: `rollout history {plan}` says why"),
        },
        Alert {
            name: "RolloutStalled",
            expr: format!(
                "time() > {}",
                one("rollout_plan_stage_deadline_timestamp_seconds")
            ),
            lasting: "15m",
            severity: "warning",
            summary: format!(
                "{plan} is late in its stage: `rollout check {plan}` says what it waits for"
            ),
        },
        Alert {
            name: "RolloutInvalid",
            expr: is("invalid"),
            lasting: "15m",
            severity: "warning",
            summary: format!("{plan} has mistakes and is not judged: `rollout validate {plan}`"),
        },
        Alert {
            name: "RolloutStatusOld",
            expr: "time() - rollout_status_timestamp_seconds > 3600".into(),
            lasting: "15m",
            severity: "warning",
            summary: format!(
                "the status of {plan} was not written for an hour: does the cron job run?"
            ),
        },
    ]
}

/// A JSON string is a YAML string and, for printable text, a PromQL string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

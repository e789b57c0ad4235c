//! The example of the documentation means what the documentation says.

use super::support::{CONFIG, PLAN, config, plan_of, value};
use crate::plan::{
    Auth, Category, HeaderValue, Kind, OnBreach, OnNoData, Role, RuleOut, Secret, Source, Status,
    parse_config,
};
use crate::units::{Effect, Exposure, Period, Worse};

#[test]
fn the_documented_example_has_no_mistakes() {
    assert_eq!(parse_config(CONFIG).mistakes, []);
    let parsed = plan_of(PLAN);
    assert_eq!(parsed.mistakes, []);
    assert!(parsed.value.is_some());
}

#[test]
fn every_setting_is_read() {
    let config = config();
    assert_eq!(
        config.prometheus.url.as_deref(),
        Some("http://localhost:9090")
    );
    assert_eq!(config.prometheus.timeout, Period::from_seconds(30));
    assert_eq!(
        config.prometheus.auth,
        Auth::Bearer(Secret::Env("PROM_TOKEN".into()))
    );
    assert_eq!(config.prometheus.tls.ca_file.as_deref(), Some("ca.pem"));
    assert_eq!(
        config.prometheus.headers["X-Scope-OrgID"],
        HeaderValue::Literal("team-a".into())
    );
    assert_eq!(config.arms.label, "variant");
    assert_eq!(config.judge.block, None);
    let errors = &config.metrics["checkout-errors"];
    assert_eq!(
        errors.metric.kind,
        Kind::Ratio {
            worse: Worse::Higher
        }
    );
    assert_eq!(errors.margin, None);
    assert!(config.surfaces["checkout"].exclusive);
    assert_eq!(
        config.calendar.windows[0].to_string(),
        "mon,tue,wed,thu 09:30-16:00 Europe/Stockholm"
    );
    assert_eq!(config.calendar.freezes[0].owner.as_deref(), Some("sre"));
    assert!(!config.git.commit);
    assert_eq!(config.notify[0].url_env, "ROLLOUT_SLACK_WEBHOOK");
}

#[test]
fn every_key_of_a_plan_is_read() {
    let plan = value(PLAN, plan_of(PLAN));
    assert_eq!(plan.name, "checkout-redesign");
    assert_eq!(plan.owner.as_deref(), Some("payments"));
    assert_eq!(plan.after[0].plan, "payments-v2");
    assert_eq!(
        plan.after[0].at_least,
        Exposure::from_percent(50.0).unwrap()
    );
    let stages = plan.stages();
    assert_eq!(stages.len(), 4);
    assert_eq!(stages[0].rule_out, RuleOut::Every(Effect::Ratio(5.0)));
    assert_eq!(stages[0].max_duration, Some(Period::parse("5d").unwrap()));
    assert_eq!(stages[3].rule_out, RuleOut::Margin);
    assert!(stages[2].approval && !stages[3].approval);
    let [errors, latency] = plan.guardrails.as_slice() else {
        panic!("two guardrails");
    };
    assert_eq!(
        (errors.name.as_str(), errors.category),
        ("checkout-errors", Category::Reliability)
    );
    assert_eq!(
        (errors.role, errors.on_no_data),
        (Role::Guardrail, OnNoData::Hold)
    );
    assert_eq!(errors.limit.unwrap().to_string(), "2%");
    assert_eq!(latency.on_breach, OnBreach::Pause);
    assert!(matches!(&latency.metric.source, Source::Selectors(columns) if columns.len() == 1));
    assert!(plan.assignment.is_some());
    assert_eq!(plan.state.unwrap().status, Status::Progressing);
}

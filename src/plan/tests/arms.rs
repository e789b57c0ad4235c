//! The arms of a plan and of the settings, and queries with `$increments`: what is read, and which
//! mistakes are found.

use super::support::{CONFIG, PLAN, config_with, edited, plan_of, plan_with, shown_plan, value};
use crate::plan::{Arm, Membership, Parsed, Plan, Severity, parse_config, parse_plan};

const ARMS: &str = "[arms]\nlabel = \"version\"\nexposed = { regex = \"7f9c.*\" }\nunexposed = { regex = \"5b1d.*\" }\n\n[assignment]";

fn with_arms(arms: &str) -> String {
    plan_with("[assignment]", arms)
}

fn codes(parsed: &Parsed<Plan>) -> Vec<&str> {
    parsed.mistakes.iter().map(|one| one.code.key()).collect()
}

#[test]
fn a_plans_own_arms_replace_those_of_the_directory() {
    let text = with_arms(ARMS);
    let plan = value(&text, plan_of(&text));
    assert_eq!(plan.arms.label, "version");
    for (value, arm) in [
        ("7f9c44", Membership::One(Arm::Exposed)),
        ("5b1d", Membership::One(Arm::Unexposed)),
        ("treatment", Membership::Neither),
    ] {
        assert_eq!(plan.arms.arm_of(value), arm, "{value}");
    }
}

#[test]
fn what_a_plans_arms_leave_out_is_that_of_the_directory() {
    let text = with_arms("[arms]\nexposed = { regex = \"treatment-.*\" }\n\n[assignment]");
    let plan = value(&text, plan_of(&text));
    assert_eq!(plan.arms.label, "variant");
    assert_eq!(plan.arms.unexposed.to_string(), "control");
    assert_eq!(plan.arms.exposed.to_string(), "~treatment-.*");
}

#[test]
fn every_guardrails_definition_depends_on_the_plans_arms() {
    let old = value(PLAN, plan_of(PLAN));
    let text = with_arms(ARMS);
    let new = value(&text, plan_of(&text));
    for (old, new) in old.guardrails.iter().zip(&new.guardrails) {
        assert_ne!(old.definition, new.definition, "{}", old.name);
    }
    // A regular expression is not the text that looks like it.
    let as_text = text.replace("{ regex = \"7f9c.*\" }", "\"7f9c.*\"");
    let other = value(&as_text, plan_of(&as_text));
    assert_ne!(other.guardrails[0].definition, new.guardrails[0].definition);
    // The same arms written in the plan are the same evidence.
    let same = with_arms("[arms]\nexposed = \"treatment\"\n\n[assignment]");
    let same = value(&same, plan_of(&same));
    assert_eq!(same.guardrails, old.guardrails);
}

#[test]
fn arms_that_cannot_be_told_apart_are_a_mistake() {
    for (arms, code) in [
        ("exposed = \"control\"", "same-arms"),
        ("exposed = { regex = \"con.*\" }", "same-arms"),
        ("unexposed = { regex = \".+\" }", "same-arms"),
        (
            "exposed = { regex = \"a.*\" }\nunexposed = { regex = \"a.*\" }",
            "same-arms",
        ),
        ("exposed = { regex = \"a*\" }", "bad-regex"),
        ("exposed = { regex = \"(a\" }", "bad-regex"),
        ("exposed = { regex = \"(?=a)\" }", "bad-regex"),
        ("exposed = { }", "missing-key"),
        ("exposed = { regexp = \"a\" }", "unknown-key"),
        ("exposed = 1", "wrong-type"),
        ("label = \"a\\nb\"", "bad-label"),
        ("colour = \"a\"", "unknown-key"),
    ] {
        let text = with_arms(&format!("[arms]\n{arms}\n\n[assignment]"));
        let parsed = plan_of(&text);
        assert!(
            codes(&parsed).contains(&code),
            "{arms}: {}",
            shown_plan(&text)
        );
        let mistake = parsed
            .mistakes
            .iter()
            .find(|one| one.code.key() == code)
            .unwrap();
        let place = &text[mistake.span.clone()];
        assert!(arms.contains(place.trim()), "{arms}: {place}");
        assert!(mistake.cure.is_some(), "{arms}");
    }
    let text = config_with(
        "exposed = \"treatment\"\n",
        "exposed = { regex = \"c.*\" }\n",
    );
    let found = parse_config(&text);
    assert_eq!(found.mistakes[0].code.key(), "same-arms");
}

#[test]
fn selectors_leave_the_label_of_the_plans_arms_open() {
    let own = "[arms]\nlabel = \"app\"\n\n[assignment]";
    let parsed = plan_of(&with_arms(own));
    // That of the shared metric, and that of the plan's own.
    assert_eq!(codes(&parsed), ["bad-selector", "bad-selector"]);
    let config = value(CONFIG, parse_config(CONFIG));
    let own = with_arms("[arms]\nlabel = \"version\"\n\n[assignment]").replace(
        "seconds_bucket{app=\"checkout\"}",
        "seconds_bucket{variant=\"x\"}",
    );
    let parsed = parse_plan("checkout-redesign", &own, &config);
    assert!(parsed.value.is_some(), "{}", shown_plan(&own));
}

fn with_queries(exposed: &str, unexposed: &str) -> String {
    let latency = r#"latency = { histogram = 'http_request_duration_seconds_bucket{app="checkout"}', quantile = 0.99 }"#;
    let one = |text: &str| {
        format!("{{ events = '{text}', total = 'sum($increments({text}_total))' }}")
            .replace("events = '", "events = 'sum($increments(")
            .replacen("', total", ")) ', total", 1)
    };
    edited(
        PLAN,
        latency,
        &format!(
            "ratio = {{ exposed = {}, unexposed = {} }}",
            one(exposed),
            one(unexposed)
        ),
    )
}

#[test]
fn increments_of_bare_selectors_are_read() {
    let text = with_queries("a", "b");
    let parsed = plan_of(&text);
    assert!(parsed.mistakes.is_empty(), "{}", shown_plan(&text));
}

#[test]
fn the_same_query_for_both_arms_is_a_mistake() {
    let parsed = plan_of(&with_queries("a", "a"));
    assert_eq!(codes(&parsed), ["same-arms", "same-arms"]);
}

#[test]
fn increments_of_anything_else_are_a_mistake() {
    for inside in ["x[5m]", "sum(x)", "$increments(x)", "x offset 5m", "", "x{"] {
        let parsed = plan_of(&with_queries(inside, "b"));
        assert!(codes(&parsed).contains(&"bad-increments"), "{inside}");
        let mistake = parsed
            .mistakes
            .iter()
            .find(|one| one.code.key() == "bad-increments");
        assert!(mistake.is_some_and(|one| one.cure.is_some()), "{inside}");
    }
}

#[test]
fn functions_that_lose_increments_are_warned_of() {
    let text = with_queries("a", "b")
        .replace("'sum($increments(a))", "'sum(increase(a[$block]))")
        .replace("'sum($increments(b))", "'sum(rate(b[$block]))");
    let parsed = plan_of(&text);
    assert_eq!(codes(&parsed), ["loses-increments", "loses-increments"]);
    assert!(
        parsed
            .mistakes
            .iter()
            .all(|one| one.severity == Severity::Warning)
    );
    assert!(parsed.value.is_some());
}

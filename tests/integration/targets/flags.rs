//! Flags: the evaluators of the systems themselves.

use super::consumers::Language::{Node, Python};
use super::consumers::{ask, files, released};
use super::walk::{steps, target};

const FLAGD: &str = r#"{
  "flags": {
    "checkout": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "targeting": { "fractional": [["on", 0], ["off", 100]] }
    }
  }
}
"#;

#[test]
fn flagd_exposes_what_the_plan_says() {
    let target = target("flagd = { file = 'a.json', flag = 'checkout', variant = 'on' }");
    released(Node, "flagd.mjs", 20_000, &target, FLAGD);
    // The exposed variant may stand second.
    let second = FLAGD.replace(r#"["on", 0], ["off", 100]"#, r#"["off", 100], ["on", 0]"#);
    released(Node, "flagd.mjs", 20_000, &target, &second);
}

#[test]
fn flagd_takes_fractions_as_nobody_and_what_is_written_over_them_as_it_is() {
    let target = target("flagd = { file = 'a.json', flag = 'checkout', variant = 'on' }");
    let fractions = FLAGD.replace("0], [\"off\", 100]", "0.5], [\"off\", 99.5]");
    let steps = steps(&target, &fractions);
    let mut texts = steps.clone();
    texts[0].text = fractions;
    let (_folder, files) = files(&target, &texts);
    if let Some(answers) = ask(Node, "flagd.mjs", 20_000, &files) {
        assert!(answers[0].iter().all(|exposed| !exposed));
        let exposed = answers[1].iter().filter(|exposed| **exposed).count();
        assert!(
            (60..=140).contains(&exposed),
            "{exposed} of 20,000 at 0.5 %"
        );
    }
}

#[test]
fn flagd_exposes_the_same_users_whatever_the_weights_add_up_to() {
    let target = target("flagd = { file = 'a.json', flag = 'checkout', variant = 'on' }");
    let mut texts = steps(&target, FLAGD);
    texts.truncate(2);
    texts[0].text = FLAGD.replace("0], [\"off\", 100]", "5], [\"off\", 95]");
    texts[1].text = FLAGD.replace("0], [\"off\", 100]", "500], [\"off\", 9500]");
    let (_folder, files) = files(&target, &texts);
    if let Some(answers) = ask(Node, "flagd.mjs", 20_000, &files) {
        assert!(answers[0] == answers[1]);
    }
}

#[test]
fn growthbook_exposes_what_the_plan_says() {
    let target = target("growthbook = { file = 'a.json', flag = 'checkout' }");
    let coverage = r#"{"features": {"checkout": {"defaultValue": false, "rules": [
        {"force": true, "coverage": 0, "hashAttribute": "id", "hashVersion": 2, "seed": "checkout"}
    ]}}}"#;
    released(Node, "growthbook.mjs", 20_000, &target, coverage);
    let weights = r#"{"features": {"checkout": {"defaultValue": false, "rules": [
        {"variations": [false, true], "weights": [1, 0], "coverage": 1, "hashAttribute": "id", "hashVersion": 2, "key": "checkout"}
    ]}}}"#;
    released(Node, "growthbook.mjs", 20_000, &target, weights);
}

#[test]
fn unleash_exposes_what_the_plan_says() {
    let target = target("unleash = { file = 'a.json', flag = 'checkout' }");
    let text = r#"{"version": 2, "features": [{"name": "checkout", "enabled": true, "strategies": [
        {"name": "flexibleRollout", "parameters": {"rollout": "0", "stickiness": "userId", "groupId": "checkout"}}
    ]}]}"#;
    released(Node, "unleash.mjs", 20_000, &target, text);
}

#[test]
fn launchdarkly_exposes_what_the_plan_says() {
    let target = target("launchdarkly = { file = 'a.json', flag = 'checkout', variant = 0 }");
    let text = r#"{"flags": {"checkout": {
        "key": "checkout", "on": true, "version": 1, "salt": "a1b2",
        "variations": [true, false], "offVariation": 1,
        "fallthrough": {"rollout": {"variations": [
            {"variation": 0, "weight": 0}, {"variation": 1, "weight": 100000}
        ]}}
    }}}"#;
    released(Python, "launchdarkly.py", 10_000, &target, text);
}

#[test]
fn go_feature_flag_exposes_what_the_plan_says() {
    let target =
        target("gofeatureflag = { file = 'a.yaml', flag = 'checkout', variant = 'enabled' }");
    let text = "checkout:
  variations:
    enabled: true
    disabled: false
  defaultRule:
    percentage:
      enabled: 0 # grows
      disabled: 100
";
    // Its evaluator answers some 7,000 times a second.
    released(Python, "gofeatureflag.py", 2_500, &target, text);
}

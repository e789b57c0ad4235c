//! What is said of a text that does not do what it should, as it is shown.

use super::files::{
    ENVOY, EXPERIMENT, FLAGD, GOFEATUREFLAG, GROWTHBOOK, HTTPROUTE, LAUNCHDARKLY, UNLEASH, VALUES,
    flagd, httproute, target, values, with,
};
use crate::plan::{Config, Target, parse_plan, render_mistakes};
use crate::targets::{check, check_exposures};

/// What is said of a text, as it is shown.
fn said(target: &Target, text: &str) -> String {
    let found = check(target, text);
    render_mistakes(&target.file, text, &found, false, 100)
}

#[test]
fn what_is_said_shows_where_and_what_to_write() {
    let unleash = target("unleash = { file = 'unleash.json', flag = 'checkout' }");
    let growthbook = target("growthbook = { file = 'features.json', flag = 'checkout' }");
    let launchdarkly =
        target("launchdarkly = { file = 'ld.json', flag = 'checkout', variant = 0 }");
    let goff =
        target("gofeatureflag = { file = 'flags.yaml', flag = 'checkout', variant = 'enabled' }");
    let envoy =
        target("envoy = { file = 'routes.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }");
    let map = target("haproxy = { file = 'checkout.map', key = 'checkout' }");
    let typo = target("flagd = { file = 'flags.json', flag = 'chekout', variant = 'on' }");
    let variant = target("flagd = { file = 'flags.json', flag = 'checkout', variant = 'new' }");
    let route =
        target("httproute = { file = 'route.yaml', name = 'chekout', exposed = 'a', rest = 'b' }");
    let cases = [
        ("no such flag", &typo, FLAGD.to_owned()),
        ("no such variant", &variant, FLAGD.to_owned()),
        (
            "fractions",
            &flagd(),
            with(FLAGD, r#"0], ["off", 100]"#, r#"0.5], ["off", 99.5]"#),
        ),
        (
            "three arms",
            &flagd(),
            with(FLAGD, r#"["off", 100]"#, r#"["off", 50], ["red", 50]"#),
        ),
        (
            "a pair without a number",
            &flagd(),
            with(FLAGD, r#"["on", 0]"#, r#"["on"]"#),
        ),
        (
            "no fractional",
            &flagd(),
            with(FLAGD, "fractional", "split"),
        ),
        (
            "switched off",
            &flagd(),
            with(
                FLAGD,
                "\"ENABLED\",\n      \"variants\"",
                "\"DISABLED\",\n      \"variants\"",
            ),
        ),
        (
            "not JSON",
            &flagd(),
            with(FLAGD, "\"flags\": {", "\"flags\": {{"),
        ),
        (
            "half",
            &growthbook,
            with(
                EXPERIMENT,
                "\"weights\": [1, 0], \"coverage\": 1.0",
                "\"weights\": [0.5, 0.5], \"coverage\": 0.5",
            ),
        ),
        (
            "equal weights",
            &growthbook,
            with(EXPERIMENT, "\"weights\": [1, 0], ", ""),
        ),
        (
            "a coarse hash",
            &growthbook,
            with(GROWTHBOOK, ", \"hashVersion\": 2", ""),
        ),
        (
            "no stickiness, and all are in",
            &unleash,
            with(UNLEASH, "\"stickiness\": \"userId\", ", "").replace("userWithId", "default"),
        ),
        (
            "dice",
            &unleash,
            with(
                UNLEASH,
                "\"stickiness\": \"userId\"",
                "\"stickiness\": \"random\"",
            ),
        ),
        (
            "a sum",
            &launchdarkly,
            with(LAUNCHDARKLY, "\"weight\": 100000", "\"weight\": 99000"),
        ),
        (
            "more than all",
            &goff,
            with(GOFEATUREFLAG, "enabled: 0 # grows", "enabled: 30"),
        ),
        (
            "no hash policy",
            &envoy,
            with(ENVOY, "          use_hash_policy: true\n", "").replace(
                "        hash_policy: [{ header: { header_name: x-user-id } }]\n",
                "",
            ),
        ),
        ("no such route", &route, HTTPROUTE.to_owned()),
        (
            "no weight",
            &httproute(),
            with(HTTPROUTE, "      weight: 0\n", ""),
        ),
        (
            "a template",
            &values(),
            with(VALUES, "weight: 0   # percent", "weight: {{ .Values.w }}"),
        ),
        (
            "quotes",
            &values(),
            with(VALUES, "weight: 0   # percent", "weight: \"0\""),
        ),
        (
            "an anchor",
            &values(),
            with(VALUES, "weight: 0   # percent", "weight: &w 0"),
        ),
        (
            "an alias",
            &values(),
            format!(
                "w: &w 0\n{}",
                with(VALUES, "weight: 0   # percent", "weight: *w")
            ),
        ),
        (
            "twice",
            &values(),
            with(VALUES, "stable:\n", "stable:\n  weight: 100\n"),
        ),
        (
            "not YAML",
            &values(),
            with(VALUES, "canary:\n", "{{- if .Values.canary }}\n"),
        ),
        ("another text", &map, "checkout 500\nother 1\n".to_owned()),
    ];
    let mut all = String::new();
    for (name, target, text) in cases {
        all.push_str(&format!("## {name}\n\n{}\n", said(target, &text)));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn a_stage_that_a_target_would_show_as_nobody_is_a_mistake_of_the_plan() {
    let text = "[[stages]]\nexposure = 0.5\n\n[[stages]]\nexposure = 5\n\n[[guardrails]]\nname = \"errors\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = { events = 'e', total = 't' }\n\n[[targets]]\nhaproxy = { file = \"../a.map\", key = \"a\" }\n\n[[targets]]\nunleash = { file = \"../a.json\", flag = \"a\" }\n";
    let plan = parse_plan("checkout", text, &Config::default())
        .value
        .unwrap();
    let found: Vec<_> = check_exposures(&plan, 1, None, text).into_iter().collect();
    insta::assert_snapshot!(render_mistakes("checkout.toml", text, &found, false, 100), @r#"
    error[target-too-fine]: unleash cannot show 0.5 % of users: it would be nobody
      --> checkout.toml:2:12
       |
     2 | exposure = 0.5
       |            ^^^ unleash counts from 1 % on
    ...
    17 | unleash = { file = "../a.json", flag = "a" }
       |                    ----------- the target
       |
    help: let no stage expose less than 1 %
    "#);
}

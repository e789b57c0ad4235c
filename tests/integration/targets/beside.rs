//! What gives users the change beside the numbers: the systems' own evaluators expose nearly everybody
//! where a mistake is shown, and only the share of the numbers where none is.

use rollout::plan::{MistakeCode, Target};
use rollout::targets::check;

use super::consumers::Language::{self, Node, Python};
use super::consumers::ask;
use super::walk::target;

const USERS: usize = 1_000;

/// Whether users get the change beside the numbers, as `check` says it.
fn is_overruled(target: &Target, text: &str) -> bool {
    let found = check(target, text);
    found
        .iter()
        .any(|one| one.is_error() && one.code == MistakeCode::TargetOverruled)
}

/// Each text with numbers that say 1 %, and whether more are exposed all the same.
fn told_apart(language: Language, script: &str, target: &Target, texts: &[(bool, String)]) {
    for (overruled, text) in texts {
        assert_eq!(is_overruled(target, text), *overruled, "{text}");
    }
    let folder = tempfile::TempDir::new().unwrap();
    let write = |(index, (_, text)): (usize, &(bool, String))| {
        let path = folder.path().join(format!("{index}-{}", target.file));
        std::fs::write(&path, text).unwrap();
        path
    };
    let files: Vec<_> = texts.iter().enumerate().map(write).collect();
    let Some(answers) = ask(language, script, USERS, &files) else {
        return;
    };
    for ((overruled, text), answer) in texts.iter().zip(answers) {
        let exposed = answer.iter().filter(|exposed| **exposed).count();
        assert_eq!(exposed > USERS / 3, *overruled, "{exposed} of {text}");
    }
}

#[test]
fn flagd_gives_what_branches_and_the_default_say() {
    const SPLIT: &str = r#"{"fractional": [["on", 100], ["off", 9900]]}"#;
    const DE: &str = r#"{"==": [{"var": "country"}, "de"]}"#;
    let target = target("flagd = { file = 'a.json', flag = 'checkout', variant = 'on' }");
    let flag = |default: &str, targeting: &str| {
        format!(
            r#"{{"flags": {{"checkout": {{"state": "ENABLED", "variants": {{"on": true, "off": false, "new": true}},
               "defaultVariant": "{default}", "targeting": {targeting} }} }},
               "$evaluators": {{"all": {{"if": [{DE}, "off", "on"]}}, "some": {{"if": [{DE}, "on", "off"]}} }} }}"#
        )
    };
    let branches = |branches: &str| flag("off", &format!(r#"{{"if": [{branches}]}}"#));
    let mut texts = vec![
        (false, flag("off", SPLIT)),
        (true, flag("on", &format!(r#"{{"if": [{DE}, {SPLIT}]}}"#))),
        (
            true,
            flag("on", &format!(r#"{{"if": [{DE}, {SPLIT}, null]}}"#)),
        ),
        (true, branches(&format!(r#"{DE}, {SPLIT}, "on""#))),
        (true, branches(&format!(r#"{DE}, {SPLIT}, "new""#))),
        (true, branches(&format!(r#"true, "on", {SPLIT}"#))),
        (
            true,
            branches(&format!(r#"{DE}, {SPLIT}, {{"$ref": "all"}}"#)),
        ),
        (false, branches(&format!(r#"false, "on", {SPLIT}"#))),
        (false, branches(&format!(r#"{DE}, "on", {SPLIT}"#))),
        (
            false,
            branches(&format!(r#"{DE}, {SPLIT}, {{"$ref": "some"}}"#)),
        ),
        (false, branches(&format!(r#"{DE}, {SPLIT}, "off""#))),
    ];
    told_apart(Node, "flagd.mjs", &target, &texts);
    // Users of the evaluator have a key; requests without one get the default.
    texts = vec![(true, flag("on", SPLIT))];
    assert!(is_overruled(&target, &texts[0].1));
}

#[test]
fn growthbook_gives_what_rules_before_and_after_and_the_default_say() {
    const SPLIT: &str =
        r#"{"force": true, "coverage": 0.01, "hashAttribute": "id", "hashVersion": 2}"#;
    let target = target("growthbook = { file = 'a.json', flag = 'checkout' }");
    let feature = |default: &str, rules: &str| {
        format!(
            r#"{{"features": {{"checkout": {{"defaultValue": {default}, "rules": [{rules}]}} }} }}"#
        )
    };
    let texts = [
        (false, feature("false", SPLIT)),
        (true, feature("true", SPLIT)),
        (
            true,
            feature("false", &format!(r#"{{"force": true}}, {SPLIT}"#)),
        ),
        (
            true,
            feature("false", &format!(r#"{SPLIT}, {{"force": true}}"#)),
        ),
        (
            true,
            feature(
                "false",
                &format!(r#"{{"condition": {{}}, "force": true}}, {SPLIT}"#),
            ),
        ),
        (
            true,
            feature(
                "false",
                &format!(
                    r#"{{"force": true, "range": [0, 0.5], "hashAttribute": "id", "hashVersion": 2}}, {SPLIT}"#
                ),
            ),
        ),
        (
            false,
            feature(
                "false",
                &format!(r#"{SPLIT}, {{"force": false}}, {{"force": true}}"#),
            ),
        ),
        (
            false,
            feature("true", &format!(r#"{SPLIT}, {{"force": false}}"#)),
        ),
        (
            false,
            feature(
                "false",
                &format!(r#"{{"condition": {{"staff": true}}, "force": true}}, {SPLIT}"#),
            ),
        ),
    ];
    told_apart(Node, "growthbook.mjs", &target, &texts);
}

#[test]
fn unleash_gives_what_any_strategy_says() {
    let target = target("unleash = { file = 'a.json', flag = 'checkout' }");
    let feature = |strategy: &str| {
        format!(
            r#"{{"version": 2, "features": [{{"name": "checkout", "enabled": true, "strategies": [{strategy}
            {{"name": "flexibleRollout", "parameters": {{"rollout": "1", "stickiness": "userId", "groupId": "checkout"}} }}]}}]}}"#
        )
    };
    let texts = [
        (false, feature("")),
        (true, feature(r#"{"name": "default"},"#)),
        (
            true,
            feature(r#"{"name": "default", "constraints": [], "segments": []},"#),
        ),
        (
            true,
            feature(
                r#"{"name": "gradualRolloutUserId", "parameters": {"percentage": "100", "groupId": "x"}},"#,
            ),
        ),
        (
            false,
            feature(
                r#"{"name": "gradualRolloutUserId", "parameters": {"percentage": "0", "groupId": "x"}},"#,
            ),
        ),
        (
            false,
            feature(
                r#"{"name": "default", "constraints": [{"contextName": "userId", "operator": "IN", "values": ["ann"]}]},"#,
            ),
        ),
        (
            false,
            feature(r#"{"name": "userWithId", "parameters": {"userIds": "ann"}},"#),
        ),
    ];
    told_apart(Node, "unleash.mjs", &target, &texts);
}

#[test]
fn launchdarkly_gives_what_rules_and_the_off_variation_say() {
    let target = target("launchdarkly = { file = 'a.json', flag = 'checkout', variant = 0 }");
    let flag = |on: bool, off: u8, more: &str, fixed: &str| {
        format!(
            r#"{{"flags": {{"checkout": {{"key": "checkout", "on": {on}, "version": 1, "salt": "a", {more}
            "variations": [true, false, true], "offVariation": {off}, "fallthrough": {{{fixed} "rollout": {{"variations": [
            {{"variation": 0, "weight": 1000}}, {{"variation": 1, "weight": 99000}}]}} }} }} }} }}"#
        )
    };
    let ann = r#"{"attribute": "key", "op": "in", "values": ["ann"]}"#;
    let half = r#""rollout": {"variations": [{"variation": 0, "weight": 50000}, {"variation": 1, "weight": 50000}]}"#;
    let texts = [
        (false, flag(true, 1, "", "")),
        (true, flag(true, 1, "", r#""variation": 0,"#)),
        (false, flag(true, 1, "", r#""variation": 1,"#)),
        (true, flag(false, 0, "", "")),
        (true, flag(false, 2, "", "")),
        (false, flag(true, 0, "", "")),
        (
            true,
            flag(
                true,
                0,
                r#""prerequisites": [{"key": "absent", "variation": 0}],"#,
                "",
            ),
        ),
        (
            true,
            flag(
                true,
                1,
                r#""rules": [{"clauses": [], "variation": 0}],"#,
                "",
            ),
        ),
        (
            true,
            flag(
                true,
                1,
                &format!(r#""rules": [{{"clauses": [], {half}}}],"#),
                "",
            ),
        ),
        (
            false,
            flag(
                true,
                1,
                r#""rules": [{"clauses": [], "variation": 1}, {"clauses": [], "variation": 0}],"#,
                "",
            ),
        ),
        (
            false,
            flag(
                true,
                1,
                &format!(r#""rules": [{{"clauses": [{ann}], "variation": 0}}],"#),
                "",
            ),
        ),
        (
            false,
            flag(
                true,
                1,
                r#""targets": [{"values": ["ann"], "variation": 0}],"#,
                "",
            ),
        ),
    ];
    told_apart(Python, "launchdarkly.py", &target, &texts);
}

#[test]
fn go_feature_flag_gives_what_targeting_and_scheduled_steps_say() {
    let target =
        target("gofeatureflag = { file = 'a.yaml', flag = 'checkout', variant = 'enabled' }");
    let flag = |more: &str, rule: &str| {
        format!(
            "checkout:\n  variations: {{ enabled: true, disabled: false }}\n  defaultRule: {{{rule} percentage: {{ enabled: 1, disabled: 99 }} }}\n{more}"
        )
    };
    let progress = "progressiveRollout: { initial: { variation: disabled, date: 2020-01-01T00:00:00Z, percentage: 0 }, end: { variation: enabled, date: 2020-02-01T00:00:00Z, percentage: 100 } }";
    let progress = progress.replace("2020-01-01T00:00:00Z", "'2020-01-01T00:00:00Z'");
    let progress = progress.replace("2020-02-01T00:00:00Z", "'2020-02-01T00:00:00Z'");
    let step =
        |rule: &str| format!("  scheduledRollout: [{{ date: '2020-01-01T00:00:00Z', {rule} }}]\n");
    let texts = [
        (false, flag("", "")),
        (true, flag("", &format!("{progress}, "))),
        (
            true,
            flag(
                &step("defaultRule: { percentage: { enabled: 100, disabled: 0 } }"),
                "",
            ),
        ),
        (
            false,
            flag(&step("defaultRule: { variation: enabled }"), ""),
        ),
        (
            false,
            flag(
                "  targeting: [{ query: 'targetingKey eq \"ann\"', variation: enabled }]\n",
                "",
            ),
        ),
        (
            true,
            flag("  targeting: [{ query: '', variation: enabled }]\n", ""),
        ),
        (
            true,
            flag(
                "  targeting: [{ name: all, percentage: { enabled: 90, disabled: 10 } }]\n",
                "",
            ),
        ),
        (
            false,
            flag(
                "  targeting: [{ query: '', variation: enabled, disable: true }]\n",
                "",
            ),
        ),
    ];
    told_apart(Python, "gofeatureflag.py", &target, &texts);
}

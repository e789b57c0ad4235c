//! `[[targets]]`: what is read, and which mistakes are found.

use super::support::{PLAN, plan_of, plan_with, shown_plan, value};
use crate::plan::keys::key::{Key, Shape};
use crate::plan::keys::tables::keys_of;
use crate::plan::keys::target;
use crate::plan::{
    FlagPlace, Target, TargetKind, TargetPlace, Word as _, revise, salvaged_targets, schema_plan,
};

fn with_target(target: &str) -> String {
    plan_with(
        "[assignment]",
        &format!("[[targets]]\n{target}\n\n[assignment]"),
    )
}

fn targets(text: &str) -> Vec<Target> {
    value(text, plan_of(text)).targets
}

fn codes(text: &str) -> Vec<&'static str> {
    plan_of(text)
        .mistakes
        .iter()
        .map(|one| one.code.key())
        .collect()
}

#[test]
fn the_documented_target_is_read() {
    let text = with_target(
        "flagd = { file = \"../flags/checkout.json\", flag = \"one-page-checkout\", variant = \"on\" }",
    );
    let expected = Target {
        file: "../flags/checkout.json".into(),
        place: TargetPlace::Flagd(FlagPlace {
            flag: "one-page-checkout".into(),
            variant: "on".into(),
        }),
    };
    assert_eq!(targets(&text), [expected]);
    assert_eq!(targets(PLAN), []);
}

#[test]
fn the_example_of_every_kind_is_read_as_that_kind() {
    for kind in TargetKind::ALL {
        let key = target::kind(*kind);
        assert_eq!(key.name, kind.key());
        let text = with_target(&key.written());
        let found = targets(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].kind(), *kind);
        let schema = &schema_plan()["properties"]["targets"];
        let schema = jsonschema::validator_for(schema).unwrap();
        let document: toml::Table = text.parse().unwrap();
        let target = serde_json::to_value(&document["targets"]).unwrap();
        let wrong: Vec<String> = schema
            .iter_errors(&target)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(wrong, Vec::<String>::new());
    }
}

#[test]
fn what_a_kind_needs_is_asked_for_with_its_cure() {
    for kind in TargetKind::ALL {
        let key = target::kind(*kind);
        let Shape::Variant(table) = key.shape else {
            panic!("{} is no table", key.name);
        };
        let required = |key: &Key| matches!(key.need, crate::plan::keys::key::Need::Required(_));
        let needed = keys_of(table).iter().filter(|key| required(key)).count();
        let text = with_target(&format!("{} = {{}}", key.name));
        assert_eq!(codes(&text), vec!["missing-key"; needed], "{}", key.name);
    }
}

#[test]
fn mistakes_are_shown_with_place_and_cure() {
    let text = with_target(
        "flag = \"a\"\n\n[[targets]]\nflagd = { file = \"/etc/flags.json\", flg = \"a\", variant = \"on\" }\nnginx = { file = \"../.git/config\", key = \"$a\", variable = \"$b\" }\n\n[[targets]]\nhttproute = { file = \"../route.yaml\", exposed = \"a\", rest = \"a\" }",
    );
    insta::assert_snapshot!(shown_plan(&text));
}

#[test]
fn a_path_that_is_none_of_the_work_tree_is_refused() {
    for path in [
        "/flags.json",
        "C:/flags.json",
        "..\\\\flags.json",
        "../.git/hooks/post-commit",
        "../x/.GIT/config",
        "other.toml",
        "./other.toml",
        ".evidence/checkout/record.json",
        "../flags/",
        "..",
        "../a\\nb",
    ] {
        let text = with_target(&format!("haproxy = {{ file = \"{path}\", key = \"a\" }}"));
        assert_eq!(codes(&text), ["bad-path"], "{path}");
    }
    for path in [
        "../flags.json",
        "flags.json",
        "../rollout.toml",
        "../.github/flags.json",
    ] {
        let text = with_target(&format!("haproxy = {{ file = \"{path}\", key = \"a\" }}"));
        assert_eq!(codes(&text), [""; 0], "{path}");
    }
}

#[test]
fn words_that_would_break_a_file_are_refused() {
    for (target, code) in [
        ("haproxy = { file = \"a\", key = \"a b\" }", "bad-token"),
        (
            "nginx = { file = \"a\", key = \"a\", variable = \"$b\" }",
            "bad-token",
        ),
        (
            "nginx = { file = \"a\", key = \"$a\\\"\", variable = \"$b\" }",
            "bad-token",
        ),
        (
            "nginx = { file = \"a\", key = \"$a\", variable = \"b\" }",
            "bad-token",
        ),
        (
            "nginx = { file = \"a\", key = \"$a\", variable = \"$b\", rest = \"a;b\" }",
            "bad-token",
        ),
        (
            "nginx = { file = \"a\", key = \"$a\", variable = \"$b\", rest = \"treatment\" }",
            "same-arms",
        ),
        ("json = { file = \"a\", exposed = \"a/b\" }", "bad-pointer"),
        (
            "json = { file = \"a\", exposed = \"/a\", rest = \"/a\" }",
            "same-arms",
        ),
        (
            "json = { file = \"a\", exposed = \"/a\", scale = 0 }",
            "wrong-type",
        ),
        (
            "text = { file = \"a\", template = \"share {exposd}\" }",
            "bad-template",
        ),
        (
            "text = { file = \"a\", template = \"share\" }",
            "bad-template",
        ),
        (
            "launchdarkly = { file = \"a\", flag = \"a\", variant = \"on\" }",
            "wrong-type",
        ),
    ] {
        assert_eq!(codes(&with_target(target)), [code], "{target}");
    }
}

#[test]
fn two_targets_on_one_place_are_a_mistake_and_on_one_file_are_not() {
    let two = |first: &str, second: &str| with_target(&format!("{first}\n\n[[targets]]\n{second}"));
    let flag = |flag: &str| format!("unleash = {{ file = \"../a.json\", flag = \"{flag}\" }}");
    assert_eq!(codes(&two(&flag("a"), &flag("b"))), [""; 0]);
    assert_eq!(codes(&two(&flag("a"), &flag("a"))), ["shared-target"]);
    let map = "haproxy = { file = \"../a.json\", key = \"a\" }";
    assert_eq!(codes(&two(&flag("a"), map)), ["shared-target"]);
}

#[test]
fn a_plan_with_mistakes_still_says_where_its_targets_are() {
    let text = with_target("unleash = { file = \"../a.json\", flag = \"a\" }\n\n[[targets]]\nflagd = { file = \"../b.json\" }")
        .replace("exposure = 100", "exposure = 1000");
    assert!(plan_of(&text).value.is_none());
    let found = salvaged_targets(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind(), TargetKind::Unleash);
    assert_eq!(salvaged_targets("= no toml"), []);
}

#[test]
fn a_new_state_leaves_the_targets_as_they_are_written() {
    let line = "nginx = { file = \"../a.conf\",   key = '$a', variable = \"$b\" } # odd  spaces";
    let text = with_target(line);
    let plan = value(&text, plan_of(&text));
    let state = plan.state.clone().unwrap();
    let new = revise(
        &text,
        &crate::plan::State {
            exposure: crate::units::Exposure::FULL,
            stage: 4,
            ..state
        },
    )
    .unwrap();
    assert!(new.contains(line), "{new}");
    assert_eq!(value(&new, plan_of(&new)).targets, plan.targets);
}

#[test]
fn what_is_said_of_a_word_says_what_to_write() {
    let mut said = String::new();
    for target in [
        "haproxy = { file = \"/etc/a.map\", key = \"a\" }",
        "haproxy = { file = \"..\\\\a.map\", key = \"a\" }",
        "haproxy = { file = \"../.git/hooks/a\", key = \"a\" }",
        "haproxy = { file = \"other.toml\", key = \"a\" }",
        "haproxy = { file = \".evidence/a.json\", key = \"a\" }",
        "haproxy = { file = \"../flags/\", key = \"a\" }",
        "haproxy = { file = \"a\", key = \"a b\" }",
        "nginx = { file = \"a\", key = \"a\", variable = \"$b\" }",
        "nginx = { file = \"a\", key = \"\\\"$a\", variable = \"$b\" }",
        "nginx = { file = \"a\", key = \"$a\", variable = \"b\" }",
        "json = { file = \"a\", exposed = \"a.b\" }",
        "text = { file = \"a\", template = \"share {exposd}\" }",
        "text = { file = \"a\", template = \"{exposed}{rest}\" }",
        "text = { file = \"a\", template = \"share\" }",
    ] {
        for mistake in plan_of(&with_target(target)).mistakes {
            let cure = mistake.cure.unwrap_or_default();
            said.push_str(&format!("{}\n  -> {cure}\n", mistake.message));
        }
    }
    insta::assert_snapshot!(said);
}

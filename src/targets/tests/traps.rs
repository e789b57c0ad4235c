//! Every trap that somebody fell into: what was written by hand and does not do what it says. Each was
//! seen in the real readers (`tests/integration/targets`) or in glue that teams wrote.

use super::files::{
    FLAGD, GOFEATUREFLAG, HTTPROUTE, LAUNCHDARKLY, UNLEASH, VALUES, VIRTUALSERVICE, flagd,
    httproute, percent, target, values, with,
};
use crate::plan::Mistake;
use crate::targets::{Shown, Standing, attainable, check, compare, shows, write};
use crate::units::Exposure;

/// The lines that differ.
fn changed<'t>(old: &'t str, new: &'t str) -> Vec<(&'t str, &'t str)> {
    assert_eq!(old.lines().count(), new.lines().count());
    old.lines()
        .zip(new.lines())
        .filter(|(old, new)| old != new)
        .collect()
}

#[test]
fn fractions_that_flagd_takes_as_nobody_become_whole_numbers() {
    for (exposed, rest) in [("0.5", "99.5"), ("16.57", "83.43")] {
        let text = with(
            FLAGD,
            r#"["on", 0], ["off", 100]"#,
            &format!(r#"["on", {exposed}], ["off", {rest}]"#),
        );
        assert!(matches!(shows(&flagd(), &text), Ok(Shown::Unclear(_))));
        let new = write(&flagd(), &text, percent(16.57)).unwrap();
        assert!(new.contains(r#"["on", 1657], ["off", 8343]"#), "{new}");
    }
}

#[test]
fn a_complement_that_was_left_alone_is_seen_as_what_it_is_and_both_numbers_change() {
    let text = with(
        FLAGD,
        r#"["on", 0], ["off", 100]"#,
        r#"["on", 50], ["off", 99]"#,
    );
    assert_eq!(shows(&flagd(), &text), Ok(Shown::Exposure(percent(33.55))));
    assert_eq!(
        compare(&flagd(), &text, percent(50.0)),
        Ok(Standing::Less(percent(33.55)))
    );
    let new = write(&flagd(), &text, percent(50.0)).unwrap();
    assert!(new.contains(r#"["on", 5000], ["off", 5000]"#), "{new}");
}

#[test]
fn one_line_changes_and_odd_spellings_elsewhere_stay() {
    let new = write(&flagd(), FLAGD, percent(5.0)).unwrap();
    assert_eq!(
        changed(FLAGD, &new),
        [(
            r#"        "fractional": [["on", 0], ["off", 100]]"#,
            r#"        "fractional": [["on", 5], ["off", 95]]"#
        )]
    );
    assert!(new.contains("1.10") && new.contains("caf\\u00e9"));
}

#[test]
fn nginx_is_never_told_nought_per_cent_nor_a_hundred_nor_three_decimals() {
    let target = target(
        "nginx = { file = 'a.conf', key = 'checkout-$cookie_uid', variable = '$checkout', exposed = 'new', rest = 'old' }",
    );
    let block = |exposure| {
        let text = write(&target, "", exposure).unwrap();
        text.lines().skip(1).collect::<Vec<_>>().join("\n")
    };
    let head = "split_clients \"checkout-$cookie_uid\" $checkout {\n";
    assert_eq!(block(Exposure::NONE), format!("{head}    * old;\n}}"));
    assert_eq!(block(Exposure::FULL), format!("{head}    * new;\n}}"));
    assert_eq!(
        block(percent(0.05)),
        format!("{head}    0.05% new;\n    * old;\n}}")
    );
    assert_eq!(
        block(percent(99.5)),
        format!("{head}    99.5% new;\n    * old;\n}}")
    );
}

#[test]
fn a_number_that_somebody_lowered_in_a_whole_file_is_told_from_another_text() {
    let target = target("haproxy = { file = 'a.map', key = 'checkout' }");
    let text = write(&target, "", percent(5.0)).unwrap();
    assert_eq!(text, "checkout 500\n");
    let lowered = compare(&target, "checkout 100\n", percent(5.0));
    assert_eq!(lowered, Ok(Standing::Less(percent(1.0))));
    for other in [
        "",
        "checkout 500",
        "checkout 500\nother 1\n",
        "checkout 10001\n",
        "checkout 0500\n",
    ] {
        assert!(
            matches!(shows(&target, other), Ok(Shown::Unclear(_))),
            "{other}"
        );
    }
    // git may write the ends of lines otherwise.
    assert_eq!(
        shows(&target, "checkout 500\r\n"),
        Ok(Shown::Exposure(percent(5.0)))
    );
}

#[test]
fn unleash_counts_whole_percents_and_shows_nobody_only_for_nobody() {
    let target = target("unleash = { file = 'a.json', flag = 'checkout' }");
    assert!(write(&target, UNLEASH, percent(0.5)).is_err());
    assert_eq!(attainable(&target, percent(99.5)).unwrap(), percent(99.0));
    let new = write(&target, UNLEASH, percent(99.5)).unwrap();
    assert!(new.contains(r#""rollout": "99""#), "{new}");
    assert_eq!(compare(&target, &new, percent(99.5)), Ok(Standing::Same));
}

#[test]
fn a_flag_that_is_switched_off_exposes_nobody_whatever_its_numbers_say() {
    let flag = |line: &str| target(&format!("{line} = {{ file = 'a', flag = 'checkout' }}"));
    for (target, text, on, off) in [
        (
            flagd(),
            FLAGD,
            "\"state\": \"ENABLED\",\n      \"variants\"",
            "\"state\": \"DISABLED\",\n      \"variants\"",
        ),
        (
            flag("unleash"),
            UNLEASH,
            "\"checkout\", \"enabled\": true",
            "\"checkout\", \"enabled\": false",
        ),
        (
            target("launchdarkly = { file = 'a', flag = 'checkout', variant = 0 }"),
            LAUNCHDARKLY,
            "\"on\": true, ",
            "",
        ),
        (
            target("gofeatureflag = { file = 'a', flag = 'checkout', variant = 'enabled' }"),
            GOFEATUREFLAG,
            "checkout:\n",
            "checkout:\n  disable: true\n",
        ),
    ] {
        let text = with(text, on, off);
        let five = write(&target, &text, percent(5.0)).unwrap();
        assert_ne!(five, text);
        assert_eq!(shows(&target, &five), Ok(Shown::Off));
        assert_eq!(compare(&target, &five, percent(5.0)), Ok(Standing::Off));
    }
}

#[test]
fn all_documents_of_a_file_are_seen_and_every_route_that_splits_changes() {
    let new = write(&httproute(), HTTPROUTE, percent(25.0)).unwrap();
    assert_eq!(
        changed(HTTPROUTE, &new),
        [
            ("      weight: 100", "      weight: 75"),
            ("      weight: 0", "      weight: 25")
        ]
    );
    let target = target("virtualservice = { file = 'a.yaml', exposed = 'v2', rest = 'v1' }");
    let new = write(&target, VIRTUALSERVICE, percent(25.0)).unwrap();
    assert_eq!(changed(VIRTUALSERVICE, &new).len(), 4);
    // One of two was changed by hand.
    let half = new.replacen("weight: 25", "weight: 26", 1);
    assert!(matches!(shows(&target, &half), Ok(Shown::Unclear(_))));
    let whole = write(&target, &half, percent(25.0)).unwrap();
    assert_eq!(shows(&target, &whole), Ok(Shown::Exposure(percent(25.0))));
}

#[test]
fn what_is_no_plain_number_is_refused_and_never_written() {
    for odd in [
        "{{ .Values.weight }}",
        "\"0\"",
        "'0'",
        "*other",
        "&other 0",
        "!!int 0",
        "0x0",
        "010",
        "1e1",
        "-0",
        "0_0",
        "~",
        "",
        "[0]",
        "{ a: 0 }",
        "|\n    0",
        ".5",
        "00",
    ] {
        let text = with(VALUES, "weight: 0   # percent", &format!("weight: {odd}"));
        let text = format!("other: &other 3\n{text}");
        let seen = shows(&values(), &text);
        assert!(seen.is_err(), "{odd}: {seen:?}");
        assert!(write(&values(), &text, percent(5.0)).is_err(), "{odd}");
    }
}

#[test]
fn what_is_there_twice_is_refused() {
    let text = with(VALUES, "stable:\n", "stable:\n  weight: 100\n");
    assert!(shows(&values(), &text).is_err());
    let text = with(
        FLAGD,
        r#""checkout": {"#,
        r#""checkout": {}, "checkout": {"#,
    );
    assert!(shows(&flagd(), &text).is_err());
    let two = format!("{VALUES}---\n{VALUES}");
    assert!(shows(&values(), &two).is_err());
    // Another document may be anything else.
    let other = format!("canary: 1\n---\n{VALUES}");
    assert_eq!(
        shows(&values(), &other),
        Ok(Shown::Exposure(Exposure::NONE))
    );
}

#[test]
fn a_flag_that_is_off_may_give_the_change_to_everybody() {
    let target =
        target(r#"launchdarkly = { file = "flags.json", flag = "checkout", variant = 0 }"#);
    let off = with(LAUNCHDARKLY, "\"on\": true", "\"on\": false");
    assert_eq!(shows(&target, &off), Ok(Shown::Off));
    let text = with(&off, "\"offVariation\": 1", "\"offVariation\": 0");
    assert!(matches!(shows(&target, &text), Ok(Shown::Overruled(..))));
    let found = check(&target, &text);
    assert!(found.iter().any(|one| one.message.contains("offVariation")));
    assert!(!found.iter().any(|one| one.message.contains("nobody")));
}

#[test]
fn a_variation_beside_a_rollout_is_what_everybody_gets() {
    let target =
        target(r#"launchdarkly = { file = "flags.json", flag = "checkout", variant = 0 }"#);
    assert!(check(&target, LAUNCHDARKLY).is_empty());
    let text = with(
        LAUNCHDARKLY,
        "\"fallthrough\": {",
        "\"fallthrough\": {\"variation\": 0, ",
    );
    assert!(
        check(&target, &text)
            .iter()
            .any(|one| one.message.contains("everybody"))
    );
}

#[test]
fn two_resources_that_split_between_the_same_names_are_a_mistake() {
    let route = HTTPROUTE.split("---\n").last().unwrap();
    let other = with(route, "  name: checkout\n", "  name: search\n");
    let both = format!("{HTTPROUTE}---\n{other}");
    assert!(!check(&httproute(), HTTPROUTE).iter().any(Mistake::is_error));
    let found = check(&httproute(), &both);
    assert!(
        found
            .iter()
            .any(|one| one.message.contains("two resources")),
        "{found:?}"
    );
}

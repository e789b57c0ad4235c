//! The merge gate on a change of the arms of a rollout that is under way.

use crate::plan::tests::support::{CONFIG, PLAN, config_with, edited, plan_of, plan_with, value};
use crate::plan::{Severity, parse_config, parse_plan};
use crate::review::{BySettings, Revised, compare};

const OWN: &str = "[arms]\nexposed = \"new\"\nunexposed = { regex = \"old.*\" }\n\n[assignment]";

fn found(before: &str, after: &str) -> Vec<(&'static str, bool, String)> {
    let old = value(before, plan_of(before));
    let new = value(after, plan_of(after));
    compare(&Revised {
        before: Some(&old),
        after: &new,
        text: after,
        state_backed: true,
        by_settings: BySettings::No,
    })
    .into_iter()
    .map(|one| (one.code.key(), one.severity == Severity::Error, one.message))
    .collect()
}

fn without_state(text: &str) -> String {
    let state = text.find("# Written by rollout").unwrap();
    text[..state].to_owned()
}

#[test]
fn other_arms_under_way_are_named_with_what_they_were() {
    let own = plan_with("[assignment]", OWN);
    let there = found(PLAN, &own);
    assert_eq!(there.len(), 1, "{there:?}");
    assert_eq!((there[0].0, there[0].1), ("changed-arms", true));
    assert!(
        there[0]
            .2
            .contains("it was `exposed = \"treatment\"` and `unexposed = \"control\"`")
    );
    let back = found(&own, PLAN);
    assert!(
        back[0].2.contains("`unexposed = { regex = \"old.*\" }`"),
        "{back:?}"
    );
}

#[test]
fn a_swap_is_called_one() {
    let swapped = "[arms]\nexposed = \"control\"\nunexposed = \"treatment\"\n\n[assignment]";
    let swapped = plan_with("[assignment]", swapped);
    assert_eq!(found(PLAN, &swapped)[0].0, "swapped-arms");
}

#[test]
fn a_reason_excuses_and_the_same_arms_in_other_words_are_no_change() {
    let own = plan_with("[assignment]", OWN);
    let reasoned = format!("reason = \"another release\"\n{own}");
    let there = found(PLAN, &reasoned);
    assert_eq!((there[0].0, there[0].1), ("changed-arms", false));
    let same = plan_with(
        "[assignment]",
        "[arms]\nexposed = \"treatment\"\n\n[assignment]",
    );
    assert_eq!(found(PLAN, &same), []);
}

#[test]
fn a_pending_plan_may_change_its_arms() {
    let own = edited(&without_state(PLAN), "[assignment]", OWN);
    assert_eq!(found(&without_state(PLAN), &own), []);
}

#[test]
fn default_arms_matter_to_plans_that_use_them() {
    let other = config_with("exposed = \"treatment\"\n", "exposed = \"new\"\n");
    let [old_config, new_config] = [CONFIG, &other].map(|text| value(text, parse_config(text)));
    let codes = |text: &str| -> Vec<&'static str> {
        let [old, new] = [&old_config, &new_config]
            .map(|config| value(text, parse_plan("checkout-redesign", text, config)));
        let change = Revised {
            before: Some(&old),
            after: &new,
            text,
            state_backed: true,
            by_settings: BySettings::Yes(None),
        };
        compare(&change)
            .into_iter()
            .map(|one| one.code.key())
            .collect()
    };
    assert_eq!(codes(PLAN), ["changed-arms"]);
    let own = plan_with("[assignment]", "[arms]\nexposed = \"mine\"\n\n[assignment]");
    assert_eq!(codes(&own), Vec::<&str>::new());
}

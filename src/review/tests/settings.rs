//! The merge gate on the shared settings: what is weaker and what only looks so. How refusals are
//! shown is tested with the program.

use crate::plan::tests::support::value;
use crate::plan::{Severity, parse_config};
use crate::review::{RevisedSettings, compare_settings};

const WINDOW: &str = "[[windows]]\ndays = [\"mon\", \"tue\"]\nfrom = \"09:00\"\nto = \"16:00\"\ntz = \"Europe/Stockholm\"\n";
const NIGHT: &str =
    "[[windows]]\ndays = [\"mon\"]\nfrom = \"22:00\"\nto = \"04:00\"\ntz = \"UTC\"\n";
const FREEZE: &str =
    "[[freezes]]\nfrom = 2026-11-20T00:00:00Z\nuntil = 2026-11-25T00:00:00Z\nreason = \"sale\"\n";

/// The codes of what is refused, on 2026-11-23, with one rollout under way.
fn codes(before: &str, after: &str) -> Vec<&'static str> {
    found(before, after, &["checkout".to_owned()])
}

fn found(before: &str, after: &str, under_way: &[String]) -> Vec<&'static str> {
    compare_settings(&RevisedSettings {
        before: &value(before, parse_config(before)),
        after: &value(after, parse_config(after)),
        text: after,
        under_way,
        now: "2026-11-23T12:00:00Z".parse().unwrap(),
    })
    .into_iter()
    .filter(|mistake| mistake.severity == Severity::Error)
    .map(|mistake| mistake.code.key())
    .collect()
}

const NONE: [&str; 0] = [];

#[test]
fn narrower_and_fewer_windows_are_no_weakening() {
    for after in [
        WINDOW.replace("09:00", "10:00"),
        WINDOW.replace("\"mon\", ", ""),
        format!("{WINDOW}{}", WINDOW.replace("09:00", "15:00")),
    ] {
        assert_eq!(codes(WINDOW, &after), NONE, "{after}");
    }
    assert_eq!(codes("", WINDOW), NONE);
    assert_eq!(codes(&format!("{WINDOW}{NIGHT}"), NIGHT), NONE);
    assert_eq!(codes(NIGHT, &NIGHT.replace("04:00", "23:00")), NONE);
}

#[test]
fn windows_that_open_earlier_close_later_or_are_elsewhere_are_wider() {
    for after in [
        WINDOW.replace("09:00", "08:00"),
        WINDOW.replace("16:00", "17:00"),
        WINDOW.replace("16:00", "08:00"),
        WINDOW.replace("Europe/Stockholm", "Europe/Oslo"),
        format!("{WINDOW}{NIGHT}"),
    ] {
        assert_eq!(codes(WINDOW, &after), ["widened-window"], "{after}");
    }
    assert_eq!(
        codes(NIGHT, &NIGHT.replace("04:00", "05:00")),
        ["widened-window"]
    );
}

#[test]
fn a_freeze_may_be_longer_and_is_forgotten_when_it_is_over() {
    assert_eq!(codes(FREEZE, &FREEZE.replace("11-25", "12-25")), NONE);
    // It has begun; when, is history.
    assert_eq!(
        codes(FREEZE, &FREEZE.replace("from = 2026-11-20T00:00:00Z\n", "")),
        NONE
    );
    let over = FREEZE.replace("11-25", "11-22");
    assert_eq!(codes(&over, ""), NONE);
    // Another one that covers it will do.
    let other = FREEZE.replace("sale", "audit").replace("11-25", "12-01");
    assert_eq!(codes(FREEZE, &other), NONE);
    assert_eq!(codes(FREEZE, ""), ["removed-freeze"]);
    assert_eq!(
        codes(FREEZE, &FREEZE.replace("11-25", "11-24")),
        ["narrowed-freeze"]
    );
    assert_eq!(
        codes(FREEZE, &FREEZE.replace("11-20", "11-24")),
        ["narrowed-freeze"]
    );
}

#[test]
fn budgets_may_fall_between_rollouts_and_rise_at_no_time() {
    let alpha = |value: &str| format!("[judge]\nadvance_alpha = {value}\nblock = \"5m\"\n");
    assert_eq!(found(&alpha("0.05"), &alpha("0.01"), &[]), NONE);
    assert_eq!(codes(&alpha("0.05"), &alpha("0.01")), ["settings-changed"]);
    assert_eq!(found(&alpha("0.05"), &alpha("0.1"), &[]), ["raised-alpha"]);
    let block = alpha("0.05").replace("5m", "1m");
    assert_eq!(found(&alpha("0.05"), &block, &[]), NONE);
    assert_eq!(codes(&alpha("0.05"), &block), ["settings-changed"]);
    let arms = "[arms]\nexposed = \"b\"\n";
    assert_eq!(found("", arms, &[]), NONE);
    // What it does is found in the plans that have no arms of their own.
    assert_eq!(codes("", arms), NONE);
}

#[test]
fn surfaces_may_ask_for_more() {
    let metric = "[metrics.m]\ncategory = \"reliability\"\nratio = { events = 'a', total = 'b' }\n";
    let plain = format!("{metric}[surfaces.s]\n");
    let strict = format!("{plain}guardrails = [\"m\"]\nexclusive = true\n");
    assert_eq!(codes(&plain, &strict), NONE);
    assert_eq!(codes(&plain, metric), NONE);
    assert_eq!(codes(&strict, metric), ["removed-surface"]);
    assert_eq!(
        codes(&strict, &plain),
        ["requires-less", "no-longer-exclusive"]
    );
}

#[test]
fn a_new_reason_excuses_and_an_old_one_does_not() {
    let reason = "reason = \"agreed\"\n";
    let freeze = format!("{reason}{FREEZE}");
    assert_eq!(codes(FREEZE, reason), NONE);
    assert_eq!(codes(&freeze, reason), ["removed-freeze"]);
}

#[test]
fn preflight_is_not_turned_off_without_a_reason() {
    let off = "[judge]\npreflight = false\n";
    let on = "[judge]\npreflight = true\n";
    for under_way in [&[][..], &["checkout".to_owned()][..]] {
        for before in ["", on] {
            assert_eq!(found(before, off, under_way), ["preflight-off"]);
            assert_eq!(found(off, before, under_way), [""; 0]);
        }
        let reason = format!("reason = \"no metrics yet\"\n{off}");
        assert_eq!(found("", &reason, under_way), [""; 0]);
        assert_eq!(found(off, off, under_way), [""; 0]);
    }
}

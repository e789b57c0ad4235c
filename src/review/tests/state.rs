//! The merge gate on `[state]`: what was written by hand, as it is shown; nothing but evidence
//! excuses it.

use super::support::shown_change;
use crate::plan::tests::support::{PLAN, plan_of, plan_with, value};
use crate::plan::{Severity, render_mistakes};
use crate::review::{BySettings, Revised, compare};

/// The plan of the documentation before anybody was exposed.
fn pending() -> String {
    PLAN[..PLAN.find("# Written").unwrap()].to_owned()
}

/// The plan of the documentation after a rollback.
fn rolled_back() -> String {
    plan_with("status = \"progressing\"", "status = \"rolled_back\"")
        .replace("exposure = 1.0", "exposure = 0.0")
}

#[test]
fn a_skipped_stage() {
    let text = plan_with("stage = 1\nexposure = 1.0", "stage = 3\nexposure = 50.0");
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r"
    error[skipped-stage]: the change skips from stage 1 to stage 3
      --> checkout.toml:47:9
       |
    47 | stage = 3
       |         ^ was 1
    48 | exposure = 50.0
       |            ---- `exposure` was 1
       |
    help: restore `[state]` as it was; `rollout advance checkout-redesign` takes one stage at a time, on evidence
    ");
}

#[test]
fn a_raised_exposure() {
    let text = plan_with("stage = 1\nexposure = 1.0", "stage = 2\nexposure = 10.0");
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r"
    error[exposure-raised]: the change raises the exposure to 10 % without evidence
      --> checkout.toml:48:12
       |
    47 | stage = 2
       |         - `stage` was 1
    48 | exposure = 10.0
       |            ^^^^ was 1
       |
    help: restore `[state]` as it was; `rollout advance checkout-redesign` raises it on evidence, and commits the evidence with it
    ");
}

#[test]
fn a_lifted_latch() {
    insta::assert_snapshot!(shown_change(&rolled_back(), PLAN, false), @r#"
    error[latch-lifted]: the change lifts the rollback of `checkout-redesign` by hand
      --> checkout.toml:46:10
       |
    46 | status = "progressing"
       |          ^^^^^^^^^^^^^ was rolled_back
    47 | stage = 1
    48 | exposure = 1.0
       |            --- `exposure` was 0
       |
    help: restore `[state]` as it was; `rollout retry checkout-redesign --reason ...` starts again and records why
    "#);
}

#[test]
fn an_approval_by_hand() {
    let text = format!("{PLAN}approval = {{ by = \"person:eve\", at = 2026-11-22T13:00:00Z }}\n");
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r#"
    error[approval-by-hand]: the change writes or removes an approval by hand
      --> checkout.toml:52:12
       |
    52 | approval = { by = "person:eve", at = 2026-11-22T13:00:00Z }
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ was not there
       |
    help: restore `[state]` as it was; `rollout approve checkout-redesign` records who and when
    "#);
}

#[test]
fn an_entry_moved_back_in_time() {
    let text = plan_with(
        "entered_at = 2026-11-22T12:00:00Z",
        "entered_at = 2026-11-01T12:00:00Z",
    );
    insta::assert_snapshot!(shown_change(PLAN, &text, false), @r"
    error[state-edited]: the change edits `[state]` by hand
      --> checkout.toml:49:14
       |
    49 | entered_at = 2026-11-01T12:00:00Z
       |              ^^^^^^^^^^^^^^^^^^^^ was 2026-11-22T12:00:00Z
       |
    help: restore `[state]` as it was; commands such as `rollout pause checkout-redesign` and `rollout rollback checkout-redesign` change it and record why
    ");
}

#[test]
fn a_removed_state() {
    insta::assert_snapshot!(shown_change(PLAN, &pending(), false), @r#"
    error[state-removed]: the change removes `[state]`, which said progressing in stage 1 at 1 %
      --> checkout.toml:42:54
       |
    42 | users = 'assignments_total{flag="one-page-checkout"}'
       |                                                      ^ `[state]` was here
       |
    help: put it back; `rollout rollback checkout-redesign` takes the change from all users
    "#);
}

#[test]
fn users_exposed_by_hand() {
    insta::assert_snapshot!(shown_change(&pending(), PLAN, false), @r"
    error[state-by-hand]: the change exposes 1 % of users by hand
      --> checkout.toml:48:12
       |
    48 | exposure = 1.0
       |            ^^^ no evidence stands behind this
       |
    help: remove `[state]`; `rollout advance checkout-redesign` enters stage 1 and records why
    ");
}

#[test]
fn a_new_file_with_users() {
    let plan = value(PLAN, plan_of(PLAN));
    let mistakes = compare(&Revised {
        before: None,
        after: &plan,
        text: PLAN,
        state_backed: false,
        by_settings: BySettings::No,
    });
    insta::assert_snapshot!(render_mistakes("checkout.toml", PLAN, &mistakes, false, 100), @r"
    error[state-by-hand]: the change exposes 1 % of users by hand
      --> checkout.toml:48:12
       |
    48 | exposure = 1.0
       |            ^^^ no evidence stands behind this
       |
    help: remove `[state]`; `rollout advance checkout-redesign` enters stage 1 and records why
    ");
}

#[test]
fn evidence_backs_what_commands_wrote() {
    let text = plan_with("stage = 1\nexposure = 1.0", "stage = 3\nexposure = 50.0");
    assert_eq!(shown_change(PLAN, &text, true), "");
    assert_eq!(shown_change(&rolled_back(), PLAN, true), "");
    assert_eq!(shown_change(&pending(), PLAN, true), "");
}

#[test]
fn another_spelling_of_the_same_state_is_no_change() {
    let text = plan_with("exposure = 1.0", "exposure = 1  # percent");
    assert_eq!(shown_change(PLAN, &text, false), "");
}

#[test]
fn a_reason_does_not_excuse_a_state_by_hand() {
    let text = plan_with("stage = 1\nexposure = 1.0", "stage = 2\nexposure = 10.0");
    let text = format!("reason = \"trust me\"\n{text}");
    let old = value(PLAN, plan_of(PLAN));
    let new = value(&text, plan_of(&text));
    let mistakes = compare(&Revised {
        before: Some(&old),
        after: &new,
        text: &text,
        state_backed: false,
        by_settings: BySettings::No,
    });
    assert_eq!(mistakes.len(), 1);
    assert_eq!(mistakes[0].severity, Severity::Error);
}

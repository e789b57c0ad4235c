//! Mistakes that only show over all plans of a directory.

use super::support::{PLAN, config, value};
use crate::plan::{Plan, Severity, check_together, parse_plan, render_mistakes};

/// A plan of this name that waits for others, exposed or not.
fn named(name: &str, after: &str, exposed: bool) -> (String, Plan) {
    let text = PLAN.replace("[\"payments-v2 >= 50\"]", after);
    let text = if exposed {
        text
    } else {
        text[..text.find("# Written").unwrap()].to_owned()
    };
    let plan = value(&text, parse_plan(name, &text, &config()));
    (text, plan)
}

fn shown(plans: &[(String, Plan)]) -> String {
    let borrowed: Vec<(&str, &Plan)> = plans.iter().map(|(t, p)| (t.as_str(), p)).collect();
    check_together(&borrowed, &config())
        .into_iter()
        .map(|(index, mistake)| {
            let (text, plan) = &plans[index];
            render_mistakes(&format!("{}.toml", plan.name), text, &[mistake], false, 100)
        })
        .collect()
}

#[test]
fn plans_that_wait_for_each_other_are_refused() {
    let plans = [
        named("a", "[\"b >= 50\"]", false),
        named("b", "[\"c >= 1\"]", false),
        named("c", "[\"a >= 100\"]", false),
        named("d", "[\"a >= 100\"]", false),
    ];
    insta::assert_snapshot!(shown(&plans), @r#"
    error[after-circle]: `a` waits for itself: a -> b -> c -> a
     --> a.toml:4:12
      |
    4 | after   = ["b >= 50"]
      |            ^^^^^^^^^ the circle goes through here
      |
    help: remove one of these from `after`: none of the plans could ever advance
    error[after-circle]: `b` waits for itself: b -> c -> a -> b
     --> b.toml:4:12
      |
    4 | after   = ["c >= 1"]
      |            ^^^^^^^^ the circle goes through here
      |
    help: remove one of these from `after`: none of the plans could ever advance
    error[after-circle]: `c` waits for itself: c -> a -> b -> c
     --> c.toml:4:12
      |
    4 | after   = ["a >= 100"]
      |            ^^^^^^^^^^ the circle goes through here
      |
    help: remove one of these from `after`: none of the plans could ever advance
    "#);
}

#[test]
fn waiting_for_a_plan_that_is_not_there_is_refused() {
    let plans = [
        named("checkout", "[\"paymets-v2 >= 50\"]", false),
        named("payments-v2", "[]", false),
    ];
    insta::assert_snapshot!(shown(&plans), @r#"
    error[unknown-plan]: there is no valid plan `paymets-v2` to wait for
     --> checkout.toml:4:12
      |
    4 | after   = ["paymets-v2 >= 50"]
      |            ^^^^^^^^^^^^^^^^^^ unknown plan
      |
    help: write `payments-v2`
    "#);
}

#[test]
fn two_exposed_plans_on_an_exclusive_surface_are_told_of_each_other() {
    let plans = [
        named("one", "[]", true),
        named("two", "[]", true),
        named("three", "[]", false),
    ];
    insta::assert_snapshot!(shown(&plans), @r#"
    warning[shared-surface]: `one` and `two` expose users of surface `checkout` at the same time
     --> one.toml:3:11
      |
    3 | surface = "checkout"
      |           ^^^^^^^^^^ this surface is exclusive
      |
    help: the harm of one is seen in the other: let one finish first, `rollout rollback one` takes this one back
    warning[shared-surface]: `two` and `one` expose users of surface `checkout` at the same time
     --> two.toml:3:11
      |
    3 | surface = "checkout"
      |           ^^^^^^^^^^ this surface is exclusive
      |
    help: the harm of one is seen in the other: let one finish first, `rollout rollback two` takes this one back
    "#);
}

#[test]
fn exposed_users_never_go_unwatched_because_of_another_file() {
    let plans = [named("a", "[\"gone >= 50\"]", true)];
    let borrowed: Vec<(&str, &Plan)> = plans.iter().map(|(t, p)| (t.as_str(), p)).collect();
    let found = check_together(&borrowed, &config());
    assert!(
        found
            .iter()
            .all(|(_, mistake)| mistake.severity == Severity::Warning)
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn two_plans_on_one_flag_are_told_of_each_other() {
    let with_target = |name: &str, exposed| {
        let (text, _) = named(name, "[]", exposed);
        let target = "[[targets]]\nunleash = { file = \"../flags.json\", flag = \"checkout\" }\n";
        let text = text.replace("[assignment]", &format!("{target}\n[assignment]"));
        let plan = value(&text, parse_plan(name, &text, &config()));
        (text, plan)
    };
    // The one with users is not taken away from those who watch over it.
    let plans = [with_target("one", false), with_target("two", true)];
    insta::assert_snapshot!(shown(&plans));
}

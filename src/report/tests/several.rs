//! Many plans at once: first what needs somebody, on a terminal and in Markdown.

use super::super::text::Detail;
use super::super::{PlanReport, summary};
use super::cases::{AFTER, BEFORE, entry, failed, render, rendered, report, verdicts, with_change};
use crate::decide::fixture::{alone, running, state};
use crate::judge::Verdict::{Breach, Inconclusive, Pass};
use crate::plan::Status;

fn named(name: &str, mut report: PlanReport) -> PlanReport {
    report.plan = name.into();
    report.file = format!("rollouts/{name}.toml");
    if let super::super::Outcome::Decided(decided) = &mut report.outcome {
        decided.plan.name = name.into();
    }
    report
}

/// One of each kind, and others that wait.
fn twelve() -> Vec<PlanReport> {
    let mut paused = running(2);
    paused.name = "search-ranking".into();
    state(&mut paused).status = Status::Paused;
    let moves = verdicts(running(1), &[Pass, Pass]);
    let back = verdicts(running(2), &[Breach, Pass]);
    let mut plans = vec![
        named("new-cart", with_change(moves, BEFORE, AFTER, true)),
        named("gift-cards", with_change(back, BEFORE, AFTER, true)),
        entry(paused, None, &alone()),
        failed(),
    ];
    plans.extend((1..=8).map(|number| {
        let waits = verdicts(running(1), &[Inconclusive, Pass]);
        named(&format!("waits-{number}"), waits)
    }));
    plans
}

#[test]
fn of_many_plans_those_that_move_or_need_somebody_come_first() {
    let report = report(twelve());
    insta::assert_snapshot!(render(&report, 80, false), @r#"
    12 plans: 1 advance, 9 hold, 1 rollback, 1 failed. ROLLBACK (exit 5)

      ✗ gift-cards      Rolled back from 10 % to 0 %: errors is breached (on_breach
                        = "rollback")
      ✗ basket          ERROR: Prometheus at http://localhost:9090 refused the
                        connection
      ! search-ranking  Hold at 10 %: paused until `rollout resume search-ranking`
      ▸ new-cart        Advanced from 1 % to 10 %, stage 2 of 4
      · the other 8 go their way: `rollout status` shows where

    gift-cards  Rolled back from 10 % to 0 %: errors is breached (on_breach =
      "rollback")
      1 ▸ 10 · 50 · 100   stage 2 of 4, 10 % exposed for 1d 12h

      guardrail,  exposed  unexposed  effect          ┊ margin,              harm,
      verdict                                         ║ rule out             clear
      ──────────────────────────────────────────────────────────────────────────────
      errors      1 %      0.99 %     1.02x           ├───●──┤            ║  0.0/3.0
      breach      12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x           0.0/3.0
      latency     10ms     9.93ms     1.02x           ├───●──┤            ║  0.0/3.0
      pass        12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x           0.0/3.0

      errors: beyond its threshold for too many blocks in a row (a plain
        threshold, without error control)

      written  rollouts/gift-cards.toml: 10 % -> 0 %, rolled back
               evidence .evidence/checkout/2026-11-22T120000Z-advance.json
      next: `rollout explain gift-cards`; when it is mended, `rollout retry
            gift-cards --reason "..."`

    basket  ERROR: Prometheus at http://localhost:9090 refused the connection
      help: start it, or name another with --prometheus-url
      rollouts/basket.toml

    search-ranking  Hold at 10 %: errors and latency have no usable evidence
      1 ! 10 · 50 · 100   paused, stage 2 of 4, 10 % exposed for 1d 12h

      also: paused until `rollout resume search-ranking`

    new-cart  Advanced from 1 % to 10 %, stage 2 of 4
      ▸ 1 · 10 · 50 · 100   stage 1 of 4, 1 % exposed for 1d 12h

      guardrail,  exposed  unexposed  effect          ┊ margin,              harm,
      verdict                                         ║ rule out             clear
      ──────────────────────────────────────────────────────────────────────────────
      errors      1 %      0.99 %     1.02x           ├───●──┤            ║  0.0/3.0
      pass        12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x           0.0/3.0
      latency     10ms     9.93ms     1.02x           ├───●──┤            ║  0.0/3.0
      pass        12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x           0.0/3.0

      written  rollouts/new-cart.toml: 1 % -> 10 %, stage 1 -> 2
               evidence .evidence/checkout/2026-11-22T120000Z-advance.json
    "#);
    let full = rendered(&report, Detail::Full, 80, false);
    assert!(full.contains("\nwaits-8  Hold at 1 %"), "{full}");
    assert!(full.contains("\n  +stage = 2\n"), "{full}");
}

#[test]
fn every_plan_that_goes_its_way_needs_one_line() {
    let report = report(twelve().split_off(4));
    let said = render(&report, 100, false);
    insta::assert_snapshot!(said, @"
    8 plans: 8 hold. HOLD (exit 3)

      · all 8 go their way: `rollout status` shows where
    ");
}

#[test]
fn fifty_plans_fit_into_a_comment() {
    let breached = |number| {
        let back = verdicts(running(2), &[Breach, Pass]);
        named(&format!("plan-{number}"), back)
    };
    let all = report((0..50).map(breached).collect());
    let text = summary::summary(&all);
    assert!(text.len() < 60_000, "{}", text.len());
    for number in 0..50 {
        assert!(text.contains(&format!("| plan-{number} |")), "{number}");
    }
    let in_full = text.matches("\n### ").count();
    assert!(in_full > 20, "{in_full}");
    assert!(
        in_full == 50 || text.contains(&format!("{} plans more in the table", 50 - in_full)),
        "{in_full}: {text}"
    );
}

#[test]
fn three_plans_as_markdown() {
    let plans = twelve().into_iter().take(3).collect();
    insta::assert_snapshot!(summary::summary(&report(plans)), @r#"
    ## rollout: ROLLBACK

    3 plans: 1 advance, 1 hold, 1 rollback

    |  | plan | stages | what happens |
    | --- | --- | --- | --- |
    | ✗ | gift-cards | 1 ▸ 10 · 50 · 100 | Rolled back from 10 % to 0 %: errors is breached (on_breach = "rollback") |
    | \! | search-ranking | 1 \! 10 · 50 · 100 | Hold at 10 %: errors and latency have no usable evidence |
    | ▸ | new-cart | ▸ 1 · 10 · 50 · 100 | Advanced from 1 % to 10 %, stage 2 of 4 |

    ### new-cart

    **Advanced from 1 % to 10 %, stage 2 of 4**

    `▸ 1 · 10 · 50 · 100` stage 1 of 4, 1 % exposed for 1d 12h

    | guardrail | verdict | exposed | unexposed | effect | │ 0 ┊ margin ║ rule-out | margin | rule-out | harm | clear |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | errors | pass | 1 % (12/1.2k) | 0.99 % (1.2k/119k) | 1.02x (0.71x to 1.44x) | `├──●─┤         ║` | 1.10x | 5.00x | 0.0 of 3.0 | 0.0 of 3.0 |
    | latency | pass | 10ms (12/1.2k) | 9.93ms (1.2k/119k) | 1.02x (0.71x to 1.44x) | `├──●─┤         ║` | 1.10x | 5.00x | 0.0 of 3.0 | 0.0 of 3.0 |

    ### gift-cards

    **Rolled back from 10 % to 0 %**: errors is breached (on_breach = "rollback")

    `1 ▸ 10 · 50 · 100` stage 2 of 4, 10 % exposed for 1d 12h

    | guardrail | verdict | exposed | unexposed | effect | │ 0 ┊ margin ║ rule-out | margin | rule-out | harm | clear |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | errors | breach | 1 % (12/1.2k) | 0.99 % (1.2k/119k) | 1.02x (0.71x to 1.44x) | `├──●─┤         ║` | 1.10x | 5.00x | 0.0 of 3.0 | 0.0 of 3.0 |
    | latency | pass | 10ms (12/1.2k) | 9.93ms (1.2k/119k) | 1.02x (0.71x to 1.44x) | `├──●─┤         ║` | 1.10x | 5.00x | 0.0 of 3.0 | 0.0 of 3.0 |

    - next: `rollout explain gift-cards`; when it is mended, `rollout retry gift-cards --reason "..."`

    ### search-ranking

    **Hold at 10 %**: errors and latency have no usable evidence

    `1 ! 10 · 50 · 100` paused, stage 2 of 4, 10 % exposed for 1d 12h

    - also: paused until `rollout resume search-ranking`
    "#);
}

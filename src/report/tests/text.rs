//! The report as text, at several widths, with and without colour.

use super::super::{Outcome, Report};
use super::cases::{
    AFTER, BEFORE, entry, every_kind, failed, render, report, verdicts, with_change,
};
use crate::decide::Exit;
use crate::decide::fixture::{alone, at, judged, no_data, pending, running, state};
use crate::judge::Issue;
use crate::judge::Verdict::{Breach, Inconclusive, NotApplicable, Pass};
use crate::plan::{After, Freeze, Status};

#[test]
fn a_held_plan_at_120_columns() {
    insta::assert_snapshot!(render(&report(vec![every_kind()]), 120, false), @"
    checkout  Hold at 10 %: stage 2 needs more evidence on latency: about 9h more at the present rate
      1 ▸ 10 · 50 · 100   stage 2 of 4, 10 % exposed for 1d 12h

      guardrail,             exposed   unexposed  effect          ┊ margin,                         harm,
      verdict                                                     ║ rule out                        clear
      ─────────────────────────────────────────────────────────────────────────────────────────────────────
      errors                 1 %       0.99 %     1.02x           ├────│●┊───┤                   ║  0.0/3.0
      pass                   12/1.2k   1.2k/119k  0.71x to 1.44x  1.10x, 5.00x                      0.0/3.0
                                                                  limit 2 %
      latency                432ms     1.25s      1.02x           ├────│●┊───────────────────────║  0.0/3.0
      inconclusive           12/1.2k   12/1.2k    0.71x or more   1.10x, 5.00x                      0.0/3.0
      order-value-per-visit  51.0      51.5       -0.42           ║  ├─────────────●─────│───────┤  0.0/3.0
      pass                   61k/1.2k  6.1M/119k  -1.31 to +0.50  -1.50, -1.50                      0.0/3.0
      cpu                    0.63      -          -               max 0.9                           0.0/3.0
      pass                                                                                          0.0/3.0
      conversion             1 %       0.99 %     1.02x           ├────│●┊───┤                   ║  0.0/3.0
      inconclusive           12/1.2k   1.2k/119k  0.71x to 1.44x  1.10x, 5.00x                      0.0/3.0
      (success)

      latency and conversion: too little traffic yet to choose bucket boundaries to compare at

      next: `rollout explain checkout`
    ");
}

#[test]
fn a_held_plan_at_80_columns() {
    insta::assert_snapshot!(render(&report(vec![every_kind()]), 80, false), @"
    checkout  Hold at 10 %: stage 2 needs more evidence on latency: about 9h more at
      the present rate
      1 ▸ 10 · 50 · 100   stage 2 of 4, 10 % exposed for 1d 12h

      guardrail,    exposed   unexposed  effect          ┊ margin,           harm,
      verdict                                            ║ rule out          clear
      ──────────────────────────────────────────────────────────────────────────────
      errors        1 %       0.99 %     1.02x           ├──●┊─┤          ║  0.0/3.0
      pass          12/1.2k   1.2k/119k  0.71x to 1.44x  1.10x, 5.00x        0.0/3.0
                                                         limit 2 %
      latency       432ms     1.25s      1.02x           ├──●┊────────────║  0.0/3.0
      inconclusive  12/1.2k   12/1.2k    0.71x or more   1.10x, 5.00x        0.0/3.0
      order-value-  51.0      51.5       -0.42           ║ ├──────●───│───┤  0.0/3.0
      per-visit     61k/1.2k  6.1M/119k  -1.31 to +0.50  -1.50, -1.50        0.0/3.0
      pass
      cpu           0.63      -          -               max 0.9             0.0/3.0
      pass                                                                   0.0/3.0
      conversion    1 %       0.99 %     1.02x           ├──●┊─┤          ║  0.0/3.0
      inconclusive  12/1.2k   1.2k/119k  0.71x to 1.44x  1.10x, 5.00x        0.0/3.0
      (success)

      latency and conversion: too little traffic yet to choose bucket boundaries
        to compare at

      next: `rollout explain checkout`
    ");
}

#[test]
fn an_advance_shows_what_it_changed() {
    let moved = with_change(verdicts(running(1), &[Pass, Pass]), BEFORE, AFTER, true);
    insta::assert_snapshot!(render(&report(vec![moved]), 100, false), @"
    checkout  Advanced from 1 % to 10 %, stage 2 of 4
      ▸ 1 · 10 · 50 · 100   stage 1 of 4, 1 % exposed for 1d 12h

      guardrail,  exposed  unexposed  effect          ┊ margin,                         harm,
      verdict                                         ║ rule out                        clear
      ─────────────────────────────────────────────────────────────────────────────────────────
      errors      1 %      0.99 %     1.02x           ├────│●┊───┤                   ║  0.0/3.0
      pass        12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x                      0.0/3.0
      latency     10ms     9.93ms     1.02x           ├────│●┊───┤                   ║  0.0/3.0
      pass        12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x                      0.0/3.0

      written  rollouts/checkout.toml: 1 % -> 10 %, stage 1 -> 2
               evidence .evidence/checkout/2026-11-22T120000Z-advance.json
    ");
}

#[test]
fn a_preview_says_would() {
    let moved = with_change(verdicts(running(1), &[Pass, Pass]), BEFORE, AFTER, false);
    let said = render(&report(vec![moved]), 100, false);
    assert!(
        said.contains("Would advance from 1 % to 10 %, stage 2 of 4"),
        "{said}"
    );
    assert!(
        said.contains("not written  rollouts/checkout.toml: 1 % -> 10 %"),
        "{said}"
    );
    assert!(
        !said.contains("@@"),
        "lines of the file only with -v: {said}"
    );
}

#[test]
fn a_rollback_with_broken_evidence_beside_it() {
    let plan = running(1);
    let mut judgement = judged(&plan, &[Breach, no_data()]);
    judgement.findings[1].issues = vec![
        Issue::Measured(crate::snapshot::EvidenceIssue::Said("the selector `seconds_bucket` matches two series for the exposed arm that differ in `pod`: a, b".into())),
    ];
    insta::assert_snapshot!(render(&report(vec![entry(plan, Some(judgement), &alone())]), 80, false), @r#"
    checkout  Would roll back from 1 % to 0 %: errors is breached (on_breach =
      "rollback")
      ▸ 1 · 10 · 50 · 100   stage 1 of 4, 1 % exposed for 1d 12h

      guardrail,  exposed  unexposed  effect          ┊ margin,              harm,
      verdict                                         ║ rule out             clear
      ──────────────────────────────────────────────────────────────────────────────
      errors      1 %      0.99 %     1.02x           ├───●──┤            ║  0.0/3.0
      breach      12/1.2k  1.2k/119k  0.71x to 1.44x  1.10x, 5.00x           0.0/3.0
      latency     -        -          -               10 %                   -
      no data                                                                -

      errors: beyond its threshold for too many blocks in a row (a plain
        threshold, without error control)
      latency: the snapshot holds nothing for this guardrail
        the selector `seconds_bucket` matches two series for the exposed arm that
        differ in `pod`: a, b

      also: latency has no usable evidence
      next: `rollout advance checkout` does it
    "#);
}

#[test]
fn what_is_wrong_with_several_guardrails_is_said_once() {
    let plan = running(1);
    let mut judgement = judged(&plan, &[Inconclusive, Inconclusive]);
    let bursty = || Issue::Bursty {
        dispersion: 14.2,
        block: crate::units::Period::from_minutes(5),
    };
    judgement.findings[0].issues = vec![bursty()];
    let own = || {
        render(
            &report(vec![entry(plan.clone(), Some(judgement.clone()), &alone())]),
            120,
            false,
        )
    };
    let said = own();
    assert!(said.contains("\n    its events come in bursts"), "{said}");
    judgement.findings[1].issues = vec![bursty()];
    let said = render(
        &report(vec![entry(plan, Some(judgement), &alone())]),
        120,
        false,
    );
    assert!(
        said.contains("\n  errors and latency: its events come in bursts"),
        "{said}"
    );
    assert_eq!(said.matches("come in bursts").count(), 1, "{said}");
}

#[test]
fn a_rollback_does_not_say_why_nobody_else_would_have_been_exposed() {
    let plan = running(1);
    let judgement = judged(&plan, &[Breach, Inconclusive]);
    let mut around = alone();
    around.now = state(&mut plan.clone()).entered_at + crate::units::Period::from_hours(2).delta();
    let decided = entry(plan.clone(), Some(judgement), &around);
    let Outcome::Decided(decision) = &decided.outcome else {
        panic!("{decided:?}");
    };
    // Programs and records have all of it.
    let codes: Vec<&str> = decision
        .decision
        .reasons
        .iter()
        .map(crate::decide::Reason::code)
        .collect();
    assert_eq!(codes, ["breached", "min-duration", "not-ruled-out"]);
    let said = render(&report(vec![decided]), 80, false);
    assert!(
        said.contains("Would roll back") && !said.contains("also:"),
        "{said}"
    );
}

#[test]
fn several_plans_end_with_a_count() {
    let mut complete = running(4);
    complete.name = "search".into();
    state(&mut complete).status = Status::Complete;
    let mut frozen = alone();
    frozen.calendar.freezes.push(Freeze {
        from: None,
        until: at("2027-01-04T00:00:00Z"),
        reason: "holiday freeze".into(),
        owner: None,
    });
    let mut waiting = pending();
    waiting.after.push(After {
        plan: "search".into(),
        at_least: crate::units::Exposure::FULL,
    });
    insta::assert_snapshot!(render(&report(vec![
        entry(complete, None, &alone()),
        failed(),
        entry(waiting, None, &frozen),
        verdicts(running(4), &[NotApplicable, NotApplicable]),
    ]), 80, false), @"
    4 plans: 2 complete, 1 hold, 1 failed. ERROR (exit 1)

      ✗ basket  ERROR: Prometheus at http://localhost:9090 refused the connection
      · the other 3 go their way: `rollout status` shows where

    basket  ERROR: Prometheus at http://localhost:9090 refused the connection
      help: start it, or name another with --prometheus-url
      rollouts/basket.toml
    ");
}

#[test]
fn no_colour_means_no_escape_and_colour_adds_nothing_else() {
    for plan in [
        every_kind(),
        failed(),
        verdicts(running(1), &[Breach, no_data()]),
    ] {
        let report = report(vec![with_change(plan, BEFORE, AFTER, true)]);
        for width in [80, 120] {
            let plain = render(&report, width, false);
            let colored = render(&report, width, true);
            assert!(!plain.contains('\u{1b}'));
            assert!(colored.contains('\u{1b}'));
            assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
            for line in plain.lines() {
                assert!(
                    line.chars().count() <= width,
                    "{} > {width}: {line}",
                    line.chars().count()
                );
                assert_eq!(line.trim_end(), line, "no spaces at the end of a line");
            }
        }
    }
}

#[test]
fn the_worst_plan_decides_the_exit_unless_excused() {
    let plans = || {
        vec![
            verdicts(running(1), &[Inconclusive, Pass]),
            verdicts(running(2), &[Pass, Pass]),
        ]
    };
    assert_eq!(Report::new(alone().now, plans(), &[]).exit, Exit::Hold);
    assert_eq!(
        Report::new(alone().now, plans(), &[Exit::Hold]).exit,
        Exit::Go
    );
    let rolled = || vec![verdicts(running(1), &[Breach, Pass]), failed()];
    let all = [Exit::Rollback, Exit::Error, Exit::Hold];
    assert_eq!(
        Report::new(alone().now, rolled(), &all).exit,
        Exit::Rollback
    );
}

//! The table of plans, and numbers in people's units.

use super::super::{OutputStyle, status};
use crate::decide::decide;
use crate::decide::fixture::{alone, at, judged, pending, running, stages, state};
use crate::judge::Verdict;
use crate::plan::Status;

#[test]
fn the_table_of_plans_says_what_each_waits_for() {
    let mut rows = vec![
        status::row(&pending(), &alone()),
        status::row(&running(2), &alone()),
    ];
    let mut young = running(3);
    state(&mut young).entered_at = at("2026-11-22T10:00:00Z");
    stages(&mut young)[2].approval = true;
    rows.push(status::row(&young, &alone()));
    let mut done = running(4);
    state(&mut done).status = Status::Complete;
    rows.push(status::row(&done, &alone()));
    rows.push(status::broken("basket", 2));
    let mut out = Vec::new();
    status::render(
        &rows,
        &OutputStyle {
            color: false,
            unicode: true,
            width: 100,
        },
        &mut out,
    )
    .unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
    5 plans: 1 with mistakes, 1 moves next, 2 wait, 1 complete
      plan      stage                exposure  left  next
    ✗ basket    -                    -         -     invalid: 2 mistakes: `rollout validate basket`
    ▸ checkout  1 · 10 · 50 · 100    0 %       -     pending: the next advance
    · checkout  1 ▸ 10 · 50 · 100    10 %      -     its evidence: `rollout check` asks for it
    · checkout  1 · 10 ▸ 50 · 100    50 %      22h   stage 3 has 22h of its min_duration left; needs
                                                     approval: `rollout approve checkout`
    ✓ checkout  1 · 10 · 50 · 100 ✓  100 %     -     complete
    ");
}

fn table(rows: &[status::Row], unicode: bool, width: usize) -> String {
    let output = OutputStyle {
        color: false,
        unicode,
        width,
    };
    status::lines(rows, &[], output).join("\n")
}

#[test]
fn the_table_of_plans_keeps_to_its_width_and_breaks_no_word() {
    let plan = running(2);
    let judgement = judged(&plan, &[Verdict::Inconclusive, Verdict::Pass]);
    let decision = decide(&plan, Some(&judgement), &alone());
    let mut waits = status::decided(&plan, Some(&judgement), &decision, &alone());
    waits.plan = "one-page-checkout-for-guests".into();
    let rows = [
        waits,
        status::row(&running(3), &alone()),
        status::broken("basket", 1),
    ];
    for width in [72, 80, 120, 200] {
        let said = table(&rows, true, width);
        assert!(
            said.lines().all(|line| line.chars().count() <= width),
            "{said}"
        );
        let words: Vec<&str> = said.split_whitespace().collect();
        for word in [
            "one-page-checkout-for-guests",
            "`rollout",
            "errors",
            "clear",
        ] {
            assert!(words.contains(&word), "no `{word}` at {width}: {said}");
        }
        assert!(table(&rows, false, width).is_ascii());
    }
    insta::assert_snapshot!(table(&rows, false, 80), @"
    3 plans: 1 with mistakes, 2 wait
      plan                          stage              exposure  left
    x basket                        -                  -         -
        invalid: 1 mistake: `rollout validate basket`
    . one-page-checkout-for-guests  1 > 10 . 50 . 100  10 %      9h
        errors clear 0.0 of 3.0; stage 2 needs more evidence on errors: about 9h
        more at the present rate
    . checkout                      1 . 10 > 50 . 100  50 %      -
        its evidence: `rollout check` asks for it
    ");
}

#[test]
fn what_changed_between_two_looks_is_told_and_nothing_else() {
    let before = [status::row(&running(2), &alone())];
    assert_eq!(status::changes(&before, &before), []);
    let mut plan = running(3);
    state(&mut plan).exposure = crate::decide::fixture::percent(50.0);
    let told = |after: &[status::Row]| {
        let changes = status::changes(&before, after);
        changes
            .into_iter()
            .map(|change| change.what)
            .collect::<Vec<_>>()
    };
    let moved = status::row(&plan, &alone());
    assert_eq!(
        told(std::slice::from_ref(&moved)),
        ["10 % -> 50 %, stage 3 of 4"]
    );
    state(&mut plan).status = Status::Paused;
    let paused = status::row(&plan, &alone());
    assert_eq!(
        told(std::slice::from_ref(&paused)),
        ["10 % -> 50 %, paused"]
    );
    assert_eq!(
        told(&[before[0].clone(), status::broken("basket", 1)]),
        ["new here"]
    );
    assert_eq!(told(&[]), ["no longer there"]);
}

#[test]
fn numbers_are_in_peoples_units() {
    use super::super::numbers::{count, percent, plain, time};
    let shown: Vec<String> = [0.0, 0.00012, 0.0099, 0.0123, 0.5, 1.0]
        .map(percent)
        .to_vec();
    assert_eq!(
        shown,
        ["0 %", "0.012 %", "0.99 %", "1.23 %", "50 %", "100 %"]
    );
    let shown: Vec<String> = [0.0, 0.0004, 0.2304, 0.9999, 1.25, 61.0].map(time).to_vec();
    assert_eq!(shown, ["0ms", "0.4ms", "230ms", "1s", "1.25s", "61s"]);
    let shown: Vec<String> = [0.0, 999.0, 1_200.0, 118_800.0, 1_234_567.5]
        .map(count)
        .to_vec();
    assert_eq!(shown, ["0", "999", "1,200", "118,800", "1,234,567.5"]);
    let shown: Vec<String> = [
        1.02,
        -0.5,
        12.345,
        123.456,
        12_345.6,
        0.000_000_1,
        f64::INFINITY,
        f64::NAN,
        -1234.0,
    ]
    .map(plain)
    .to_vec();
    assert_eq!(
        shown,
        [
            "1.02",
            "-0.50",
            "12.3",
            "123",
            "12,346",
            "1.0e-7",
            "unbounded",
            "-",
            "-1,234"
        ]
    );
}

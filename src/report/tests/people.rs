//! The table of plans, and numbers in people's units.

use super::super::{OutputStyle, status};
use crate::decide::fixture::{alone, at, pending, running, stages, state};
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
    plan      status       stage  exposure  since   waits for
    ───────────────────────────────────────────────────────────────────────────────────────────
    checkout  pending      0/4    0 %       -       the next advance
    checkout  progressing  2/4    10 %      1d 12h  its evidence: `rollout check`
    checkout  progressing  3/4    50 %      2h      stage 3 has 22h of its min_duration left; a
                                                    person: `rollout approve checkout`
    checkout  complete     4/4    100 %     -
    basket    invalid      -      -         -       2 mistakes: `rollout validate basket`
    ");
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

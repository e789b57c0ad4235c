//! Series counted from their values, their samples and the restarts of their processes.

use super::super::marks::{Fall, Restart};
use super::*;

/// Blocks of five minutes; the twelve of the lead are as given by `before`. Its process fell in these
/// blocks after the lead, and began anew at these instants.
fn told(
    before: f64,
    values: &[f64],
    samples: &[(i64, f64)],
    (falls, restarts): (&[usize], &[(i64, f64)]),
) -> Vec<Option<Increment>> {
    let window = Window::of(300);
    let lead = window.lead();
    let all: Vec<f64> = std::iter::repeat_n(before, lead)
        .chain(values.iter().copied())
        .collect();
    let falls: Vec<Fall> = falls
        .iter()
        .map(|block| Fall {
            block: lead + block,
            since: lead + block - 1,
            lives: true,
        })
        .collect();
    let restarts: Vec<Restart> = restarts
        .iter()
        .map(|(at_ms, most)| Restart {
            at_ms: *at_ms,
            most: *most,
        })
        .collect();
    let known = Known {
        values: &all,
        seen_before: None,
        samples,
        first_ms: 300_000,
        marks: Marks {
            falls: &falls,
            restarts: &restarts,
            histogram: &[],
            parts: &[lead],
        },
    };
    let mut found = vec![None; values.len()];
    increments(&window, known, |block, increment, _| {
        found[block] = Some(increment);
    });
    found
}

fn counted(before: f64, values: &[f64]) -> Vec<Option<Increment>> {
    told(before, values, &[], (&[], &[]))
}

use Increment::{Born, Since};

#[test]
fn a_counter_counts_from_block_to_block_and_from_a_reset_on() {
    let found = counted(10.0, &[12.0, 12.0, 5.0, 6.5]);
    let expected = [2.0, 0.0, 5.0, 1.5].map(|value| Some(Since(value)));
    assert_eq!(found, expected);
}

#[test]
fn a_birth_counts_all_and_a_return_within_the_hour_what_happened_meanwhile() {
    let found = counted(ABSENT, &[ABSENT, 3.0, ABSENT, 9.0]);
    assert_eq!(found, [None, Some(Born(3.0)), None, Some(Since(6.0))]);
}

#[test]
fn a_return_after_more_than_an_hour_is_no_news() {
    let mut values = vec![ABSENT; 12];
    values.extend([50.0, 52.0]);
    let found = counted(10.0, &values);
    assert_eq!(found[12..], [Some(Since(0.0)), Some(Since(2.0))]);
    // One block less, and it is a difference.
    let found = counted(10.0, &values[1..]);
    assert_eq!(found[11], Some(Since(40.0)));
}

#[test]
fn a_return_after_a_restart_is_all_news() {
    // One, then nothing since its process began anew, then one.
    let values = [1.0, ABSENT, ABSENT, 1.0];
    let found = told(0.0, &values, &[], (&[1], &[]));
    assert_eq!(found[3], Some(Since(1.0)));
    assert_eq!(told(0.0, &values, &[], (&[], &[]))[3], Some(Since(0.0)));
    // The same where it is away for longer than an hour.
    let mut values = vec![ABSENT; 20];
    values.push(7.0);
    let found = told(5.0, &values, &[], (&[3], &[]));
    assert_eq!(found[20], Some(Since(7.0)));
}

#[test]
fn a_series_that_goes_while_its_process_goes_on_went_with_the_restart() {
    // It is there in the block of the restart, and not in the next.
    let found = told(0.0, &[1.0, ABSENT, 1.0], &[], (&[0], &[]));
    assert_eq!(found[2], Some(Since(1.0)));
}

#[test]
fn samples_tell_what_came_before_a_restart_within_a_block() {
    // The first block after the lead is from 3,600 s to 3,900 s.
    let anew = [(3_750_000, 100.0)];
    let one = |samples: &[(i64, f64)]| told(0.0, &[1.0, 1.0], samples, (&[0], &anew));
    // It had one, was gone at the restart, and has one.
    let samples = [(3_700_000, 1.0), (3_800_000, 1.0), (3_900_000, 1.0)];
    assert_eq!(one(&samples)[0], Some(Since(2.0)));
    // It was there at the restart, with no more than others had counted since.
    let samples = [(3_735_000, 1.0), (3_750_000, 1.0), (3_765_000, 1.0)];
    assert_eq!(one(&samples)[0], Some(Since(2.0)));
    // Its last sample lies before the restart, and the next one in the next block.
    let samples = [(3_700_000, 1.0), (4_000_000, 1.0)];
    assert_eq!(one(&samples), [Some(Since(1.0)), Some(Since(1.0))]);
}

#[test]
fn what_is_higher_than_any_counter_of_the_process_can_be_goes_on() {
    let samples = [(3_735_000, 5_000.0), (3_750_000, 5_010.0)];
    let found = told(4_000.0, &[5_010.0], &samples, (&[0], &[(3_750_000, 100.0)]));
    assert_eq!(found, [Some(Since(1_010.0))]);
}

#[test]
fn a_value_that_is_no_number_is_a_missing_one() {
    let found = counted(10.0, &[UNKNOWN, 14.0]);
    assert_eq!(found, [None, Some(Since(4.0))]);
    // It was there, so that what comes after is no birth.
    let found = counted(UNKNOWN, &[14.0]);
    assert_eq!(found, [Some(Since(0.0))]);
}

#[test]
fn from_a_fall_on_every_sample_counts() {
    // It restarts twice within the first block.
    let samples = [
        (3_650_000, 15.0),
        (3_700_000, 4.0),
        (3_750_000, 6.0),
        (3_800_000, 1.0),
        (3_900_000, 3.0),
        (3_950_000, 9.0),
        (4_200_000, 2.0),
    ];
    let found = told(10.0, &[3.0, 2.0], &samples, (&[0, 1], &[]));
    assert_eq!(found, [Some(Since(14.0)), Some(Since(8.0))]);
}

#[test]
fn samples_count_from_a_fall_on_and_as_long_as_a_tail() {
    let window = Window::of(300);
    let fall = |block| Fall {
        block,
        since: block - 1,
        lives: true,
    };
    let falls = [fall(8), fall(20)];
    let marks = Marks {
        falls: &falls,
        parts: &[12, 30],
        ..Marks::default()
    };
    let counts = |block| marks.counts_samples(&window, block);
    assert!(counts(12) && counts(19) && counts(20) && counts(31));
    assert!(!counts(7) && !counts(32));
    // A part looks no further back than its lead.
    let marks = Marks {
        parts: &[12, 33],
        ..marks
    };
    assert!(!marks.between(&window, None, 33, |_| 0));
    assert!(marks.between(&window, None, 32, |_| 0));
}

#[test]
fn only_what_is_first_seen_in_the_stage_may_be_a_birth() {
    let window = Window::of(300);
    let seen_from = |block: usize| {
        let mut values = vec![ABSENT; 400];
        values[block..].fill(1.0);
        is_birth(&window, &values)
    };
    assert!(!seen_from(11));
    assert!(seen_from(12));
    // The day before this one lies within the answer.
    assert!(!seen_from(288));
    assert!(!is_birth(&window, &[ABSENT; 400]));
}

//! Windows over both changes of the clock in 2026, over midnight, and freezes.

use chrono::NaiveTime;

use super::super::calendar::{Opening, freeze, opening};
use super::super::fixture::at;
use crate::plan::{Calendar, Freeze, Weekday, Window};
use crate::units::Instant;

const ALL: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

fn window(days: &[Weekday], from: &str, to: &str, tz: &str) -> Calendar {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    Calendar {
        windows: vec![Window {
            days: days.to_vec(),
            from: time(from),
            to: time(to),
            tz: tz.parse().unwrap(),
        }],
        freezes: Vec::new(),
    }
}

/// Every opening and closing from `from` on, found minute by minute: what a run at each minute
/// would see, without any of the arithmetic under test but the question itself.
fn edges(calendar: &Calendar, from: &str, hours: i64) -> Vec<(bool, String)> {
    let start: Instant = at(from);
    let is_open = |now| matches!(opening(calendar, now), Opening::Open { .. });
    let mut before = is_open(start);
    let mut edges = vec![];
    for minute in 1..=hours * 60 {
        let now = start + chrono::TimeDelta::minutes(minute);
        let after = is_open(now);
        if after != before {
            edges.push((after, now.format("%a %H:%M").to_string()));
            before = after;
        }
    }
    edges
}

fn seen(calendar: &Calendar, from: &str, hours: i64) -> String {
    edges(calendar, from, hours)
        .into_iter()
        .map(|(opens, when)| format!("{} {when}", if opens { "opens" } else { "closes" }))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn office_hours_follow_the_wall_clock_over_both_changes() {
    let cases = [
        // Stockholm: summer from 29 March, winter from 25 October.
        (
            "Europe/Stockholm",
            "2026-03-27T00:00:00Z",
            "opens Fri 08:30, closes Fri 15:00, opens Mon 07:30, closes Mon 14:00",
        ),
        (
            "Europe/Stockholm",
            "2026-10-23T00:00:00Z",
            "opens Fri 07:30, closes Fri 14:00, opens Mon 08:30, closes Mon 15:00",
        ),
        // New York: summer from 8 March, winter from 1 November.
        (
            "America/New_York",
            "2026-03-06T00:00:00Z",
            "opens Fri 14:30, closes Fri 21:00, opens Mon 13:30, closes Mon 20:00",
        ),
        (
            "America/New_York",
            "2026-10-30T00:00:00Z",
            "opens Fri 13:30, closes Fri 20:00, opens Mon 14:30, closes Mon 21:00",
        ),
        // Lord Howe moves by half an hour: winter from 5 April, summer from 4 October.
        (
            "Australia/Lord_Howe",
            "2026-04-02T12:00:00Z",
            "opens Thu 22:30, closes Fri 05:00, opens Sun 23:00, closes Mon 05:30",
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-01T12:00:00Z",
            "opens Thu 23:00, closes Fri 05:30, opens Sun 22:30, closes Mon 05:00",
        ),
    ];
    for (tz, from, expected) in cases {
        let days = [Weekday::Mon, Weekday::Fri];
        assert_eq!(
            seen(&window(&days, "09:30", "16:00", tz), from, 94),
            expected,
            "{tz} {from}"
        );
    }
}

#[test]
fn a_time_in_the_gap_stands_for_its_end() {
    // 02:00 to 03:00 does not exist on 29 March in Stockholm; the gap ends at 01:00 UTC.
    assert_eq!(
        seen(
            &window(&ALL, "02:30", "05:00", "Europe/Stockholm"),
            "2026-03-28T12:00:00Z",
            24
        ),
        "opens Sun 01:00, closes Sun 03:00"
    );
    assert_eq!(
        seen(
            &window(&ALL, "01:00", "02:30", "Europe/Stockholm"),
            "2026-03-28T12:00:00Z",
            24
        ),
        "opens Sun 00:00, closes Sun 01:00"
    );
    assert_eq!(
        seen(
            &window(&ALL, "02:30", "05:00", "America/New_York"),
            "2026-03-07T12:00:00Z",
            24
        ),
        "opens Sun 07:00, closes Sun 09:00"
    );
    // Lord Howe's gap is 02:00 to 02:30 on 4 October and ends at 15:30 UTC the day before.
    assert_eq!(
        seen(
            &window(&ALL, "02:15", "05:00", "Australia/Lord_Howe"),
            "2026-10-03T00:00:00Z",
            24
        ),
        "opens Sat 15:30, closes Sat 18:00"
    );
}

#[test]
fn a_window_inside_the_gap_does_not_open_that_day() {
    assert_eq!(
        seen(
            &window(&ALL, "02:10", "02:50", "Europe/Stockholm"),
            "2026-03-28T12:00:00Z",
            48
        ),
        "opens Mon 00:10, closes Mon 00:50"
    );
}

#[test]
fn a_time_that_comes_twice_opens_at_the_first_and_closes_at_the_last() {
    // 02:00 to 03:00 comes twice on 25 October in Stockholm: 00:00 and 01:00 UTC.
    assert_eq!(
        seen(
            &window(&ALL, "02:30", "05:00", "Europe/Stockholm"),
            "2026-10-24T12:00:00Z",
            24
        ),
        "opens Sun 00:30, closes Sun 04:00"
    );
    assert_eq!(
        seen(
            &window(&ALL, "01:00", "02:30", "Europe/Stockholm"),
            "2026-10-24T12:00:00Z",
            24
        ),
        "opens Sat 23:00, closes Sun 01:30"
    );
    // 01:00 to 02:00 comes twice on 1 November in New York: 05:00 and 06:00 UTC.
    assert_eq!(
        seen(
            &window(&ALL, "01:15", "01:45", "America/New_York"),
            "2026-10-31T12:00:00Z",
            24
        ),
        "opens Sun 05:15, closes Sun 06:45"
    );
    // 01:30 to 02:00 comes twice on 5 April on Lord Howe: 14:30 and 15:00 UTC the day before.
    assert_eq!(
        seen(
            &window(&ALL, "01:45", "03:00", "Australia/Lord_Howe"),
            "2026-04-04T00:00:00Z",
            24
        ),
        "opens Sat 14:45, closes Sat 16:30"
    );
}

#[test]
fn a_window_over_midnight_belongs_to_the_day_it_opens() {
    let calendar = window(&[Weekday::Fri], "22:00", "02:00", "Europe/Stockholm");
    assert_eq!(
        seen(&calendar, "2026-11-19T12:00:00Z", 72),
        "opens Fri 21:00, closes Sat 01:00"
    );
    // Over the change of the clock it is an hour longer.
    let calendar = window(&[Weekday::Sat], "22:00", "04:00", "Europe/Stockholm");
    assert_eq!(
        seen(&calendar, "2026-10-24T12:00:00Z", 24),
        "opens Sat 20:00, closes Sun 03:00"
    );
}

#[test]
fn the_next_opening_is_told_in_both_zones() {
    let calendar = window(&[Weekday::Mon], "09:30", "16:00", "Europe/Stockholm");
    let Opening::Closed { next: Some(next) } = opening(&calendar, at("2026-11-22T12:00:00Z"))
    else {
        panic!("closed on a Sunday");
    };
    assert_eq!(next.at, at("2026-11-23T08:30:00Z"));
    assert_eq!(next.local, "Mon 09:30 Europe/Stockholm");
    // A week ahead the weekday alone would be mistaken for today.
    let Opening::Closed { next: Some(next) } = opening(&calendar, at("2026-11-23T15:00:00Z"))
    else {
        panic!("closed after hours");
    };
    assert_eq!(next.local, "Mon 30 Nov 09:30 Europe/Stockholm");
}

#[test]
fn a_window_without_days_never_opens() {
    assert_eq!(
        opening(
            &window(&[], "09:30", "16:00", "UTC"),
            at("2026-11-22T12:00:00Z")
        ),
        Opening::Closed { next: None }
    );
}

#[test]
fn of_several_windows_one_is_enough() {
    let mut calendar = window(&[Weekday::Sun], "11:00", "13:00", "UTC");
    calendar
        .windows
        .extend(window(&[Weekday::Mon], "11:00", "13:00", "UTC").windows);
    assert_eq!(
        opening(&calendar, at("2026-11-22T12:00:00Z")),
        Opening::Open {
            closes: at("2026-11-22T13:00:00Z")
        }
    );
}

#[test]
fn a_freeze_holds_from_its_start_to_just_before_its_end() {
    let frozen = |from: Option<&str>, until: &str| Freeze {
        from: from.map(at),
        until: at(until),
        reason: until.into(),
        owner: None,
    };
    let calendar = Calendar {
        windows: Vec::new(),
        freezes: vec![
            frozen(Some("2026-12-20T00:00:00Z"), "2027-01-04T00:00:00Z"),
            frozen(None, "2026-12-21T00:00:00Z"),
        ],
    };
    let until = |now: &str| freeze(&calendar, at(now)).map(|freeze| freeze.reason.as_str());
    assert_eq!(until("2026-12-19T23:59:59Z"), Some("2026-12-21T00:00:00Z"));
    assert_eq!(until("2026-12-20T00:00:00Z"), Some("2027-01-04T00:00:00Z"));
    assert_eq!(until("2027-01-03T23:59:59Z"), Some("2027-01-04T00:00:00Z"));
    assert_eq!(until("2027-01-04T00:00:00Z"), None);
}

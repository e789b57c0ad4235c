//! What a run asks for where something is kept: a server with one series.

use super::*;

/// A server with one series that counts one a second, and a run of it with 5-minute blocks.
fn steady() -> Server {
    let sample = |at: i64| Sample {
        at_ms: at * 1_000,
        value: f64::from(i32::try_from(at - START + 40 * HOUR).unwrap()),
        known_ms: at * 1_000,
    };
    let labels = vec![("variant", "control".to_owned()), ("le", "+Inf".to_owned())];
    let times = (START - 40 * HOUR..START + 40 * HOUR).step_by(15);
    Server {
        series: vec![(labels, times.map(sample).collect())],
        now: START + 12 * HOUR,
        points: Cell::new(0),
        warns: false,
    }
}

fn run(server: &Server, kept: Option<&[u8]>) -> Answered {
    server.points.set(0);
    run_of(server, (START, server.now), kept)
}

/// A run that asks for the blocks within this time.
fn run_of(server: &Server, (from, until): (i64, i64), kept: Option<&[u8]>) -> Answered {
    let request = Request {
        counter: &counter(),
        grid: &blocks(from, until, Period::from_minutes(5)),
        past: None,
        sums: &[],
        parts: &[],
        unknown: None,
        restarts: None,
        naming: None,
        purpose: Purpose::Stage,
    };
    ask_now(server, &request, kept)
}

#[test]
fn a_warm_run_asks_for_three_hours_and_what_is_new() {
    let mut server = steady();
    let kept = run(&server, None).kept.unwrap();
    assert_eq!(server.points.get(), 144 + 12);
    server.now += 600;
    let warm = run(&server, Some(&kept));
    assert!(warm.is_warm);
    // The last minute was not kept.
    assert_eq!(server.points.get(), 36 + 1 + 1 + 2);
}

#[test]
fn a_change_of_the_first_block_that_is_compared_leads_further_back() {
    let mut server = steady();
    let kept = run(&server, None).kept.unwrap();
    for sample in &mut server.series[0].1 {
        if sample.at_ms > (START + 5 * HOUR) * 1_000 {
            sample.value += 10.0;
        }
    }
    server.now += 600;
    let warm = run(&server, Some(&kept));
    assert!(warm.is_warm);
    assert!(
        (150..170).contains(&server.points.get()),
        "{}",
        server.points.get()
    );
    assert_same(&warm, &run(&server, None), server.now);
}

/// The samples that were asked for besides the values at block ends.
fn samples_asked(answered: &Answered) -> usize {
    let queries = answered.counted.queries.iter();
    queries.filter(|query| !query.starts_with("last")).count()
}

#[test]
fn samples_after_a_restart_are_asked_for_until_none_can_come_late() {
    let mut server = steady();
    // It began anew an hour ago.
    for sample in &mut server.series[0].1 {
        if sample.at_ms > (START + 11 * HOUR) * 1_000 {
            sample.value -= 50_000.0;
        }
    }
    let mut kept = run(&server, None).kept.unwrap();
    let mut asked = Vec::new();
    for _ in 0..6 {
        server.now += HOUR;
        let warm = run(&server, Some(&kept));
        assert!(warm.is_warm);
        assert_same(&warm, &run(&server, None), server.now);
        asked.push(samples_asked(&warm));
        kept = warm.kept.unwrap();
    }
    assert_eq!(asked, [1, 1, 1, 0, 0, 0]);
}

#[test]
fn where_anything_has_changed_no_kept_samples_are_used() {
    let mut server = steady();
    for sample in &mut server.series[0].1 {
        if sample.at_ms > (START + 5 * HOUR) * 1_000 {
            sample.value -= 100_000.0;
        }
    }
    let kept = run(&server, None).kept.unwrap();
    server.now += 600;
    assert_eq!(samples_asked(&run(&server, Some(&kept))), 0);
    let late = (START + 11 * HOUR) * 1_000;
    for sample in &mut server.series[0].1 {
        if (late - 300_000..late).contains(&sample.at_ms) {
            sample.value += 1.0;
        }
    }
    let warm = run(&server, Some(&kept));
    assert_eq!(samples_asked(&warm), 1);
    assert_same(&warm, &run(&server, None), server.now);
}

#[test]
fn nothing_is_kept_of_an_answer_with_doubts() {
    let mut server = steady();
    server.warns = true;
    let doubtful = run(&server, None);
    assert!(doubtful.kept.is_none() && doubtful.counted.warnings.len() == 1);
    server.warns = false;
    let kept = run(&server, None).kept.unwrap();
    server.warns = true;
    server.now += 600;
    let doubtful = run(&server, Some(&kept));
    assert!(doubtful.kept.is_none() && !doubtful.is_warm);
}

#[test]
fn once_a_day_and_after_a_clock_went_back_everything_is_asked_for() {
    let mut server = steady();
    let kept = run(&server, None).kept.unwrap();
    server.now += 23 * HOUR;
    assert!(run(&server, Some(&kept)).is_warm);
    server.now += 2 * HOUR;
    assert!(!run(&server, Some(&kept)).is_warm);
    server.now = START + 11 * HOUR;
    assert!(!run(&server, Some(&kept)).is_warm);
}

#[test]
fn an_instant_of_the_past_is_answered_with_what_is_kept() {
    let server = steady();
    let kept = run(&server, None).kept.unwrap();
    let times = (START, server.now - 2 * HOUR);
    let warm = run_of(&server, times, Some(&kept));
    assert!(warm.is_warm);
    assert_same(&warm, &run_of(&server, times, None), server.now);
    // What came after it is kept still.
    server.points.set(0);
    run(&server, Some(&warm.kept.unwrap()));
    assert!(server.points.get() < 50);
}

#[test]
fn a_longer_past_than_what_is_kept_is_asked_for() {
    let server = steady();
    let kept = run(&server, None).kept.unwrap();
    let times = (START - 8 * HOUR, server.now);
    let longer = run_of(&server, times, Some(&kept));
    assert!(!longer.is_warm);
    assert_same(&longer, &run_of(&server, times, None), server.now);
}

#[test]
fn bytes_of_another_form_or_block_length_are_not_read() {
    let server = steady();
    let kept = run(&server, None).kept.unwrap();
    let of = |seconds| blocks(START, server.now, Period::from_seconds(seconds));
    assert!(bytes::read(&kept, &of(300)).is_some());
    assert!(bytes::read(&kept, &of(60)).is_none());
    for length in 0..kept.len() {
        assert!(bytes::read(&kept[..length], &of(300)).is_none(), "{length}");
    }
    let mut newer = kept;
    newer[0] += 1;
    assert!(bytes::read(&newer, &of(300)).is_none());
}

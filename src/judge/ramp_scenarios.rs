//! What the judge says of ramps, scenario by scenario.

use crate::plan::{
    ASSIGNMENT, Assignment, Column, Compared, Curve, Guardrail, Kind, Pace, Plan, Ramp,
    RampProgress, Schedule, Selector,
};
use crate::snapshot::{ArmSeries, AssignmentSeries, GuardrailSeries, Moment, Snapshot};
use crate::units::{Effect, Exposure, LogE, Period};

use super::fixture::*;
use super::{Excess, Judgement, judge};

/// 1 to 100 % over a week, adaptive; 10 % are exposed since its first block.
pub(super) fn ramp(guardrail: Guardrail) -> Plan {
    let percent = |percent: f64| Exposure::from_percent(percent).unwrap();
    let mut plan = plan(vec![guardrail]);
    plan.course = Schedule::Ramp(Ramp {
        from: percent(1.0),
        to: percent(100.0),
        over: Period::parse("7d").unwrap(),
        curve: Curve::Geometric,
        every: Some(Period::from_hours(1)),
        pace: Pace::Adaptive { risk_budget: 500.0 },
    });
    plan.state.as_mut().unwrap().ramp = Some(RampProgress {
        moves: 2,
        progress: Period::from_hours(1),
        moved_at: instant(ENTERED),
        spent: 0.0,
        settled: 0.0,
    });
    plan
}

fn latency(compare: Compared) -> Guardrail {
    let quantile = 0.99;
    guardrail(
        "latency",
        Kind::Latency {
            quantile,
            compare,
            unit: crate::plan::TimeUnit::Seconds,
        },
    )
}

/// So many requests a block, so many of a thousand slower than 250 ms.
fn buckets(total: f64, slow: f64, blocks: usize) -> ArmSeries {
    let column = |count: f64| vec![Some(count); blocks];
    ArmSeries {
        buckets: vec![
            (0.25, column(total - slow * total / 1_000.0)),
            (f64::INFINITY, column(total)),
        ],
        ..ArmSeries::default()
    }
}

fn excess(plan: &Plan, series: GuardrailSeries, blocks: i64) -> Option<Excess> {
    let pacing = judged(plan, vec![series], blocks).pacing.unwrap();
    pacing.excesses.into_iter().next()
}

#[test]
fn slow_requests_are_bad_events() {
    let slower = series(buckets(1_000.0, 40.0, 48), buckets(9_000.0, 20.0, 48), 48);
    let found = excess(&ramp(latency(Compared::Share)), slower.clone(), 48).unwrap();
    // Of 46 judged blocks: 40 slow requests each where 20 would have been.
    assert!((found.estimate - 46.0 * 20.0).abs() < 1e-6, "{found:?}");
    assert!(found.at_least > 0.0 && found.at_most.is_some());
    // A margin on the quantile itself leaves nothing to count.
    assert_eq!(excess(&ramp(latency(Compared::Quantile)), slower, 48), None);
}

#[test]
fn a_latency_is_watched_although_hardly_anybody_is_exposed_at_first() {
    let mut plan = ramp(latency(Compared::Share));
    plan.state.as_mut().unwrap().exposure = Exposure::HUNDREDTH;
    let few = series(buckets(1.0, 0.0, 48), buckets(9_999.0, 20.0, 48), 48);
    assert!(excess(&plan, few, 48).is_some());
}

/// What is known before anybody is exposed, an hour in quarters.
fn beforehand(unexposed: ArmSeries) -> Snapshot {
    let mut series = series(ArmSeries::default(), unexposed, 4);
    series.ends = (1..=4).map(|k| ENTERED + k * 900).collect();
    Snapshot {
        moment: Moment::Beforehand {
            since: instant(ENTERED),
        },
        block: Period::from_minutes(15),
        ..snapshot(vec![("latency", series.clone()), ("errors", series)])
    }
}

fn at_stake(guardrail: Guardrail, unexposed: ArmSeries) -> Option<Excess> {
    let mut plan = ramp(guardrail);
    plan.state = None;
    let judgement = judge(&plan, &beforehand(unexposed), instant(ENTERED + 3_600));
    assert!(judgement.findings.is_empty());
    judgement.pacing.unwrap().excesses.into_iter().next()
}

#[test]
fn before_the_first_exposure_everything_may_fail() {
    let mut busy = steady(90.0, 9_000.0, 4);
    busy.columns.get_mut(&Column::Total).unwrap()[2] = Some(18_000.0);
    let errors = at_stake(errors(), busy).unwrap();
    // The busiest quarter, four times an hour.
    let requests = errors.expected_hourly + errors.worst_hourly.unwrap();
    assert!((requests - 72_000.0).abs() < 1.0, "{errors:?}");
    assert_eq!(errors.at_most, None);
    let slow = at_stake(latency(Compared::Share), buckets(9_000.0, 20.0, 4)).unwrap();
    assert!((slow.worst_hourly.unwrap() - 0.99 * 36_000.0).abs() < 1.0);
}

#[test]
fn without_traffic_or_a_margin_nothing_is_known_to_be_at_stake() {
    assert_eq!(at_stake(errors(), ArmSeries::default()), None);
    assert_eq!(at_stake(errors(), steady(0.0, 0.0, 4)), None);
    let mut limited = errors();
    limited.margin = None;
    assert_eq!(at_stake(limited, steady(90.0, 9_000.0, 4)), None);
    let mut seconds = latency(Compared::Share);
    seconds.margin = Some(Effect::Absolute(0.2));
    assert_eq!(at_stake(seconds, buckets(9_000.0, 20.0, 4)), None);
}

/// The plan after so many moves with what they left, an hour since the latest, in which so many users
/// were counted in each block.
fn counted(moves: u32, left: Option<LogE>, exposed: f64, unexposed: f64) -> Judgement {
    let mut plan = ramp(errors());
    plan.assignment = Some(Assignment {
        users: Selector::parse("assignments_total").unwrap(),
    });
    let state = plan.state.as_mut().unwrap();
    state
        .carried
        .extend(left.map(|log_e| (ASSIGNMENT.to_owned(), log_e)));
    let climb = state.ramp.as_mut().unwrap();
    climb.moves = moves;
    // Whoever came before this move was assigned by other shares.
    let before = 100;
    climb.moved_at = instant(ENTERED + before * BLOCK);
    let blocks = before + 14;
    let mut snapshot = snapshot(vec![("errors", traffic(1.0, blocks))]);
    let column = |old: f64, new: f64| {
        let at = |k| if k <= before + 2 { old } else { new };
        (1..=blocks).map(|k| Some(at(k))).collect()
    };
    snapshot.assignment = Some(AssignmentSeries {
        ends: (1..=blocks).map(|k| ENTERED + k * BLOCK).collect(),
        exposed: column(6.0, exposed),
        unexposed: column(594.0, unexposed),
        issues: Vec::new(),
    });
    judge(&plan, &snapshot, instant(ENTERED + blocks * BLOCK))
}

#[test]
fn users_are_held_against_the_share_since_the_latest_move() {
    let even = counted(7, None, 60.0, 540.0);
    assert_eq!(even.assignment_broken, None);
    let skewed = counted(7, None, 120.0, 480.0);
    assert!(
        skewed
            .assignment_broken
            .unwrap()
            .to_string()
            .contains("20 % of"),
    );
}

/// How many moves it takes until users are found to be assigned otherwise than declared.
fn moves_until_told(first: u32, left: Option<LogE>, exposed: f64) -> u32 {
    let mut left = left;
    for moves in first.. {
        let judgement = counted(moves, left, exposed, 600.0 - exposed);
        if judgement.assignment_broken.is_some() {
            return moves - first + 1;
        }
        left = judgement.carried.get(ASSIGNMENT).copied();
        assert!(left.is_some() && moves < first + 60, "{left:?}");
    }
    0
}

#[test]
fn a_small_skew_adds_up_over_moves() {
    // 12 % of users where 10 % were declared: no single hour of 7,200 users proves it.
    let moves = moves_until_told(1, None, 70.0);
    assert!((2..20).contains(&moves), "{moves}");
}

#[test]
fn a_hundred_right_moves_do_not_hide_a_wrong_one() {
    let mut left = None;
    for moves in 1..=100 {
        let judgement = counted(moves, left, 60.0, 540.0);
        assert_eq!(judgement.assignment_broken, None);
        left = judgement.carried.get(ASSIGNMENT).copied();
    }
    assert!(moves_until_told(101, left, 75.0) < 10);
}

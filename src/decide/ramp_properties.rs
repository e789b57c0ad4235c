//! What holds for every ramp, whatever the evidence says and however often somebody looks.

use proptest::prelude::*;

use super::fixture::{alone, finding, judged, percent, running};
use super::{Action, Environment, decide};
use crate::judge::{Excess, Judgement, NoData, Pacing, Verdict};
use crate::plan::{Curve, Pace, Plan, Ramp, Schedule, print_state};
use crate::units::{Exposure, Instant, Period};

/// What one run of `rollout advance` meets.
#[derive(Debug, Clone)]
struct Run {
    minutes_later: i64,
    verdict: Verdict,
    pacing: Pacing,
}

fn runs() -> impl Strategy<Value = Vec<Run>> {
    let verdict = prop_oneof![
        30 => Just(Verdict::Inconclusive),
        10 => Just(Verdict::Pass),
        3 => Just(Verdict::NoData(NoData { since: Instant::default() })),
        1 => Just(Verdict::Breach),
    ];
    let excess = (
        0.0..1e5_f64,
        0.0..3.0_f64,
        proptest::option::of(-0.1..30.0_f64),
        0.0..1e5_f64,
        any::<bool>(),
    )
        .prop_map(|(expected, ratio, at_most, hourly, share)| Excess {
            guardrail: "errors".into(),
            bad: expected * ratio,
            expected,
            estimate: expected * (ratio - 1.0),
            at_least: at_most.map_or(-1.0, |most| most - 1.0),
            at_most,
            margin: 0.1,
            expected_hourly: hourly,
            worst_hourly: share.then_some(hourly * 99.0),
        });
    let pacing =
        (0_u32..3, proptest::option::weighted(0.9, excess)).prop_map(|(blocks, excess)| Pacing {
            blocks_since_move: blocks,
            excesses: excess.into_iter().collect(),
        });
    let run = (0_i64..300, verdict, pacing).prop_map(|(minutes_later, verdict, pacing)| Run {
        minutes_later,
        verdict,
        pacing,
    });
    proptest::collection::vec(run, 1..60)
}

fn ramps() -> impl Strategy<Value = Ramp> {
    (
        1_u32..500,
        1_u32..9_500,
        1_u32..200,
        any::<bool>(),
        proptest::option::weighted(0.8, 5_u32..300),
        proptest::option::of(1.0..5_000.0_f64),
    )
        .prop_map(|(from, more, over, linear, every, budget)| Ramp {
            from: percent(f64::from(from) / 100.0),
            to: percent(f64::from(from + more) / 100.0),
            over: Period::from_hours(over),
            curve: if linear {
                Curve::Linear
            } else {
                Curve::Geometric
            },
            every: every.map(Period::from_minutes),
            pace: budget.map_or(Pace::Fixed, |risk_budget| Pace::Adaptive { risk_budget }),
        })
}

fn plan(ramp: Ramp) -> Plan {
    let mut plan = running(1);
    plan.course = Schedule::Ramp(ramp);
    plan.state = None;
    plan
}

fn judgement(plan: &Plan, run: &Run) -> Judgement {
    let mut judgement = judged(plan, &[Verdict::Inconclusive, Verdict::Inconclusive]);
    judgement.findings[0] = finding(&plan.guardrails[0], run.verdict);
    judgement.pacing = Some(run.pacing.clone());
    judgement
}

/// Where an unhindered ramp would be after so long.
fn curve(ramp: &Ramp, age: Period) -> f64 {
    let share = (f64::from(age.seconds()) / f64::from(ramp.over.seconds())).min(1.0);
    let (from, to) = (ramp.from.percent(), ramp.to.percent());
    match ramp.curve {
        Curve::Linear => from + (to - from) * share,
        Curve::Geometric => from * (to / from).powf(share),
    }
}

proptest! {
    #[test]
    fn exposure_only_rises_by_the_curve_and_only_falls_by_rollback(
        ramp in ramps(),
        runs in runs(),
    ) {
        let mut plan = plan(ramp.clone());
        let mut now = alone().now;
        let mut entered = None;
        let mut last_move: Option<Instant> = None;
        let mut longest = 0;
        for run in runs {
            now += chrono::TimeDelta::minutes(run.minutes_later);
            let asked = plan.needs_data() || plan.needs_traffic();
            let judgement = asked.then(|| judgement(&plan, &run));
            let around = Environment { now, ..alone() };
            let decision = decide(&plan, judgement.as_ref(), &around);
            prop_assert_eq!(&decision, &decide(&plan, judgement.as_ref(), &around));
            let before = plan.state.as_ref().map_or(Exposure::NONE, |s| s.exposure);
            let Some(state) = decision.next.clone() else {
                continue;
            };
            match decision.action {
                Action::Advance { exposure, .. } => {
                    prop_assert_eq!(state.exposure, exposure);
                    prop_assert!(exposure > before);
                    prop_assert!(exposure <= ramp.to);
                    let entered = *entered.get_or_insert(now);
                    let age = Period::between(entered, now);
                    prop_assert!(
                        exposure.percent() <= curve(&ramp, age) + 1e-6,
                        "{} after {}", exposure, age
                    );
                    if let Some(last) = last_move {
                        let every = ramp.every.unwrap_or(Period::from_minutes(15));
                        prop_assert!(Period::between(last, now) >= every);
                    }
                    last_move = Some(now);
                    prop_assert_eq!(state.entered_at, entered);
                    let length = print_state(&state).len();
                    prop_assert!(longest == 0 || length <= longest + 30);
                    longest = longest.max(length);
                }
                Action::Rollback { .. } => prop_assert_eq!(state.exposure, Exposure::NONE),
                Action::Hold | Action::Pause | Action::Complete => {
                    prop_assert_eq!(state.exposure, before);
                }
            }
            plan.state = Some(state);
        }
    }
}

#[test]
fn a_file_has_not_grown_after_two_hundred_moves() {
    let mut plan = plan(Ramp {
        from: percent(0.5),
        to: percent(100.0),
        over: Period::from_hours(220),
        curve: Curve::Linear,
        every: Some(Period::from_hours(1)),
        pace: Pace::Fixed,
    });
    let mut now = alone().now;
    let mut lengths = Vec::new();
    for _ in 0..=200 {
        let run = Run {
            minutes_later: 0,
            verdict: Verdict::Inconclusive,
            pacing: Pacing {
                blocks_since_move: 12,
                excesses: Vec::new(),
            },
        };
        let judgement = plan.needs_data().then(|| judgement(&plan, &run));
        let around = Environment { now, ..alone() };
        let decision = decide(&plan, judgement.as_ref(), &around);
        plan.state = decision.next.clone();
        lengths.push(print_state(plan.state.as_ref().unwrap()).len());
        now += chrono::TimeDelta::hours(1);
    }
    assert_eq!(plan.state.as_ref().unwrap().ramp.unwrap().moves, 201);
    // A few digits more of numbers that grew, and nothing else.
    assert!(
        lengths[200] <= lengths[0] + 10,
        "{} {}",
        lengths[0],
        lengths[200]
    );
}

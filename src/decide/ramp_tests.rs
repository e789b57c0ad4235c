//! Facts about ramps: their clock, their budget, and what a move leaves in the state.

use super::fixture::{alone, at, entered, finding, judged, now, percent, period, running, state};
use super::{Action, Exit, Reason, decide, spending};
use crate::judge::{Excess, Judgement, Leaning, Pacing, Verdict};
use crate::plan::{Curve, OnBreach, Pace, Plan, Ramp, RampProgress, Schedule, Status};
use crate::units::{Exposure, Instant};

/// 1 to 100 % over a week on a geometric curve, hourly.
fn ramp(pace: Pace) -> Ramp {
    Ramp {
        from: percent(1.0),
        to: percent(100.0),
        over: period("7d"),
        curve: Curve::Geometric,
        every: Some(period("1h")),
        pace,
    }
}

const ADAPTIVE: Pace = Pace::Adaptive { risk_budget: 500.0 };

/// Halfway: 10 %, moved two hours ago, begun a day and a half ago.
fn climbing(pace: Pace) -> Plan {
    let mut plan = running(1);
    plan.course = Schedule::Ramp(ramp(pace));
    let state = state(&mut plan);
    state.exposure = percent(10.0);
    state.ramp = Some(RampProgress {
        moves: 85,
        progress: period("84h"),
        moved_at: at("2026-11-22T10:00:00Z"),
        spent: 0.0,
        settled: 0.0,
    });
    plan
}

/// A healthy release at 100 requests a second, one in a hundred bad.
fn excess() -> Excess {
    Excess {
        guardrail: "errors".into(),
        bad: 1_010.0,
        expected: 1_000.0,
        estimate: 10.0,
        at_least: -0.1,
        at_most: Some(0.12),
        margin: 0.1,
        expected_hourly: 3_600.0,
        worst_hourly: Some(356_400.0),
    }
}

fn shown(plan: &Plan, excess: Option<Excess>) -> Judgement {
    Judgement {
        pacing: Some(Pacing {
            blocks_since_move: 24,
            excesses: excess.into_iter().collect(),
        }),
        ..judged(plan, &[Verdict::Inconclusive, Verdict::Inconclusive])
    }
}

fn moved(plan: &Plan, judgement: &Judgement, now: Instant) -> Option<Exposure> {
    let around = super::Environment { now, ..alone() };
    match decide(plan, Some(judgement), &around).action {
        Action::Advance { exposure, .. } => Some(exposure),
        Action::Hold | Action::Pause | Action::Rollback { .. } | Action::Complete => None,
    }
}

#[test]
fn a_fixed_ramp_goes_one_step_along_its_curve_however_late_it_is() {
    let plan = climbing(Pace::Fixed);
    let judgement = shown(&plan, None);
    assert_eq!(moved(&plan, &judgement, now()), Some(percent(10.27)));
    let much_later = at("2026-12-02T12:00:00Z");
    assert_eq!(moved(&plan, &judgement, much_later), Some(percent(10.27)));
}

#[test]
fn the_move_keeps_the_evidence_of_the_whole_ramp_and_the_file_as_long_as_it_was() {
    let plan = climbing(Pace::Fixed);
    let judgement = shown(&plan, None);
    let decision = decide(&plan, Some(&judgement), &alone());
    let state = decision.next.clone().unwrap();
    assert_eq!(state.entered_at, entered());
    assert_eq!(state.stage, 1);
    assert!(state.carried.is_empty());
    let climb = state.ramp.unwrap();
    assert_eq!(climb.moves, 86);
    assert_eq!(climb.progress, period("85h"));
    assert_eq!(climb.moved_at, now());
}

#[test]
fn a_ramp_is_not_raised_while_a_guardrail_leans_to_a_breach() {
    for pace in [Pace::Fixed, ADAPTIVE] {
        let plan = climbing(pace);
        let mut judgement = shown(&plan, Some(excess()));
        assert!(moved(&plan, &judgement, now()).is_some());
        judgement.findings[0].leaning = Some(Leaning::Margin);
        assert_eq!(moved(&plan, &judgement, now()), None);
    }
}

#[test]
fn a_ramp_does_not_move_twice_within_its_every() {
    let mut plan = climbing(Pace::Fixed);
    state(&mut plan).ramp.as_mut().unwrap().moved_at = at("2026-11-22T11:10:00Z");
    let decision = decide(&plan, Some(&shown(&plan, None)), &alone());
    assert_eq!(decision.action, Action::Hold);
    assert_eq!(decision.exit, Exit::Hold);
    assert_eq!(
        decision.reasons[0],
        Reason::BetweenMoves {
            left: period("10m")
        }
    );
}

#[test]
fn a_ramp_without_evidence_of_its_present_exposure_stays() {
    let plan = climbing(Pace::Fixed);
    let mut judgement = shown(&plan, None);
    judgement.pacing = Some(Pacing::default());
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(decision.reasons[0], Reason::NothingSinceMove);
    judgement.pacing = None;
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(decision.reasons[0], Reason::NothingSinceMove);
}

#[test]
fn a_breach_rolls_a_ramp_back_between_its_moves() {
    let mut plan = climbing(Pace::Fixed);
    state(&mut plan).ramp.as_mut().unwrap().moved_at = now();
    let mut judgement = shown(&plan, None);
    judgement.findings[0] = finding(&plan.guardrails[0], Verdict::Breach);
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(decision.exit, Exit::Rollback);
}

#[test]
fn a_ramp_at_its_end_completes_after_one_more_every() {
    let mut plan = climbing(Pace::Fixed);
    let judgement = shown(&plan, None);
    state(&mut plan).exposure = percent(100.0);
    state(&mut plan).ramp.as_mut().unwrap().progress = period("7d");
    state(&mut plan).ramp.as_mut().unwrap().moved_at = at("2026-11-22T11:30:00Z");
    let early = decide(&plan, Some(&judgement), &alone());
    assert_eq!(early.action, Action::Hold);
    state(&mut plan).ramp.as_mut().unwrap().moved_at = at("2026-11-22T11:00:00Z");
    let late = decide(&plan, Some(&judgement), &alone());
    assert_eq!(late.action, Action::Complete);
}

#[test]
fn a_fixed_ramp_whose_curve_was_edited_goes_on_from_where_it_is() {
    let mut plan = climbing(Pace::Fixed);
    let judgement = shown(&plan, None);
    plan.course = Schedule::Ramp(Ramp {
        over: period("84h"),
        ..ramp(Pace::Fixed)
    });
    assert_eq!(moved(&plan, &judgement, now()), Some(percent(10.56)));
}

/// Before the first exposure: a hundred requests a second, and nothing known of the change.
fn foreseen(hourly: f64) -> Judgement {
    let plan = climbing(ADAPTIVE);
    Judgement {
        findings: Vec::new(),
        ..shown(
            &plan,
            Some(Excess {
                bad: 0.0,
                expected: 0.0,
                estimate: 0.0,
                at_least: -1.0,
                at_most: None,
                expected_hourly: 0.01 * hourly,
                worst_hourly: Some(0.99 * hourly),
                ..excess()
            }),
        )
    }
}

#[test]
fn an_unknown_release_starts_with_as_many_users_as_may_all_fail() {
    let mut plan = climbing(ADAPTIVE);
    plan.state = None;
    let judgement = foreseen(360_000.0);
    let decision = decide(&plan, Some(&judgement), &alone());
    // Half of 500 bad events of 356,400 requests.
    assert_eq!(
        decision.action,
        Action::Advance {
            stage: 1,
            exposure: percent(0.07)
        }
    );
    let state = decision.next.clone().unwrap();
    assert_eq!(state.status, Status::Progressing);
    assert_eq!(state.entered_at, now());
    assert_eq!(state.ramp.unwrap().moves, 1);
    // A quiet service begins where the plan says.
    let decision = decide(&plan, Some(&foreseen(3_600.0)), &alone());
    assert_eq!(
        decision.action,
        Action::Advance {
            stage: 1,
            exposure: percent(1.0)
        }
    );
}

#[test]
fn where_a_budget_does_not_cover_anybody_nobody_is_exposed() {
    let mut plan = climbing(ADAPTIVE);
    plan.state = None;
    let decision = decide(&plan, Some(&foreseen(36_000_000.0)), &alone());
    assert_eq!((decision.action, decision.exit), (Action::Hold, Exit::Hold));
    assert_eq!(
        decision.reasons[0].to_string(),
        "the risk budget of 500 does not cover 0.01 % of users: if everything failed, errors would count 3,564 excess bad events until the next move, more than half of it; set `risk_budget` to 7128 or more, or `every` to less"
    );
}

#[test]
fn a_budget_without_known_traffic_exposes_nobody() {
    let mut plan = climbing(ADAPTIVE);
    plan.state = None;
    for judgement in [None, Some(shown(&plan, None))] {
        let decision = decide(&plan, judgement.as_ref(), &alone());
        assert_eq!(decision.reasons[0], Reason::TrafficUnknown);
        assert_eq!(
            (decision.action, decision.exit),
            (Action::Hold, Exit::Inconclusive)
        );
    }
    plan.course = Schedule::Ramp(ramp(Pace::Fixed));
    let decision = decide(&plan, None, &alone());
    assert_eq!(decision.exit, Exit::Go);
}

#[test]
fn harm_that_is_not_ruled_out_bounds_the_next_move() {
    let plan = climbing(ADAPTIVE);
    // At most 120 of 500 are spent: half of the 380 left, at 432 an hour for everybody, reach to
    // 44 %, beyond the curve.
    let mild = shown(&plan, Some(excess()));
    assert_eq!(moved(&plan, &mild, now()), Some(percent(10.27)));
    // At most 240 are spent: 130, at 864 an hour, are 15 %, and at 400 they are 3 %.
    let grave = shown(
        &plan,
        Some(Excess {
            at_most: Some(0.4),
            ..excess()
        }),
    );
    let decision = decide(&plan, Some(&grave), &alone());
    assert_eq!(decision.action, Action::Hold);
    assert_eq!(
        decision.reasons[0],
        Reason::BudgetHolds {
            exposure: percent(10.0),
            guardrail: "errors".into(),
            at_most: 400.0,
            budget: 500.0,
            harm: Some(0.4),
            margin: 0.1,
        }
    );
}

#[test]
fn harm_within_the_margin_is_tolerated_whatever_it_adds_up_to() {
    let plan = climbing(ADAPTIVE);
    let healthy = Excess {
        expected: 100_000.0,
        bad: 109_000.0,
        at_most: Some(0.099),
        ..excess()
    };
    assert_eq!(
        moved(&plan, &shown(&plan, Some(healthy)), now()),
        Some(percent(10.27))
    );
}

#[test]
fn a_spent_budget_rolls_back_and_says_so() {
    let mut plan = climbing(ADAPTIVE);
    let judgement = shown(
        &plan,
        Some(Excess {
            estimate: 501.0,
            at_least: 0.01,
            at_most: Some(0.9),
            ..excess()
        }),
    );
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(decision.exit, Exit::Rollback);
    assert!(
        decision.reasons[0]
            .to_string()
            .starts_with("risk budget spent: errors shows about 501"),
        "{}",
        decision.reasons[0]
    );
    plan.guardrails[0].on_breach = OnBreach::Pause;
    let decision = decide(&plan, Some(&judgement), &alone());
    assert_eq!(decision.action, Action::Pause);
    assert_eq!(decision.exit, Exit::NoGo);
}

#[test]
fn a_budget_that_would_be_spent_before_the_next_move_is_left_in_time() {
    let plan = climbing(ADAPTIVE);
    // 400 of 500, and 0.4 of 360 events in the hour to come.
    let harmful = Excess {
        estimate: 400.0,
        at_least: 0.01,
        at_most: Some(0.9),
        ..excess()
    };
    let decision = decide(&plan, Some(&shown(&plan, Some(harmful.clone()))), &alone());
    assert_eq!(decision.exit, Exit::Rollback);
    assert_eq!(
        decision.reasons[0].to_string(),
        "risk budget almost spent: errors shows about 400 excess bad events of the 500 tolerated, and 144 more until the next move: rollback"
    );
    let early = Excess {
        estimate: 300.0,
        ..harmful
    };
    let decision = decide(&plan, Some(&shown(&plan, Some(early))), &alone());
    assert_eq!(decision.exit, Exit::Hold);
}

#[test]
fn neither_doubt_nor_harm_within_the_margin_spends_a_budget() {
    let plan = climbing(ADAPTIVE);
    let doubtful = Excess {
        estimate: 900.0,
        at_least: -0.01,
        at_most: Some(2.0),
        ..excess()
    };
    let tolerated = Excess {
        expected: 100_000.0,
        estimate: 9_900.0,
        at_least: 0.08,
        at_most: Some(0.12),
        ..excess()
    };
    for excess in [doubtful, tolerated] {
        let decision = decide(&plan, Some(&shown(&plan, Some(excess))), &alone());
        assert_eq!(decision.action, Action::Hold);
    }
}

#[test]
fn a_rolled_back_ramp_says_what_it_cost_and_not_that_traffic_is_unknown() {
    let mut plan = climbing(ADAPTIVE);
    let judgement = shown(&plan, Some(excess()));
    let rollback = Action::Rollback {
        exposure: Exposure::NONE,
    };
    plan.state = super::next::next_state(&plan, rollback, &[], Some(&judgement), now());
    let decision = decide(&plan, None, &alone());
    assert_eq!(decision.action, Action::Hold);
    assert!(
        !decision.reasons.contains(&Reason::TrafficUnknown),
        "{:?}",
        decision.reasons
    );
    assert!((spending(&plan, None).unwrap().spent - 10.0).abs() < 1e-9);
}

#[test]
fn what_was_spent_before_evidence_restarted_stays_spent() {
    let mut plan = climbing(ADAPTIVE);
    state(&mut plan).ramp.as_mut().unwrap().settled = 300.0;
    let judgement = shown(&plan, Some(excess()));
    let spent = spending(&plan, Some(&judgement)).unwrap();
    assert!((spent.spent - 310.0).abs() < 1e-9);
    assert!((spent.at_most.unwrap() - 420.0).abs() < 1e-9);
}

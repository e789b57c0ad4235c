//! What the judge says, scenario by scenario.

use crate::plan::{Column, Kind, OnBreach, Restart, Role, RuleOut};
use crate::units::{Bound, Digest, Effect, LogE, Worse};

use crate::snapshot::{ArmSeries, GuardrailSeries};

use super::fixture::*;
use super::{Scale, Verdict};

fn is_no_data(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::NoData(_))
}

#[test]
fn twice_the_errors_are_a_breach_and_the_sentence_says_so() {
    let found = one(errors(), traffic(2.0, 100), 100);
    assert_eq!(found.verdict, Verdict::Breach);
    let measure = found.measure.unwrap();
    assert_eq!(measure.scale, Scale::Ratio);
    assert!((measure.estimate.unwrap() - 2.0).abs() < 0.05);
    assert!(measure.lower.unwrap() > 1.1 && measure.upper.unwrap() < 3.0);
    assert!(
        found
            .why
            .to_string()
            .contains("proven worse than the 10 % margin"),
        "{}",
        found.why
    );
}

#[test]
fn no_difference_rules_harm_out() {
    let found = one(errors(), traffic(1.0, 100), 100);
    assert_eq!(found.verdict, Verdict::Pass, "{}", found.why);
    assert!(
        found.why.to_string().contains("harm of 2x is ruled out"),
        "{}",
        found.why
    );
    assert_eq!((found.blocks, found.blocks_missing), (98, 0));
}

#[test]
fn a_young_stage_is_inconclusive_and_says_how_long_it_takes() {
    let found = one(errors(), traffic(1.0, 4), 4);
    assert_eq!(found.verdict, Verdict::Inconclusive, "{}", found.why);
    assert!(found.measure.unwrap().expected_wait.is_some());
    assert!(
        found.why.to_string().contains("not ruled out yet"),
        "{}",
        found.why
    );
}

#[test]
fn before_the_first_judged_block_it_says_when_that_closes() {
    let found = one(errors(), traffic(1.0, 2), 2);
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert!(
        found.why.to_string().contains("closes at 00:15 UTC"),
        "{}",
        found.why
    );
    // Before any block has closed nothing is asked, so that there is no series at all.
    let found = one(errors(), GuardrailSeries::default(), 0);
    assert_eq!(found.verdict, Verdict::Inconclusive);
    assert!(
        found.why.to_string().contains("closes at 00:15 UTC"),
        "{}",
        found.why
    );
    assert!(is_no_data(
        one(errors(), GuardrailSeries::default(), 50).verdict
    ));
}

#[test]
fn silence_is_no_data() {
    // Nothing at all, an hour without blocks, every other block lost, an issue, no series.
    assert!(is_no_data(
        one(
            errors(),
            series(steady(0.0, 0.0, 0), steady(0.0, 0.0, 0), 0),
            50
        )
        .verdict
    ));
    assert!(is_no_data(one(errors(), traffic(1.0, 88), 100).verdict));
    let mut lossy = traffic(1.0, 100);
    for (k, x) in lossy
        .exposed
        .columns
        .get_mut(&Column::Events)
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        if k % 3 != 0 {
            *x = None;
        }
    }
    assert!(is_no_data(one(errors(), lossy, 100).verdict));
    let mut broken = traffic(1.0, 100);
    broken.issues.push(crate::snapshot::EvidenceIssue::Said(
        "two series for one arm".into(),
    ));
    assert!(is_no_data(one(errors(), broken, 100).verdict));
    let empty = judged(&plan(vec![errors()]), vec![], 100);
    assert!(is_no_data(empty.findings[0].verdict));
}

#[test]
fn a_few_lost_blocks_are_counted_and_forgiven() {
    let mut lossy = traffic(1.0, 100);
    for k in [10, 20, 99] {
        lossy.unexposed.columns.get_mut(&Column::Total).unwrap()[k] = None;
    }
    let found = one(errors(), lossy, 100);
    assert_eq!(found.verdict, Verdict::Pass, "{}", found.why);
    assert_eq!((found.blocks, found.blocks_missing), (95, 3));
}

#[test]
fn harm_that_was_proven_stays_proven_when_evidence_stops() {
    let found = one(errors(), traffic(2.0, 80), 100);
    assert_eq!(found.verdict, Verdict::Breach);
}

#[test]
fn more_events_than_requests_contradict_each_other() {
    let found = one(errors(), traffic(120.0, 50), 50);
    assert!(is_no_data(found.verdict));
    assert!(
        found.issues[0].to_string().contains("more events"),
        "{:?}",
        found.issues
    );
}

#[test]
fn an_exposed_arm_without_traffic_is_no_data_not_health() {
    let nobody = series(steady(0.0, 0.0, 50), steady(90.0, 9_000.0, 50), 50);
    let mut nobody = nobody;
    nobody.exposed = arm(&[
        (Column::Events, vec![Some(0.0); 50]),
        (Column::Total, vec![Some(0.0); 50]),
    ]);
    let found = one(errors(), nobody, 50);
    assert!(is_no_data(found.verdict));
    assert!(
        found.why.to_string().contains("nobody is exposed"),
        "{}",
        found.why
    );
}

#[test]
fn absence_of_events_alone_never_passes() {
    // Nine expected exposed events in all, none seen.
    let quiet = |events: f64, total: f64| {
        arm(&[
            (Column::Events, vec![Some(events); 90]),
            (Column::Total, vec![Some(total); 90]),
        ])
    };
    let found = one(
        errors(),
        series(quiet(0.0, 100.0), quiet(1.0, 900.0), 90),
        90,
    );
    assert_eq!(found.verdict, Verdict::Inconclusive, "{}", found.why);
}

#[test]
fn a_metric_that_gets_worse_downwards_is_judged_in_the_mirror() {
    let orders = guardrail(
        "orders",
        Kind::Ratio {
            worse: Worse::Lower,
        },
    );
    let half = one(orders.clone(), traffic(0.5, 200), 200);
    assert_eq!(half.verdict, Verdict::Breach, "{}", half.why);
    let measure = half.measure.unwrap();
    assert!(measure.upper.unwrap() < 0.9);
    assert!((measure.margin.unwrap() - 0.9).abs() < 1e-12);
    assert_eq!(
        one(orders.clone(), traffic(2.0, 200), 200).verdict,
        Verdict::Pass
    );
    assert_eq!(one(orders, traffic(1.0, 200), 200).verdict, Verdict::Pass);
}

#[test]
fn a_margin_in_points_is_judged_as_a_difference() {
    let mut points = errors();
    points.margin = Some(Effect::Points(0.002));
    let breach = one(points.clone(), traffic(1.6, 200), 200);
    assert_eq!(breach.verdict, Verdict::Breach, "{}", breach.why);
    let measure = breach.measure.unwrap();
    assert_eq!(measure.scale, Scale::Difference);
    assert!((measure.estimate.unwrap() - 0.006).abs() < 0.001);
    assert!(measure.lower.unwrap() > 0.002, "{measure:?}");
    let healthy = one(points, traffic(1.0, 280), 280);
    assert_eq!(healthy.verdict, Verdict::Pass, "{}", healthy.why);
    assert!(healthy.measure.unwrap().upper.unwrap() < 0.002);
}

#[test]
fn at_full_exposure_there_is_nobody_to_compare_with() {
    let plan = fully_exposed(plan(vec![errors()]));
    let series = series(steady(10.0, 1_000.0, 50), ArmSeries::default(), 50);
    let found = judged(&plan, vec![series], 50).findings.remove(0);
    assert_eq!(found.verdict, Verdict::NotApplicable);
}

#[test]
fn limits_hold_at_full_exposure() {
    let mut limited = errors();
    limited.limit = Some(Bound::parse("2%").unwrap());
    let plan = fully_exposed(plan(vec![limited]));
    for (factor, verdict) in [(1.0, Verdict::Pass), (4.0, Verdict::Breach)] {
        let alone = series(
            steady(10.0 * factor, 1_000.0, 100),
            ArmSeries::default(),
            100,
        );
        let found = judged(&plan, vec![alone], 100).findings.remove(0);
        assert_eq!(found.verdict, verdict, "{}", found.why);
        assert_eq!(found.limit.unwrap().breached, verdict == Verdict::Breach);
    }
}

#[test]
fn a_limit_that_both_arms_break_is_an_ambient_incident() {
    let mut limited = errors();
    limited.limit = Some(Bound::parse("2%").unwrap());
    let both = series(steady(40.0, 1_000.0, 100), steady(360.0, 9_000.0, 100), 100);
    let found = one(limited, both, 100);
    assert_eq!(found.verdict, Verdict::Inconclusive, "{}", found.why);
    let limit = found.limit.unwrap();
    assert!(limit.ambient && !limit.breached);
    assert_eq!(found.why.code(), "ambient", "{}", found.why);
}

#[test]
fn a_late_onset_is_not_hidden_by_a_healthy_morning() {
    let mut late = traffic(1.0, 200);
    for k in 150..200 {
        late.exposed.columns.get_mut(&Column::Events).unwrap()[k] = Some(25.0);
    }
    assert_eq!(one(errors(), late, 200).verdict, Verdict::Breach);
}

#[test]
fn one_of_several_guardrails_is_named() {
    let mut calm = errors();
    calm.name = "calm".into();
    let judgement = judged(
        &plan(vec![calm, errors()]),
        vec![traffic(1.0, 100), traffic(2.0, 100)],
        100,
    );
    assert_eq!(judgement.findings[0].verdict, Verdict::Pass);
    assert_eq!(judgement.findings[1].verdict, Verdict::Breach);
    assert!(judgement.log_e_rollback > LogE(3.0));
}

#[test]
fn guardrails_with_other_consequences_have_their_own_budget() {
    let mut pausing = errors();
    pausing.on_breach = OnBreach::Pause;
    let judgement = judged(&plan(vec![pausing]), vec![traffic(3.0, 100)], 100);
    assert_eq!(judgement.findings[0].verdict, Verdict::Breach);
    assert_eq!(judgement.log_e_rollback, LogE::NONE);
}

#[test]
fn evidence_is_carried_into_the_next_stage() {
    let mut plan = plan(vec![errors()]);
    let first = judged(&plan, vec![traffic(1.5, 14)], 14);
    assert_eq!(first.findings[0].verdict, Verdict::Inconclusive);
    let alone = judged(&plan, vec![traffic(1.5, 14)], 14).log_e_rollback;
    let state = plan.state.as_mut().unwrap();
    state.stage = 2;
    state.carried = first.carried;
    let second = judged(&plan, vec![traffic(1.5, 14)], 14).log_e_rollback;
    assert!(second > alone, "{second} {alone}");
}

#[test]
fn a_changed_definition_starts_again() {
    let mut plan = plan(vec![errors()]);
    let state = plan.state.as_mut().unwrap();
    state.restarts.insert(
        "errors".into(),
        Restart {
            at: instant(ENTERED + 150 * BLOCK),
            definition: Digest::of(b"new"),
        },
    );
    let mut healed = traffic(5.0, 200);
    for k in 150..200 {
        healed.exposed.columns.get_mut(&Column::Events).unwrap()[k] = Some(10.0);
    }
    let found = judged(&plan, vec![healed], 200).findings.remove(0);
    assert_ne!(found.verdict, Verdict::Breach);
    assert_eq!(found.blocks, 50);
}

#[test]
fn where_nothing_must_be_ruled_out_any_evidence_without_breach_passes() {
    let mut plan = plan(vec![errors()]);
    if let crate::plan::Schedule::Stages(stages) = &mut plan.course {
        stages[0].rule_out = RuleOut::Nothing;
    }
    let found = judged(&plan, vec![traffic(1.0, 10)], 10).findings.remove(0);
    assert_eq!(found.verdict, Verdict::Pass, "{}", found.why);
    assert!(is_no_data(judged(&plan, vec![], 10).findings[0].verdict));
}

#[test]
fn a_success_metric_passes_when_better_is_proven_and_never_breaches() {
    let mut success = guardrail(
        "orders",
        Kind::Ratio {
            worse: Worse::Lower,
        },
    );
    success.role = Role::Success;
    let better = one(success.clone(), traffic(1.5, 200), 200);
    assert_eq!(better.verdict, Verdict::Pass, "{}", better.why);
    let same = one(success.clone(), traffic(1.0, 200), 200);
    assert_eq!(same.verdict, Verdict::Inconclusive, "{}", same.why);
    assert_eq!(
        one(success, traffic(0.3, 200), 200).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn a_metric_that_comes_in_bursts_says_so() {
    // Twenty at once in one block of ten, and nothing between.
    let clumps = |events: f64, total: f64| {
        let of = |k: i64| if k % 10 == 0 { 10.0 * events } else { 0.0 };
        arm(&[
            (Column::Events, (0..200).map(|k| Some(of(k))).collect()),
            (Column::Total, vec![Some(total); 200]),
        ])
    };
    let found = one(
        errors(),
        series(clumps(20.0, 1_000.0), steady(90.0, 9_000.0, 200), 200),
        200,
    );
    assert!(found.measure.unwrap().dispersion > 10.0);
    assert!(
        found.issues[0].to_string().contains("bursts"),
        "{:?}",
        found.issues
    );
    let calm = one(errors(), traffic(1.0, 200), 200);
    assert!(calm.issues.is_empty(), "{:?}", calm.issues);
}

#[test]
fn what_passed_lets_nobody_on_while_the_newest_blocks_are_missing() {
    for (missing, verdict) in [
        (1, Verdict::Pass),
        (2, Verdict::Inconclusive),
        (3, Verdict::Inconclusive),
    ] {
        let found = one(errors(), traffic(1.0, 100 - missing), 100);
        assert_eq!(found.verdict, verdict, "{missing}: {}", found.why);
    }
    let breach = one(errors(), traffic(2.0, 97), 100);
    assert_eq!(breach.verdict, Verdict::Breach);
}

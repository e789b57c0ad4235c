//! Noise in whole stages: what is learnt of it, what it keeps from being proven, and what is told.

use super::fixture::{BLOCK, ENTERED, errors, judged, plan, traffic};
use super::{Belief, Judgement, Measure};
use crate::plan::{Column, Shown};
use crate::snapshot::{ArmSeries, GuardrailSeries, History, Housing, InstanceCounts};
use crate::units::Period;

/// So many blocks of a group of instances with these events among 5,000.
fn group(events: impl Fn(i64) -> f64, blocks: i64) -> ArmSeries {
    let mut group = ArmSeries::default();
    let column = |f: &dyn Fn(i64) -> f64| (0..blocks).map(|k| Some(f(k))).collect();
    group.columns.insert(Column::Events, column(&events));
    group.columns.insert(Column::Total, column(&|_| 5_000.0));
    group
}

/// A sequence without a rhythm, between 0 and 1: one that alternates would even out over the blocks.
fn draw(k: i64, of: i64) -> f64 {
    let mut mixed = 1 + of * 104_729 + k * 1_000_003;
    for _ in 0..3 {
        mixed = (mixed % 2_147_483_647) * 1_103_515_245 % 2_147_483_647;
    }
    mixed as f64 / 2_147_483_647.0
}

/// Eight groups of instances before the stage, whose events come in clumps of this size.
fn past(clump: f64, blocks: i64) -> History {
    let groups = (0..8).map(|of| group(|k| 50.0 + clump * (2.0 * draw(k, of) - 1.0), blocks));
    History {
        ends: (-blocks..0).map(|k| ENTERED + BLOCK * k).collect(),
        block: Period::from_minutes(5),
        groups: groups.collect(),
        ..History::default()
    }
}

/// The fixture's traffic, whose exposed arm has clumps of this size, with a past of such ones.
fn bursty(now: f64, past: Option<History>) -> GuardrailSeries {
    let mut series = traffic(1.0, 200);
    let events = series.exposed.columns.get_mut(&Column::Events).unwrap();
    for (k, events) in events.iter_mut().enumerate() {
        let k = i64::try_from(k).unwrap();
        *events = Some((10.0 + now * (2.0 * draw(k, 9) - 1.0)).max(0.0));
    }
    series.history = past;
    series
}

fn measure(judgement: &Judgement) -> &Measure {
    judgement.findings[0].measure.as_ref().unwrap()
}

#[test]
fn arms_as_calm_as_their_past_are_judged_by_it() {
    let plan = plan(vec![errors()]);
    let judgement = judged(&plan, vec![bursty(0.0, Some(past(5.0, 288)))], 100);
    let measure = measure(&judgement);
    assert_eq!(measure.belief, Some(Belief::History));
    assert!(measure.dispersion < 1.3, "{}", measure.dispersion);
    assert!(matches!(judgement.dispersion["errors"], Shown::Noise(noise) if noise.clumps < 1.3));
}

#[test]
fn a_past_calmer_than_the_arms_is_not_believed_now_nor_in_later_stages() {
    let mut plan = plan(vec![errors()]);
    let calm = || Some(past(5.0, 288));
    let judgement = judged(&plan, vec![bursty(10.0, calm())], 100);
    assert_eq!(
        measure(&judgement).belief,
        Some(Belief::HistoryContradicted)
    );
    let shown = measure(&judgement).dispersion;
    assert!(shown > 3.0, "{shown}");

    let fresh = judged(&plan, vec![bursty(0.0, calm())], 5);
    let state = plan.state.as_mut().unwrap();
    state.stage = 2;
    state.dispersion = judgement.dispersion;
    let next = judged(&plan, vec![bursty(0.0, calm())], 5);
    let (fresh, cautious) = (measure(&fresh).dispersion, measure(&next).dispersion);
    assert!(cautious > 1.5 * fresh, "{fresh} {cautious}");
}

#[test]
fn what_an_older_judge_carried_is_still_believed() {
    let mut plan = plan(vec![errors()]);
    let state = plan.state.as_mut().unwrap();
    state.dispersion = [("errors".to_owned(), Shown::Dispersion(9.0))].into();
    for history in [None, Some(past(5.0, 288))] {
        let judgement = judged(&plan, vec![bursty(0.0, history)], 3);
        let measure = measure(&judgement);
        assert!(measure.dispersion > 8.0, "{}", measure.dispersion);
    }
}

#[test]
fn what_an_earlier_stage_has_shown_survives_a_stage_without_data() {
    let mut plan = plan(vec![errors()]);
    let state = plan.state.as_mut().unwrap();
    state.dispersion = [("errors".to_owned(), Shown::Dispersion(4.0))].into();
    let judgement = judged(&plan, Vec::new(), 100);
    assert_eq!(judgement.dispersion["errors"], Shown::Dispersion(4.0));
}

#[test]
fn without_a_past_the_groups_within_the_stage_teach() {
    let plan = plan(vec![errors()]);
    let mut series = bursty(0.0, None);
    let within = past(5.0, 100);
    series.during = Some(History {
        ends: (1..=100).map(|k| ENTERED + BLOCK * k).collect(),
        ..within
    });
    let of = |blocks| measure(&judged(&plan, vec![series.clone()], blocks)).belief;
    assert_eq!(of(5), Some(Belief::Guess));
    assert_eq!(of(10), Some(Belief::History));
    assert_eq!(of(100), Some(Belief::History));
}

#[test]
fn what_the_groups_within_a_stage_teach_is_left_to_the_next_one() {
    let plan = plan(vec![errors()]);
    let mut series = bursty(0.0, None);
    let left = |series: &GuardrailSeries| {
        let judgement = judged(&plan, vec![series.clone()], 100);
        match judgement.dispersion["errors"] {
            Shown::Noise(noise) => noise.clumps,
            Shown::Dispersion(shown) => shown,
        }
    };
    let alone = left(&series);
    series.during = Some(History {
        ends: (1..=100).map(|k| ENTERED + BLOCK * k).collect(),
        ..past(50.0, 100)
    });
    assert!(left(&series) > 3.0 * alone, "{alone} {}", left(&series));
}

/// A past with instances whose rates differ by this share.
fn uneven(differ: f64) -> History {
    let sums = (0..20).map(|i| {
        let events = 5_000.0 * (1.0 + differ * if i % 2 == 0 { 1.0 } else { -1.0 });
        let columns = [(Column::Events, events), (Column::Total, 500_000.0)];
        (format!("pod-{i}"), columns.into())
    });
    History {
        instances: sums.collect(),
        ..past(5.0, 288)
    }
}

#[test]
fn arms_on_instances_of_their_own_are_granted_their_spread_and_shared_ones_are_not() {
    let plan = plan(vec![errors()]);
    let with = |shared: Option<u32>, differ: f64| {
        let mut series = bursty(0.0, Some(uneven(differ)));
        series.instances = Some(InstanceCounts {
            exposed: 1,
            unexposed: 20,
            shared,
            label: Some("pod".into()),
        });
        let judgement = judged(&plan, vec![series], 50);
        measure(&judgement).noise.unwrap()
    };
    let own = with(Some(0), 0.2);
    assert_eq!(own.housing, Some(Housing::Own));
    assert!(own.widening > 1.3, "{own:?}");
    assert!(with(Some(0), 0.0).widening < 1.0 + 1e-12);
    let shared = with(Some(1), 0.2);
    assert_eq!(shared.housing, Some(Housing::Shared));
    assert!(shared.widening < 1.0 + 1e-12);
    assert_eq!(with(None, 0.2).housing, None);
}

//! Counters become exact increments, whatever happens to their series.

use crate::prometheus::shop::{ENTERED, NOW, app, measured, requests, unusual};
use crate::support::plans::at;
use rollout::plan::Column;

#[test]
fn a_steady_counter_gives_the_same_integer_in_every_block() {
    let series = measured(app("healthy"));
    assert_eq!(series.issues, []);
    let blocks = (NOW - ENTERED) / 300;
    assert_eq!(series.ends.len(), usize::try_from(blocks).unwrap());
    assert_eq!(series.ends[0], at(ENTERED + 300).timestamp());
    assert_eq!(*series.ends.last().unwrap(), at(NOW).timestamp());
    // Two pods, 20 scrapes a block.
    assert_eq!(unusual(&series, &series.exposed, 120.0), []);
    assert_eq!(unusual(&series, &series.unexposed, 1_200.0), []);
    let errors = series.exposed.column(Column::Events).unwrap();
    let sum: f64 = errors.iter().map(|value| value.unwrap()).sum();
    assert!(errors.iter().all(|value| value.unwrap().fract() == 0.0));
    // One in a hundred, up to one that is under way for each pod.
    assert!((sum - 1.2 * blocks as f64).abs() <= 2.0, "{sum}");
}

#[test]
fn twice_the_errors_are_twice_the_events() {
    let series = measured(app("harmful"));
    let share = |arm: &rollout::snapshot::ArmSeries| {
        let sum = |key| {
            arm.column(key)
                .unwrap()
                .iter()
                .map(|v| v.unwrap())
                .sum::<f64>()
        };
        sum(Column::Events) / sum(Column::Total)
    };
    assert!((share(&series.exposed) - 0.02).abs() < 0.001);
    assert!((share(&series.unexposed) - 0.01).abs() < 0.001);
}

#[test]
fn a_reset_loses_nothing_that_was_scraped_and_never_goes_negative() {
    let series = measured(requests("reset"));
    // Pod `b` gives 20; pod `a` counted 6 more, restarted 100 s into the block and reached 13 by its end.
    assert_eq!(unusual(&series, &series.exposed, 40.0), [(5, Some(39.0))]);
    assert_eq!(unusual(&series, &series.unexposed, 200.0), []);
}

#[test]
fn a_series_born_with_value_one_counts_that_one() {
    let series = measured(requests("birth"));
    let odd = unusual(&series, &series.exposed, 40.0);
    // Until its birth only pod `b` is there; the first block holds the values 1, 2, 3 and 4.
    assert!(
        odd[..odd.len() - 1]
            .iter()
            .all(|(_, value)| *value == Some(20.0))
    );
    assert_eq!(odd.last(), Some(&(5, Some(24.0))));
}

#[test]
fn eight_minutes_without_scrapes_of_one_pod_are_counted_once() {
    let series = measured(requests("gap-8m"));
    // The last scrape before the gap is one short of the block's end and stays visible for
    // five minutes; then the pod is missing; then all that happened meanwhile is there.
    assert_eq!(
        unusual(&series, &series.exposed, 40.0),
        [(0, Some(39.0)), (5, Some(20.0)), (10, Some(61.0))]
    );
}

#[test]
fn two_hours_without_scrapes_of_one_pod_are_no_spike() {
    let series = measured(requests("gap-2h"));
    let odd = unusual(&series, &series.exposed, 40.0);
    assert!(
        odd.iter()
            .all(|(_, value)| value.is_some_and(|v| v <= 40.0)),
        "{odd:?}"
    );
    assert_eq!(odd.first(), Some(&(-60, Some(39.0))));
    // In the block in which it comes back its old count is no news; after that it counts again.
    assert_eq!(odd.last(), Some(&(60, Some(20.0))));
}

#[test]
fn eight_minutes_without_any_scrapes_lose_a_block_and_no_count() {
    let series = measured(requests("outage-8m"));
    for arm in [&series.exposed, &series.unexposed] {
        assert_eq!(
            unusual(&series, arm, 20.0),
            [(0, Some(19.0)), (5, None), (10, Some(41.0))]
        );
    }
    assert_eq!(series.issues, []);
}

#[test]
fn two_hours_without_any_scrapes_are_missing_and_no_spike() {
    let series = measured(requests("outage-2h"));
    for arm in [&series.exposed, &series.unexposed] {
        let odd = unusual(&series, arm, 20.0);
        assert_eq!(odd.first(), Some(&(0, Some(19.0))));
        let [meanwhile @ .., back] = &odd[1..] else {
            panic!("{odd:?}");
        };
        assert!(
            meanwhile.iter().all(|(_, value)| value.is_none()),
            "{odd:?}"
        );
        // The old counts are back, and no news.
        assert_eq!(*back, (120, Some(0.0)));
    }
}

#[test]
fn a_killed_pod_loses_less_than_a_block() {
    let series = measured(requests("killed"));
    let odd = unusual(&series, &series.exposed, 40.0);
    // Its last six scrapes stay visible for five minutes and count; then only `b` is left.
    assert_eq!(odd[0], (5, Some(26.0)));
    assert!(odd[1..].iter().all(|(_, value)| *value == Some(20.0)));
}

#[test]
fn counters_that_both_arms_begin_to_have_in_one_block_are_no_increments() {
    let series = measured(requests("new-server"));
    for arm in [&series.exposed, &series.unexposed] {
        let odd = unusual(&series, arm, 20.0);
        assert!(odd.iter().all(|(_, value)| value.is_none()), "{odd:?}");
    }
}

#[test]
fn an_error_counter_that_only_one_arm_has_means_no_errors_in_the_other() {
    let series = measured(app("lazy"));
    assert_eq!(series.issues, []);
    let exposed = series.exposed.column(Column::Events).unwrap();
    assert!(exposed.iter().all(|value| *value == Some(0.0)));
    let unexposed = series.unexposed.column(Column::Events).unwrap();
    assert_eq!(unexposed[0], Some(0.0));
    assert!(unexposed.contains(&Some(4.0)));
    assert_eq!(*unexposed.last().unwrap(), Some(20.0));
}

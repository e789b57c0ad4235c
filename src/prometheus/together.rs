//! Whether a series falls because its process is restarted: then the other counters of the process fall at
//! the same scrapes. Pure.

use std::collections::BTreeMap;

use crate::snapshot::{Falls, Nature};

use super::answer::{Labels, Point};
use super::falls::{Seen, verdict};

/// Nearly all of its falls: a scrape of the others may be missing.
const MOSTLY: f64 = 0.9;

/// The others together keep at most this where their process began anew. Levels of an arm rise and fall
/// together, too, but by less.
const KEPT: f64 = 0.75;

/// What is wrong with a series, given the others of its process: nothing where the process is restarted
/// and can be told from a level. Where it is restarted every other scrape, that is what is wrong.
pub(super) fn among(
    others: &[Vec<Point>],
    points: &[Point],
    seen: &Seen<'_>,
    problem: Falls,
) -> Option<Falls> {
    let mut sums: BTreeMap<i64, f64> = BTreeMap::new();
    for point in others.iter().flatten() {
        if point.value.is_finite() {
            *sums.entry(point.at_ms).or_default() += point.value;
        }
    }
    let sums: Vec<(i64, f64)> = sums.into_iter().collect();
    let restarts: Vec<i64> = sums
        .windows(2)
        .filter(|pair| pair[1].1 <= KEPT * pair[0].1 && pair[1].1 < pair[0].1)
        .map(|pair| pair[1].0)
        .collect();
    let falls: Vec<(i64, i64)> = points
        .windows(2)
        .filter(|pair| pair[1].value < pair[0].value)
        .map(|pair| (pair[0].at_ms, pair[1].at_ms))
        .collect();
    let with_others = falls.iter().filter(|(before, after)| {
        let from = restarts.partition_point(|at| at <= before);
        restarts.get(from).is_some_and(|at| at <= after)
    });
    if falls.is_empty() || (with_others.count() as f64) < MOSTLY * falls.len() as f64 {
        return Some(problem);
    }
    let values: Vec<f64> = sums.into_iter().map(|(_, value)| value).collect();
    let all = Seen {
        labels: &Labels::new(),
        values: &values,
        within: seen.within,
    };
    verdict(&all).map(|_| Falls {
        nature: Nature::Restarts,
        ..problem
    })
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64;

    use super::*;
    use crate::units::Period;

    fn points(values: &[Option<f64>]) -> Vec<Point> {
        let scrapes = (0_i64..).zip(values);
        let known = scrapes.filter_map(|(scrape, value)| {
            let at_ms = scrape * 15_000;
            value.map(|value| Point { at_ms, value })
        });
        known.collect()
    }

    fn said(series: &[Option<f64>], others: &[Option<f64>]) -> Option<Nature> {
        let points = points(series);
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let seen = Seen {
            labels: &Labels::new(),
            values: &values,
            within: Period::from_hours(2),
        };
        let problem = verdict(&seen).expect("it falls often");
        let others = [self::points(others)];
        among(&others, &points, &seen, problem).map(|falls| falls.nature)
    }

    /// A process that lives for so many scrapes: its errors, born with the first, and its successes.
    fn loops(life: usize, sides: u32) -> [Vec<Option<f64>>; 2] {
        let mut random = Pcg64::seed_from_u64(5);
        let (mut errors, mut successes) = (Vec::new(), Vec::new());
        let (mut failed, mut served) = (0_u32, 0_u32);
        for scrape in 0..480 {
            if scrape % life == 0 {
                (failed, served) = (0, 0);
            }
            failed += u32::from(random.random_range(0..sides) == 0);
            served += random.random_range(30..60_u32);
            errors.push((failed > 0).then_some(f64::from(failed)));
            successes.push(Some(f64::from(served)));
        }
        [errors, successes]
    }

    #[test]
    fn errors_of_a_process_that_is_restarted_again_and_again_are_a_counter() {
        let [errors, successes] = loops(4, 3);
        assert_eq!(said(&errors, &successes), None);
    }

    #[test]
    fn a_restart_every_other_scrape_is_called_one() {
        let [errors, successes] = loops(2, 1);
        assert_eq!(said(&errors, &successes), Some(Nature::Restarts));
    }

    #[test]
    fn levels_beside_levels_stay_levels() {
        let mut random = Pcg64::seed_from_u64(6);
        let mut level = |most: u32| -> Vec<Option<f64>> {
            let values = (0..480).map(|_| Some(f64::from(random.random_range(0..most))));
            values.collect()
        };
        let (one, other) = (level(6), level(60));
        assert_eq!(said(&one, &other), Some(Nature::Level));
        assert_eq!(said(&one, &[]), Some(Nature::Level));
    }
}

//! Whether a series that falls again and again is a counter that restarts, or no counter. Pure.
//!
//! A counter that was reset holds what was counted since: it falls to a small part of what it was and
//! rises for several scrapes before the next fall. Several processes that answer in turn behind one
//! port fall to anything, but all of them grow. A gauge, or a recorded rate, falls about as often as it
//! rises, mostly by a little, and goes nowhere.

use std::fmt::Write as _;

use super::answer::Labels;
use crate::units::Period;

/// Fewer changes say nothing, nor do fewer falls.
const LEAST_CHANGES: usize = 12;
const LEAST_FALLS: usize = 4;

/// Half of the changes are falls in a series that goes nowhere; this is well on the way.
const AS_OFTEN_AS_RISES: f64 = 0.4;

/// A fall that keeps more than this is no restart.
const KEEPS: f64 = 0.5;

/// The chance with which a sample of the later half is above one of the earlier half is one half in a
/// series that goes nowhere, and above this in one that grows. The latter is left to the judge.
const GROWS: f64 = 0.8;

/// Whole numbers are counts. Where processes with very different counts answer in turn, their growth is
/// small beside the differences, and yet certain: a slope of so many standard errors.
const CERTAINLY_GROWS: f64 = 6.0;

/// One series and where it comes from.
pub(super) struct Seen<'a> {
    pub(super) labels: &'a Labels,
    /// In order of time.
    pub(super) values: &'a [f64],
    pub(super) within: Period,
}

/// Why this is no counter, with what to write instead; `None` for what may be one.
pub(super) fn verdict(seen: &Seen<'_>) -> Option<String> {
    let steps: Vec<(f64, f64)> = seen
        .values
        .windows(2)
        .map(|pair| (pair[0], pair[1]))
        .filter(|(before, after)| before.is_finite() && after.is_finite())
        .filter(|(before, after)| before.total_cmp(after).is_ne())
        .collect();
    let mut kept: Vec<f64> = steps
        .iter()
        .filter(|(before, after)| after < before)
        .map(|(before, after)| if *before > 0.0 { after / before } else { 1.0 })
        .collect();
    let often = kept.len() as f64 / steps.len().max(1) as f64;
    if steps.len() < LEAST_CHANGES || kept.len() < LEAST_FALLS || grows(seen.values) {
        return None;
    }
    kept.sort_by(f64::total_cmp);
    let median = kept[kept.len() / 2];
    if median < KEEPS && often < AS_OFTEN_AS_RISES {
        return None;
    }
    let mut text = format!(
        "{} falls in {} of {} changes within {}",
        named(seen.labels),
        kept.len(),
        steps.len(),
        seen.within
    );
    if let Some(place) = seen.values.windows(2).position(|pair| pair[1] < pair[0]) {
        let around = &seen.values[place..seen.values.len().min(place + 3)];
        let numbers: Vec<String> = around.iter().map(|value| short(*value)).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, " (such as {})", numbers.join(" -> "));
    }
    text.push_str(
        ": a gauge or a recorded rate, not a counter. Write a query for each arm: `exposed = { ... = 'sum(sum_over_time(NAME[$block]))' }` for numbers of each scrape, `'sum(avg_over_time(NAME[$block])) * 300'` for rates a second in blocks of 5 minutes; or use the kind `gauge`. Where several worker processes answer behind one port, let the client library add them up",
    );
    Some(text)
}

/// Whether the later half lies above the earlier one.
fn grows(values: &[f64]) -> bool {
    let (early, late) = values.split_at(values.len() / 2);
    let mut sorted: Vec<f64> = early.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let late: Vec<f64> = late.iter().copied().filter(|v| v.is_finite()).collect();
    if sorted.is_empty() || late.is_empty() {
        return false;
    }
    let below = |value: f64| {
        let less = sorted.partition_point(|early| *early < value);
        let equal = sorted.partition_point(|early| *early <= value) - less;
        less as f64 + 0.5 * equal as f64
    };
    let above: f64 = late.iter().map(|value| below(*value)).sum();
    let whole = values.iter().all(|value| value.fract() == 0.0);
    above / (sorted.len() * late.len()) as f64 > GROWS || (whole && slope(values) > CERTAINLY_GROWS)
}

/// The slope of a straight line through the values, in standard errors of independent values.
fn slope(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let middle = (n - 1.0) / 2.0;
    let (mut with_time, mut of_time, mut spread) = (0.0, 0.0, 0.0);
    for (place, value) in values.iter().enumerate() {
        let (x, y) = (place as f64 - middle, value - mean);
        with_time += x * y;
        of_time += x * x;
        spread += y * y;
    }
    let left = spread - with_time * with_time / of_time.max(f64::MIN_POSITIVE);
    let error = (left / (n - 2.0).max(1.0)).max(f64::MIN_POSITIVE).sqrt();
    with_time / (of_time.sqrt() * error).max(f64::MIN_POSITIVE)
}

fn named(labels: &Labels) -> String {
    let name = labels.get("__name__").map_or("", String::as_str);
    let others: Vec<String> = labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}=\"{value}\""))
        .collect();
    format!("{name}{{{}}}", others.join(", "))
}

/// Four significant digits.
fn short(value: f64) -> String {
    let size = value.abs();
    let digits = [1_000.0, 100.0, 10.0, 1.0]
        .iter()
        .position(|least| size >= *least)
        .unwrap_or(4);
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64;

    use super::*;

    fn is_counter(values: &[f64]) -> bool {
        let labels = Labels::from([("__name__".into(), "x".into()), ("pod".into(), "a".into())]);
        verdict(&Seen {
            labels: &labels,
            values,
            within: Period::from_hours(2),
        })
        .is_none()
    }

    fn random() -> Pcg64 {
        Pcg64::seed_from_u64(7)
    }

    #[test]
    fn levels_and_recorded_rates_are_no_counters() {
        let mut random = random();
        for spread in [0.05, 0.3, 0.9] {
            let rate: Vec<f64> = (0..480)
                .map(|_| 5.0 * (1.0 + spread * random.random_range(-1.0..1.0)))
                .collect();
            assert!(!is_counter(&rate), "{spread}");
        }
        // Numbers of each period, many of them zero.
        let sums: Vec<f64> = (0..24)
            .map(|_| f64::from(random.random_range(0..4_u32)))
            .collect();
        assert!(!is_counter(&sums), "{sums:?}");
        // Hardly anything, and now and then one.
        let rare: Vec<f64> = (0..240)
            .map(|_| {
                if random.random_range(0..6_u32) == 0 {
                    0.1
                } else {
                    0.0
                }
            })
            .collect();
        assert!(!is_counter(&rare));
    }

    #[test]
    fn counters_that_restart_are_counters() {
        // A life of so many scrapes.
        for life in [3, 4, 5, 9, 60] {
            let saw: Vec<f64> = (0..480_i32)
                .map(|k| 7.0 * f64::from(1 + k % life))
                .collect();
            assert!(is_counter(&saw), "{life}");
        }
        let one: Vec<f64> = (0..480_i32).map(|k| 7.0 * f64::from(k % 240)).collect();
        assert!(is_counter(&one));
    }

    #[test]
    fn processes_that_answer_in_turn_are_counters() {
        let mut random = random();
        for workers in [2, 4, 48] {
            let values: Vec<f64> = (0..480)
                .map(|k| {
                    let worker = random.random_range(0..workers);
                    f64::from(k) * (1.0 + f64::from(worker) / f64::from(workers)) * 3.0
                })
                .collect();
            assert!(is_counter(&values), "{workers}");
        }
    }

    #[test]
    fn what_was_seen_is_said() {
        let labels = Labels::from([("__name__".into(), "x".into()), ("pod".into(), "a".into())]);
        let values: Vec<f64> = (0..100)
            .map(|k| if k % 2 == 0 { 5.25 } else { 4.75 })
            .collect();
        let said = verdict(&Seen {
            labels: &labels,
            values: &values,
            within: Period::from_hours(2),
        })
        .unwrap();
        let wanted = "x{pod=\"a\"} falls in 50 of 99 changes within 2h (such as 5.250 -> 4.750 -> 5.250): a gauge";
        assert!(said.starts_with(wanted), "{said}");
    }
}

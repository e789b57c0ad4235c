//! Whether a series that falls again and again is a counter that restarts, or no counter. Pure.
//!
//! A counter that was reset holds what was counted since: it falls to a small part of what it was and
//! rises for several scrapes before the next fall. A gauge, or a recorded rate, falls about as often as
//! it rises, mostly by a little. So do the counters of several processes that answer in turn behind one
//! port, whose increments are the differences between processes: with Poisson counts of 2 to 16 workers,
//! releases without any harm were estimated at 0.3 to 22 times and rolled back. Neither can be judged;
//! which of them it is decides what to write instead. Growth tells, but not for sure: a rate grows every
//! morning. It is therefore no reason to judge. Where a connection is kept, the same process answers for
//! minutes: it falls rarely and far, like a restart, but to far more than one scrape ever adds.

use crate::snapshot::{Falls, Nature};
use crate::units::Period;

use super::answer::Labels;

/// Fewer changes say nothing, nor do fewer falls.
const LEAST_CHANGES: usize = 12;
const LEAST_FALLS: usize = 4;

/// Half of the changes are falls in a series that goes nowhere; this is well on the way.
const AS_OFTEN_AS_RISES: f64 = 0.4;

/// A fall that keeps more than this is no restart.
const KEEPS: f64 = 0.5;

/// A count that began anew holds what was counted since, about as much as a scrape adds; bursts and scrapes
/// that were missed leave room. Another process holds all that it has counted in its life.
const SCRAPES_WORTH: f64 = 10.0;

/// Of so many falls to another process one jump back at least, in whatever order they answer.
const JUMPS_BACK: usize = 4;

/// Nearly all: a count that began anew may have seen something by the first scrape.
const MOSTLY: f64 = 0.9;

/// The chance with which a sample of the later half is above one of the earlier half is one half in a
/// series that goes nowhere, and above this in one that grows.
const GROWS: f64 = 0.8;

/// One series and where it comes from.
pub(super) struct Seen<'a> {
    pub(super) labels: &'a Labels,
    /// In order of time.
    pub(super) values: &'a [f64],
    pub(super) within: Period,
}

/// Why this is no counter; `None` for what may be one.
pub(super) fn verdict(seen: &Seen<'_>) -> Option<Falls> {
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
    if steps.len() < LEAST_CHANGES || kept.len() < LEAST_FALLS {
        return None;
    }
    kept.sort_by(f64::total_cmp);
    let median = kept[kept.len() / 2];
    // Of a count that begins anew before it has seen much, every other change is a fall, to nothing.
    // Numbers of events that are mostly none look alike, and add up like a counter's.
    let whole = seen.values.iter().all(|value| value.fract() == 0.0);
    let emptied = kept.partition_point(|kept| *kept <= 0.0);
    let to_nothing = whole && emptied as f64 >= MOSTLY * kept.len() as f64;
    let restarts = often < AS_OFTEN_AS_RISES || to_nothing;
    let another = falls_to_another(&steps);
    if median < KEEPS && restarts && !another {
        return None;
    }
    let fall = seen.values.windows(2).position(|pair| pair[1] < pair[0]);
    let around = fall.map_or([].as_slice(), |place| {
        &seen.values[place..seen.values.len().min(place + 3)]
    });
    Some(Falls {
        series: named(seen.labels),
        falls: kept.len(),
        changes: steps.len(),
        within: seen.within,
        around: around.to_vec(),
        nature: if (another && restarts) || grows(seen.values) {
            Nature::ManyProcesses
        } else {
            Nature::Level
        },
    })
}

/// Whether it falls to more than a count that began anew can hold, mostly, and jumps back as far as no
/// process does that only begins with a burst.
fn falls_to_another(steps: &[(f64, f64)]) -> bool {
    let median = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        numbers.get(numbers.len() / 2).copied()
    };
    let (falls, rises): (Vec<_>, Vec<_>) = steps.iter().partition(|(before, after)| after < before);
    let left = median(falls.iter().map(|(_, after)| *after).collect());
    let rises: Vec<f64> = rises.iter().map(|(before, after)| after - before).collect();
    let Some((left, rise)) = left.zip(median(rises.clone())) else {
        return false;
    };
    let much = SCRAPES_WORTH * rise;
    let jumps = rises.iter().filter(|rise| **rise > much).count();
    left > much && JUMPS_BACK * jumps >= falls.len()
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
    above / (sorted.len() * late.len()) as f64 > GROWS
}

pub(super) fn named(labels: &Labels) -> String {
    let name = labels.get("__name__").map_or("", String::as_str);
    let others: Vec<String> = labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}=\"{value}\""))
        .collect();
    format!("{name}{{{}}}", others.join(", "))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64;

    use super::*;

    fn said(values: &[f64]) -> Option<String> {
        let labels = Labels::from([("__name__".into(), "x".into()), ("pod".into(), "a".into())]);
        verdict(&Seen {
            labels: &labels,
            values,
            within: Period::from_hours(2),
        })
        .map(|falls| falls.to_string())
    }

    fn is_counter(values: &[f64]) -> bool {
        said(values).is_none()
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
    fn a_process_that_dies_before_it_has_counted_much_has_counters() {
        let mut random = random();
        // It lives for eight scrapes, and fails once a life or twice, or never.
        let mut values = Vec::new();
        for _ in 0..60 {
            let mut failed = 0;
            for _ in 0..8 {
                failed += i32::from(random.random_range(0..8_u32) == 0);
                values.push(f64::from(failed));
            }
        }
        assert!(is_counter(&values), "{values:?}");
    }

    #[test]
    fn a_rate_in_the_morning_is_no_counter() {
        let mut random = random();
        for times in [1.3, 2.0, 10.0] {
            let rate: Vec<f64> = (0..120)
                .map(|k| 1.0 + (times - 1.0) * f64::from(k) / 120.0)
                .map(|mean| mean * (1.0 + random.random_range(-0.2..0.2)))
                .collect();
            assert!(!is_counter(&rate), "{times}");
        }
    }

    #[test]
    fn of_processes_that_answer_in_turn_no_increment_can_be_told() {
        let mut random = random();
        for workers in [2, 4, 48] {
            let values: Vec<f64> = (0..480)
                .map(|k| {
                    let worker = random.random_range(0..workers);
                    f64::from(k) * (1.0 + f64::from(worker) / f64::from(workers)) * 3.0
                })
                .collect();
            let said = said(&values).unwrap();
            assert!(said.contains("several processes"), "{said}");
        }
    }

    #[test]
    fn processes_that_answer_for_minutes_each_are_no_restarts() {
        // Three of them, that have counted for one, five and nine hours; a scrape adds 40 or so.
        let mut random = random();
        for sticks in [6, 20, 30] {
            let mut counts = [9_600.0, 48_000.0, 86_400.0];
            let values: Vec<f64> = (0..480_usize)
                .map(|k| {
                    for count in &mut counts {
                        *count += f64::from(random.random_range(30..50_u32));
                    }
                    counts[(k / sticks) % 3]
                })
                .collect();
            let said = said(&values).unwrap_or_else(|| panic!("{sticks}"));
            assert!(said.contains("several processes"), "{said}");
        }
    }

    #[test]
    fn restarts_with_a_burst_or_a_missed_scrape_are_restarts() {
        let mut random = random();
        // It warms up with two thousand requests, whatever comes then.
        let warm: Vec<f64> = (0..240_i32)
            .map(|k| f64::from(2_000 + k % 30 * 90))
            .collect();
        assert!(is_counter(&warm));
        let mut values = Vec::new();
        for _ in 0..8 {
            let mut count = f64::from(random.random_range(0..5_u32)) * 40.0;
            for _ in 0..30 {
                values.push(count);
                count += f64::from(random.random_range(20..60_u32));
            }
        }
        assert!(is_counter(&values), "{values:?}");
    }

    #[test]
    fn what_was_seen_is_said() {
        let values: Vec<f64> = (0..100)
            .map(|k| if k % 2 == 0 { 5.25 } else { 4.75 })
            .collect();
        let said = said(&values).unwrap();
        let wanted = "x{pod=\"a\"} falls in 50 of 99 changes within 2h (such as 5.250 -> 4.750 -> 5.250): a gauge";
        assert!(said.starts_with(wanted), "{said}");
    }
}

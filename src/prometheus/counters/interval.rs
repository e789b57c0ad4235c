//! How often series are scraped, from their samples.

use std::collections::BTreeSet;

use crate::plan::{Arms, VectorSelector};
use crate::prometheus::Client;
use crate::prometheus::answer::{Labels, Point};
use crate::prometheus::selector::of_each_arm;
use crate::units::{Instant, Period};

/// Where an hour holds no two scrapes, and the longest that is looked back for falls.
pub(super) const LONGEST_LOOK: Period = Period::from_hours(24);

/// Scrapes are looked at in so much of the past, at first in less of it.
const LOOKED_BACK: Period = Period::from_hours(1);

/// Fewer samples do not tell how often a series is scraped: some may be missing.
const ENOUGH_SAMPLES: usize = 6;

/// An arm without a sample for so long has stopped, and says nothing of how often it was scraped.
const RECENT: Period = Period::from_minutes(15);

/// Seconds between scrapes of these series of the arms, of which the rarer counts. One question for all of
/// them: they differ in a few labels.
pub(super) async fn interval_of(
    client: &Client,
    both: &VectorSelector,
    series: &[Labels],
    now: Instant,
) -> Option<u32> {
    let mut rarest = None;
    let mut left: Vec<&Labels> = series.iter().collect();
    for within in [RECENT, LOOKED_BACK] {
        if left.is_empty() {
            break;
        }
        let query = format!("{}[{within}]", any_of(both, &left).text());
        let found = client.instant(&query, now).await;
        let found = found.map(|answer| answer.series).unwrap_or_default();
        left.retain(|labels| {
            let seen = found.iter().find(|one| is_named(&one.labels, labels));
            let seen = seen.map_or(&[][..], |one| &one.points);
            let enough = seen.len() >= ENOUGH_SAMPLES || within == LOOKED_BACK;
            if enough {
                rarest = rarest.max(usual_gap(seen));
            }
            !enough
        });
    }
    rarest
}

/// A selector of these series, and of those that have some labels of one and some of another.
fn any_of(both: &VectorSelector, series: &[&Labels]) -> VectorSelector {
    let names: BTreeSet<&String> = series.iter().flat_map(|labels| labels.keys()).collect();
    let names = names.into_iter().filter(|name| *name != "__name__");
    names.fold(both.clone(), |limited, name| {
        let of = |labels: &&Labels| labels.get(name).cloned().unwrap_or_default();
        let values: BTreeSet<String> = series.iter().map(of).collect();
        match Vec::from_iter(values).as_slice() {
            [one] => limited.with_label(name, one),
            some => limited.with_any(name, some),
        }
    })
}

/// Whether a series has these labels and no others, but for the bound of a bucket and the metric's name.
fn is_named(labels: &Labels, wanted: &Labels) -> bool {
    let others = |labels: &Labels| {
        let names = labels.keys();
        names
            .filter(|name| !matches!(name.as_str(), "__name__" | "le"))
            .count()
    };
    let has =
        |(name, value): (&String, &String)| name == "__name__" || labels.get(name) == Some(value);
    others(labels) == others(wanted) && wanted.iter().all(has)
}

/// Seconds between scrapes: what lies between most samples of the most often scraped series of each arm,
/// and of the arms the rarer. Samples are not counted over a window, since a series may have been born
/// within it: the first error of a new arm comes when it comes.
pub(super) async fn interval(
    client: &Client,
    both: &VectorSelector,
    arms: &Arms,
    now: Instant,
) -> Option<u32> {
    // An hour may also be the time between two scrapes.
    for (within, lately) in [(LOOKED_BACK, true), (LONGEST_LOOK, false)] {
        let query = of_each_arm(both, arms, |selector, by| {
            let which = if lately {
                format!("and present_over_time({selector}[{RECENT}])")
            } else {
                String::new()
            };
            format!("topk{by} (1, count_over_time({selector}[{within}]) {which})")
        });
        let mut rarest = None;
        for one in client.instant(&query, now).await.ok()?.series {
            let samples = samples(client, both, &one.labels, within, now).await;
            rarest = rarest.max(samples.as_deref().and_then(usual_gap));
        }
        if rarest.is_some() {
            return rarest;
        }
    }
    None
}

/// The samples of one series.
pub(super) async fn samples(
    client: &Client,
    both: &VectorSelector,
    labels: &Labels,
    within: Period,
    now: Instant,
) -> Option<Vec<Point>> {
    let one = both.with_labels(labels).text();
    let answer = client
        .instant(&format!("{one}[{within}]"), now)
        .await
        .ok()?;
    // Series with more labels are found, too.
    let named = |labels: &Labels| labels.keys().filter(|name| *name != "__name__").count();
    let meant = named(labels);
    let mut found = answer.series.into_iter();
    Some(found.find(|one| named(&one.labels) == meant)?.points)
}

/// Intervals that people configure, in seconds.
const USUAL: [u32; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600];

/// Seconds between most of these samples, of which some may be missing: a usual interval where one is
/// near, so that blocks are put together alike from run to run. Otherwise as measured.
fn usual_gap(samples: &[Point]) -> Option<u32> {
    let mut gaps: Vec<u32> = samples
        .windows(2)
        .filter_map(|two| u32::try_from(two[1].at_ms - two[0].at_ms).ok())
        .collect();
    gaps.sort_unstable();
    let measured = *gaps.get(gaps.len().checked_sub(1)? / 2)?;
    let near = |every: &u32| (every * 1_000).abs_diff(measured) * 20 <= measured;
    let usual = USUAL.into_iter().find(near);
    Some(usual.unwrap_or(((measured + 500) / 1_000).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(times: &[i64]) -> Vec<Point> {
        let point = |at: &i64| Point {
            at_ms: *at,
            value: 1.0,
        };
        times.iter().map(point).collect()
    }

    #[test]
    fn the_interval_is_what_lies_between_most_samples() {
        // Late by some milliseconds, and with an outage.
        assert_eq!(
            usual_gap(&samples(&[0, 5_003, 10_000, 14_998, 60_001, 65_000])),
            Some(5)
        );
        // Two are enough, of a series that has only just been born.
        assert_eq!(usual_gap(&samples(&[0, 15_010])), Some(15));
        assert_eq!(usual_gap(&samples(&[0, 3_600_000, 7_200_000])), Some(3_600));
        assert_eq!(usual_gap(&samples(&[0, 40_100, 80_000])), Some(40));
    }

    #[test]
    fn one_sample_has_no_interval() {
        assert_eq!(usual_gap(&samples(&[0])), None);
        assert_eq!(usual_gap(&[]), None);
    }
}

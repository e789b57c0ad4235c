//! What is asked of counters besides their increments: how often they are scraped, and whether they
//! are counters at all. One small query for a series of each arm, one that looks for falls, and one for
//! each series that falls often. Values at the ends of blocks say nothing of falls: processes that answer
//! in turn may be as many as scrapes in a block. What nothing is wrong with is asked again after an hour,
//! and before a decision that moves traffic: see [`kept`].

mod kept;

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::plan::{Arms, Column, VectorSelector};
use crate::snapshot::Falls;
use crate::units::{Instant, Period};

use super::Client;
use super::answer::{Labels, Point};
use super::asking::{Count, IN_FLIGHT};
use super::falls::{Seen, verdict};
use super::increments::{Counted, process_of};
use super::query::{Question, Shape};
use super::selector::of_each_arm;
use super::together::among;

/// Falls are looked for in so much of the past: long enough for a counter that is none to fall again
/// and again at a scrape every five minutes, short enough to cost less than the increments do.
const FALLS_WITHIN: Period = Period::from_hours(2);

/// So many falls of one series within that are looked at closely; processes that restart less often
/// are no question.
const MANY_FALLS: u32 = 3;

/// The worst series of each arm of a selector; one is enough to know.
const LOOKED_AT: u32 = 3;

/// Scrapes are looked at in so much of the past, at first in less of it.
const LOOKED_BACK: Period = Period::from_hours(1);

/// Fewer samples do not tell how often a series is scraped: some may be missing.
const ENOUGH_SAMPLES: usize = 6;

/// Where an hour holds no two scrapes, and the longest that is looked back for falls.
const LONGEST_LOOK: Period = Period::from_hours(24);

/// An arm without a sample for so long has stopped, and says nothing of how often it was scraped.
const RECENT: Period = Period::from_minutes(15);

/// Where scrapes are rare, so many of them are looked at, if they lie within a day.
const SCRAPES_LOOKED_AT: u32 = 40;

/// How a selector's series are scraped, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Scraped {
    /// Seconds between scrapes of the arm that is scraped more rarely; `None` where it cannot be told.
    pub(super) every: Option<u32>,
    /// What the series do that counters do not.
    pub(super) no_counter: Option<Falls>,
}

/// The arms of a selector, the selector of all counters of its processes, and series that are scraped often.
type Asked = (Arms, VectorSelector, Vec<Labels>);

/// Adds the counters of these questions to what is known, by the selector limited to both arms. What the
/// increments tell already is not asked. Whatever the server does not say stays unknown.
pub(super) async fn look(
    client: &Client,
    asked: impl Iterator<Item = (&Question, &Arms, Option<&Counted>)>,
    now: Instant,
    known: &mut BTreeMap<VectorSelector, Scraped>,
    count: &Count<'_>,
) {
    let selectors: BTreeMap<VectorSelector, Asked> = asked
        .filter_map(|(question, arms, counted)| {
            let selector = both_arms(question, arms)?;
            let liveliest = counted.map(|counted| counted.liveliest.iter().flatten().cloned());
            let liveliest: Vec<Labels> = liveliest.into_iter().flatten().collect();
            let whole = question.counter.as_ref();
            let whole = whole.and_then(|counter| counter.restarts_of.as_ref());
            let whole = whole.map_or_else(|| selector.clone(), |other| other.selector.clone());
            Some((selector, (arms.clone(), whole, liveliest)))
        })
        .filter(|(selector, _)| !known.contains_key(selector))
        .collect();
    count.more(selectors.len());
    let looked: Vec<_> = futures::stream::iter(selectors)
        .map(|(selector, (arms, whole, liveliest))| async move {
            if let Some(every) = kept::load(client, &selector, now) {
                count.answered();
                let scraped = Scraped {
                    every: Some(every),
                    no_counter: None,
                };
                return (selector, scraped);
            }
            let every = interval_of(client, &selector, &liveliest, now).await;
            let every = match every {
                Some(every) => Some(every),
                None => interval(client, &selector, &arms, now).await,
            };
            let rare = Period::from_seconds(every.unwrap_or(0).saturating_mul(SCRAPES_LOOKED_AT));
            let within = rare.clamp(FALLS_WITHIN, LONGEST_LOOK);
            let no_counter = falls(client, (&selector, &whole), &arms, within, now).await;
            count.answered();
            if let (Some(every), None) = (every, &no_counter) {
                kept::store(client, &selector, every, now);
            }
            (selector, Scraped { every, no_counter })
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    known.extend(looked);
}

/// The selector of a question about counters, limited to both arms.
pub(super) fn both_arms(question: &Question, arms: &Arms) -> Option<VectorSelector> {
    let counts = match (question.shape, question.column) {
        (Shape::NativeEnd | Shape::NativeStart | Shape::Overlap, _) | (_, Column::Query) => false,
        (
            Shape::Number | Shape::Buckets,
            Column::Events
            | Column::Total
            | Column::Per
            | Column::Sum
            | Column::Count
            | Column::Histogram,
        ) => true,
    };
    let selector = question.selector.as_ref().filter(|_| counts)?;
    Some(selector.with_arms(arms))
}

/// Seconds between scrapes of these series of the arms, of which the rarer counts. One question for all of
/// them: they differ in a few labels.
async fn interval_of(
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
async fn interval(
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
async fn samples(
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

/// The samples of the other counters of the process of a series.
async fn others(
    client: &Client,
    whole: &VectorSelector,
    labels: &Labels,
    within: Period,
    now: Instant,
) -> Vec<Vec<Point>> {
    let Some(process) = process_of(labels) else {
        return Vec::new();
    };
    let text = whole.with_labels(&process).text();
    let answer = client.instant(&format!("{text}[{within}]"), now).await;
    let series = answer.map(|answer| answer.series).unwrap_or_default();
    let others = series.into_iter().filter(|one| one.labels != *labels);
    // Another target may have these labels and more.
    let others = others.filter(|one| process_of(&one.labels).as_ref() == Some(&process));
    others.map(|one| one.points).collect()
}

/// What is wrong with the series that fall most often, if anything is.
async fn falls(
    client: &Client,
    (both, whole): (&VectorSelector, &VectorSelector),
    arms: &Arms,
    within: Period,
    now: Instant,
) -> Option<Falls> {
    let query = of_each_arm(both, arms, |selector, by| {
        format!("topk{by} ({LOOKED_AT}, resets({selector}[{within}]) > {MANY_FALLS})")
    });
    let suspects = client.instant(&query, now).await.ok()?.series;
    for suspect in suspects {
        let Some(points) = samples(client, both, &suspect.labels, within, now).await else {
            continue;
        };
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let seen = Seen {
            labels: &suspect.labels,
            values: &values,
            within,
        };
        let Some(problem) = verdict(&seen) else {
            continue;
        };
        let others = others(client, whole, &suspect.labels, within, now).await;
        if let Some(problem) = among(&others, &points, &seen, problem) {
            return Some(problem);
        }
    }
    None
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

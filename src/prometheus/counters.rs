//! What is asked of counters besides their increments: how often they are scraped, and whether they
//! are counters at all. One small query for a series of each arm of every job, one that looks for falls of
//! several counters, and one for each series that falls often. Values at the ends of blocks say nothing of falls: processes that answer
//! in turn may be as many as scrapes in a block. What nothing is wrong with is asked again after an hour,
//! and before a decision that moves traffic: see [`kept`].

mod interval;
mod kept;
mod suspected;

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::plan::{Arms, Column, VectorSelector};
use crate::snapshot::Falls;
use crate::units::{Instant, Period};

use super::Client;
use super::answer::Labels;
use super::asking::{Count, IN_FLIGHT};
use super::increments::{Counted, job_of};
use super::query::{Question, Shape};
use interval::{LONGEST_LOOK, interval, interval_of};
use suspected::{Suspected, falls};

/// Falls are looked for in so much of the past: long enough for a counter that is none to fall again
/// and again at a scrape every five minutes, short enough to cost less than the increments do.
const FALLS_WITHIN: Period = Period::from_hours(2);

/// Falls of so many counters are asked about at once: a request of its own costs more than to look for them.
const AT_ONCE: usize = 10;

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
    let (mut asked, mut intervals) = (Vec::new(), BTreeMap::new());
    for (selector, about) in selectors {
        if let Some(every) = kept::load(client, &selector, now) {
            count.answered();
            let no_counter = None;
            let every = Some(every);
            known.insert(selector, Scraped { every, no_counter });
        } else {
            asked.push((selector, about));
        }
    }
    // What one job scrapes is scraped alike, and asked about once.
    let jobs: Vec<Option<BTreeSet<Labels>>> =
        asked.iter().map(|(_, (.., series))| jobs(series)).collect();
    let mut first = BTreeSet::new();
    let told: Vec<bool> = jobs
        .iter()
        .map(|jobs| jobs.as_ref().is_some_and(|jobs| !first.insert(jobs)))
        .collect();
    for later in [false, true] {
        let some = asked.iter().zip(&jobs).zip(&told);
        let some = some.filter(|(_, told)| **told == later);
        let found: Vec<_> = futures::stream::iter(some)
            .map(|(((selector, (arms, _, series)), jobs), _)| {
                let known = jobs.as_ref().and_then(|jobs| intervals.get(jobs)).copied();
                async move {
                    let every = match known {
                        Some(every) => Some(every),
                        None => interval_of(client, selector, series, now).await,
                    };
                    let every = match every {
                        Some(every) => Some(every),
                        None => interval(client, selector, arms, now).await,
                    };
                    (selector, jobs, every)
                }
            })
            .buffered(IN_FLIGHT)
            .collect()
            .await;
        for (selector, jobs, every) in found {
            if let (Some(jobs), Some(every)) = (jobs, every) {
                intervals.insert(jobs.clone(), every);
            }
            let no_counter = None;
            known.insert(selector.clone(), Scraped { every, no_counter });
        }
    }
    let within = |selector: &VectorSelector| {
        let every = known.get(selector).and_then(|scraped| scraped.every);
        let rare = Period::from_seconds(every.unwrap_or(0).saturating_mul(SCRAPES_LOOKED_AT));
        rare.clamp(FALLS_WITHIN, LONGEST_LOOK)
    };
    let asked = asked.into_iter().map(|(both, (arms, whole, _))| Suspected {
        within: within(&both),
        both,
        whole,
        arms,
    });
    let asked: Vec<Suspected> = asked.collect();
    let found: Vec<_> = futures::stream::iter(asked.chunks(AT_ONCE))
        .map(|some| async move {
            let found = falls(client, some, now).await;
            some.iter().for_each(|_| count.answered());
            found
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    for (one, no_counter) in asked.iter().zip(found.into_iter().flatten()) {
        let Some(scraped) = known.get_mut(&one.both) else {
            continue;
        };
        if let (Some(every), None) = (scraped.every, &no_counter) {
            kept::store(client, &one.both, every, now);
        }
        scraped.no_counter = no_counter;
    }
}

/// The jobs of these series; `None` where one has none, or where there are no series.
fn jobs(series: &[Labels]) -> Option<BTreeSet<Labels>> {
    let jobs: BTreeSet<Labels> = series.iter().map(job_of).collect::<Option<_>>()?;
    (!jobs.is_empty()).then_some(jobs)
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

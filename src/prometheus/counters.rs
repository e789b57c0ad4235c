//! What is asked of counters besides their increments: how often they are scraped, and whether they
//! are counters at all. Two small instant queries a selector, and one for each series that falls often.

use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::plan::{Arms, Column};
use crate::units::{Instant, Period};

use super::Client;
use super::answer::Labels;
use super::asking::{Count, IN_FLIGHT};
use super::falls::{Seen, verdict};
use super::query::{Question, Shape};
use super::selector::{Plain, label_name};

/// Falls are looked for in so much of the past: long enough for a counter that is none to fall again
/// and again at a scrape every five minutes, short enough to cost less than the increments do.
const FALLS_WITHIN: Period = Period::from_hours(2);

/// So many falls of one series within that are looked at closely; processes that restart less often
/// are no question.
const MANY_FALLS: u32 = 3;

/// The worst series of each arm of a selector; one is enough to know.
const LOOKED_AT: u32 = 3;

/// An arm without a sample for so long has stopped, and says nothing of how often it was scraped.
const RECENT: Period = Period::from_minutes(15);

/// Where scrapes are rare, so many of them are looked at, if they lie within a day.
const SCRAPES_LOOKED_AT: u32 = 40;

/// How a selector's series are scraped, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub(super) struct Scraped {
    /// Seconds between scrapes of the arm that is scraped more rarely; `None` where it cannot be told.
    pub(super) every: Option<u32>,
    /// What the series do that counters do not, in words.
    pub(super) no_counter: Option<String>,
}

/// The counters of these questions, by the selector limited to both arms. Whatever the server does not
/// say stays unknown: the increments themselves have been asked for already.
pub(super) async fn look(
    client: &Client,
    asked: impl Iterator<Item = (&Question, &Arms, Period)>,
    now: Instant,
    count: &Count<'_>,
) -> BTreeMap<String, Scraped> {
    let mut selectors: BTreeMap<String, (Arms, Period)> = BTreeMap::new();
    for (question, arms, age) in asked {
        let Some(selector) = both_arms(question, arms) else {
            continue;
        };
        let known = selectors
            .entry(selector)
            .or_insert_with(|| (arms.clone(), age));
        known.1 = known.1.max(age);
    }
    count.more(selectors.len());
    futures::stream::iter(selectors)
        .map(|(selector, (arms, age))| async move {
            let every = interval(client, &selector, &arms, age, now).await;
            let rare = Period::from_seconds(every.unwrap_or(0).saturating_mul(SCRAPES_LOOKED_AT));
            let within = rare.clamp(FALLS_WITHIN, Period::from_hours(24));
            let no_counter = falls(client, &selector, &arms, within, now).await;
            count.answered();
            (selector, Scraped { every, no_counter })
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await
}

/// The selector of a question about counters, limited to both arms.
pub(super) fn both_arms(question: &Question, arms: &Arms) -> Option<String> {
    let counts = match (question.shape, question.column) {
        (Shape::NativeEnd | Shape::NativeStart, _) | (_, Column::Query) => false,
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
    let selector = question.selector.as_deref().filter(|_| counts)?;
    Some(Plain::read(selector).ok()?.with_arms(arms))
}

/// Seconds between scrapes. The most often scraped series of each arm tells: the others may have been
/// born, or may have ended, within the window.
async fn interval(
    client: &Client,
    selector: &str,
    arms: &Arms,
    age: Period,
    now: Instant,
) -> Option<u32> {
    let label = label_name(&arms.label);
    let query = format!(
        "max by ({label}) (count_over_time({selector}[{age}]) and present_over_time({selector}[{RECENT}]))"
    );
    let answer = client.instant(&query, now).await.ok()?;
    let fewest = answer
        .series
        .iter()
        .filter_map(|series| series.points.last())
        .map(|point| point.value)
        .filter(|scrapes| *scrapes >= 1.0)
        .reduce(f64::min)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most the age, which is a number of seconds that fits"
    )]
    let scrapes = fewest.round() as u32;
    Some(usual_interval(age.seconds(), scrapes))
}

/// Intervals that people configure, in seconds.
const USUAL: [u32; 11] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900];

/// The interval of so many scrapes in so many seconds: a usual one where that fits, give or take one
/// scrape, so that blocks are put together alike from run to run. Otherwise as measured.
fn usual_interval(seconds: u32, scrapes: u32) -> u32 {
    let scrapes = scrapes.max(1);
    let measured = (seconds + scrapes / 2) / scrapes;
    let fits = |every: u32| {
        let expected = seconds / every;
        expected.abs_diff(scrapes) <= 1 || every.abs_diff(measured) * 50 <= measured
    };
    USUAL
        .into_iter()
        .filter(|every| fits(*every))
        .min_by_key(|every| every.abs_diff(measured))
        .unwrap_or(measured)
        .max(1)
}

/// What is wrong with the series that fall most often, if anything is.
async fn falls(
    client: &Client,
    selector: &str,
    arms: &Arms,
    within: Period,
    now: Instant,
) -> Option<String> {
    let label = label_name(&arms.label);
    let query =
        format!("topk by ({label}) ({LOOKED_AT}, resets({selector}[{within}]) > {MANY_FALLS})");
    let suspects = client.instant(&query, now).await.ok()?.series;
    let plain = Plain::read(selector).ok()?;
    for suspect in suspects {
        let one = plain.with_labels(&suspect.labels);
        let Ok(answer) = client.instant(&format!("{one}[{within}]"), now).await else {
            continue;
        };
        // Series with more labels are found, too.
        let named = |labels: &Labels| labels.keys().filter(|name| *name != "__name__").count();
        let meant = named(&suspect.labels);
        let samples = answer.series.iter().find(|one| named(&one.labels) == meant);
        let Some(series) = samples else {
            continue;
        };
        let values: Vec<f64> = series.points.iter().map(|point| point.value).collect();
        let seen = Seen {
            labels: &series.labels,
            values: &values,
            within,
        };
        if let Some(problem) = verdict(&seen) {
            return Some(problem);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_does_not_depend_on_where_the_window_begins() {
        for every in [5, 15, 30, 60, 120, 300, 600] {
            for window in [15 * 60, 21 * 60 + 40, 30 * 60, 3_600] {
                let least = window / every;
                for scrapes in [least, least + 1] {
                    // Of one or two scrapes half is near enough: the next ones tell.
                    let found = usual_interval(window, scrapes);
                    assert!(
                        found == every || (least < 3 && found * 2 >= every),
                        "{window} {scrapes}: {found}, not {every}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_unusual_interval_is_as_measured() {
        assert_eq!(usual_interval(3_600, 90), 40);
        assert_eq!(usual_interval(3_600, 9), 400);
    }
}

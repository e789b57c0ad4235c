//! Counters that may be none: those that fall often are looked at closely.

use crate::plan::{Arms, VectorSelector};
use crate::prometheus::Client;
use crate::prometheus::answer::{Labels, Point};
use crate::prometheus::falls::{Seen, verdict};
use crate::prometheus::increments::process_of;
use crate::prometheus::selector::of_each_arm;
use crate::prometheus::together::among;
use crate::snapshot::Falls;
use crate::units::{Instant, Period};

use super::interval::samples;

/// So many falls of one series within that are looked at closely; processes that restart less often
/// are no question.
const MANY_FALLS: u32 = 3;

/// The worst series of each arm of a selector; one is enough to know.
const LOOKED_AT: u32 = 3;

/// The label that tells them apart.
const WHICH: &str = "rollout_counter";

/// A counter that may be none.
pub(super) struct Suspected {
    /// Of both arms.
    pub(super) both: VectorSelector,
    /// All counters of its processes.
    pub(super) whole: VectorSelector,
    pub(super) arms: Arms,
    /// Falls are looked for in so much of the past.
    pub(super) within: Period,
}

/// What is wrong with each of these: with the series of it that fall most often, if anything is. One
/// question for all; where the server refuses that, one each.
pub(super) async fn falls(
    client: &Client,
    asked: &[Suspected],
    now: Instant,
) -> Vec<Option<Falls>> {
    let text = |(place, one): (usize, &Suspected)| {
        let Suspected { both, within, .. } = one;
        let worst = of_each_arm(both, &one.arms, |selector, by| {
            format!("topk{by} ({LOOKED_AT}, resets({selector}[{within}]) > {MANY_FALLS})")
        });
        format!("label_replace({worst}, \"{WHICH}\", \"{place}\", \"\", \"\")")
    };
    let texts: Vec<String> = asked.iter().enumerate().map(text).collect();
    let mut suspects = match client.instant(&texts.join(" or "), now).await {
        Ok(answer) => answer.series,
        Err(_) if texts.len() == 1 => Vec::new(),
        Err(_) => {
            let each = texts.iter().map(|text| client.instant(text, now));
            let answers = futures::future::join_all(each).await;
            let answers = answers.into_iter().flatten();
            answers.flat_map(|answer| answer.series).collect()
        }
    };
    let mut found = Vec::with_capacity(asked.len());
    for (place, one) in asked.iter().enumerate() {
        let place = place.to_string();
        let of_this = suspects.extract_if(.., |suspect| suspect.labels.get(WHICH) == Some(&place));
        let labels = of_this.map(|mut suspect| {
            suspect.labels.remove(WHICH);
            suspect.labels
        });
        found.push(problem(client, one, labels.collect(), now).await);
    }
    found
}

/// What is wrong with these series of a counter, if anything is.
async fn problem(
    client: &Client,
    one: &Suspected,
    suspects: Vec<Labels>,
    now: Instant,
) -> Option<Falls> {
    let within = one.within;
    for labels in suspects {
        let Some(points) = samples(client, &one.both, &labels, within, now).await else {
            continue;
        };
        let values: Vec<f64> = points.iter().map(|point| point.value).collect();
        let seen = Seen {
            labels: &labels,
            values: &values,
            within,
        };
        let Some(problem) = verdict(&seen) else {
            continue;
        };
        let others = others(client, &one.whole, &labels, within, now).await;
        if let Some(problem) = among(&others, &points, &seen, problem) {
            return Some(problem);
        }
    }
    None
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

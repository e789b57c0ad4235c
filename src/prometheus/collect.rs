//! Plans to snapshots: what to ask, asked once, folded into blocks.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures::StreamExt as _;

use crate::plan::{Arms, VectorSelector};
use crate::snapshot::{EntryHistory, EvidenceIssue, Snapshot};
use crate::units::Instant;

use super::asking::{Answers, Count, IN_FLIGHT, PLANS_AT_ONCE};
use super::counters::Scraped;
use super::fold::Absent;
use super::gather::{Gathered, gather};
use super::increments::Purpose;
use super::need::{Need, PastOf};
use super::past::Pasts;
use super::query::Question;
use super::reply::Reply;
use super::{Client, CollectError, EvidenceRequest, Grid, absence, counters};

/// As [`collect_each`], with all snapshots at once, in the order of their requests.
pub async fn collect(
    client: &Client,
    requests: &[EvidenceRequest<'_>],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Result<Snapshot, CollectError>> {
    let mut snapshots = Vec::with_capacity(requests.len());
    let mut take = |_, snapshot| snapshots.push(snapshot);
    collect_each(client, requests, now, progress, &|_| None, &mut take).await;
    snapshots
}

/// Answers each request with a snapshot, which `take` is given with the place of its request, in order and
/// as soon as it is known: no more than those of a few plans are held here. Identical queries are asked
/// once. `progress` is told (done, total) as they are asked and answered; the total may grow, since what is
/// odd is looked into. `whole` gives the history of a request, by its place, of which that has an outline.
pub async fn collect_each(
    client: &Client,
    requests: &[EvidenceRequest<'_>],
    now: Instant,
    progress: &dyn Fn(usize, usize),
    whole: &dyn Fn(usize) -> Option<EntryHistory>,
    take: &mut dyn FnMut(usize, Result<Snapshot, CollectError>),
) {
    let mut needs: Vec<Need<'_>> = requests
        .iter()
        .map(|request| Need::of(request, now))
        .collect();
    let count = Count::new(progress);
    let all = needs.iter().flat_map(Need::questions);
    let mut answers = Answers::new(client, Purpose::Stage, all, &count);
    let mut known = Known::default();
    let mut pasts = None;
    for first in (0..needs.len()).step_by(PLANS_AT_ONCE) {
        let part = first..needs.len().min(first + PLANS_AT_ONCE);
        answers
            .ask(needs[part.clone()].iter().flat_map(Need::questions))
            .await;
        if first == 0
            && let Some(until) = settled(client, requests, now).await
        {
            needs.iter_mut().for_each(|need| need.end_at(until));
        }
        let some = &needs[part];
        let questions = || some.iter().flat_map(Need::questions);
        let unserved = answers.unserved(questions());
        let mut gathered: Vec<Result<Gathered<'_>, CollectError>> = (first..)
            .zip(some)
            .map(|(place, need)| match &unserved {
                Some(error) if !need.grid.is_empty() => Err(CollectError::Unserved(error.clone())),
                Some(_) | None => Ok(gather(need, &answers, || whole(place))),
            })
            .collect();
        if gathered.iter().any(Result::is_ok) {
            if pasts.is_none() {
                pasts = Some(pasts_of(client, &needs, &count).await);
            }
            if let Some(pasts) = &mut pasts {
                look_back(pasts, first, &mut gathered).await;
            }
        }
        explain_absences(client, now, &mut gathered, &mut known, &count).await;
        look_at_counters(client, now, &mut gathered, &answers, &mut known, &count).await;
        for (place, gathered) in (first..).zip(gathered) {
            take(
                place,
                gathered.map(|one| one.into_snapshot(client.source(), now)),
            );
        }
        answers.forget(questions());
    }
}

/// Up to when blocks are known, where it is not now: the newest points of some servers are copies of
/// earlier ones.
async fn settled(
    client: &Client,
    requests: &[EvidenceRequest<'_>],
    now: Instant,
) -> Option<Instant> {
    let earlier = now - COPIED;
    let last = |request: &EvidenceRequest<'_>, until: Instant| {
        Grid::new(request.moment.since(), until, request.block).last()
    };
    let is_new = |request| last(request, now) != last(request, earlier);
    let copied = requests.iter().any(is_new) && client.copies_the_newest().await;
    copied.then_some(earlier)
}

/// For so long VictoriaMetrics gives copies, by default: what it calls its latency offset.
pub(super) const COPIED: TimeDelta = TimeDelta::seconds(30);

/// What was found out of selectors besides, so that no plan asks again.
#[derive(Default)]
struct Known {
    /// The values of the arms' label; nothing, where the server did not say.
    values: BTreeMap<(VectorSelector, String), Option<Vec<String>>>,
    scraped: BTreeMap<VectorSelector, Scraped>,
}

/// The pasts of these needs that no record keeps.
async fn pasts_of<'a>(client: &'a Client, needs: &[Need<'_>], count: &'a Count<'a>) -> Pasts<'a> {
    let plans = needs.iter().map(|need| {
        let wanted = need.pasts().filter(|_| !need.grid.is_empty());
        wanted.map(|(_, wanted)| wanted.clone()).collect()
    });
    Pasts::of(client, plans, count).await
}

/// Asks for the pasts of these, which are those of the needs from the first on.
async fn look_back(
    pasts: &mut Pasts<'_>,
    first: usize,
    gathered: &mut [Result<Gathered<'_>, CollectError>],
) {
    let served: Vec<usize> = (first..)
        .zip(gathered.iter())
        .filter_map(|(place, one)| one.is_ok().then_some(place))
        .collect();
    let found = pasts.find(&served).await;
    for (one, found) in gathered.iter_mut().flatten().zip(found) {
        let mut found = found.into_iter();
        for (past_of, past) in one.need.past_of.iter().zip(&mut one.pasts) {
            match past_of {
                PastOf::Asked(_) => *past = found.next().unwrap_or_default(),
                PastOf::Unwanted | PastOf::Known(_) => {}
            }
        }
    }
}

/// Turns every absence into an issue that says what is there instead. Only then is more asked.
async fn explain_absences(
    client: &Client,
    now: Instant,
    gathered: &mut [Result<Gathered<'_>, CollectError>],
    known: &mut Known,
    count: &Count<'_>,
) {
    let mut probes: Vec<(VectorSelector, String)> = gathered
        .iter_mut()
        .flatten()
        .flat_map(|one| {
            let label = one.need.request.arms.label.clone();
            one.folded()
                .flat_map(|folded| folded.absent.clone())
                .filter_map(move |absent| {
                    Some((absent.question.selector.as_deref()?.clone(), label.clone()))
                })
                .collect::<Vec<_>>()
        })
        .collect();
    probes.sort();
    probes.dedup();
    probes.retain(|probe| !known.values.contains_key(probe));
    count.more(probes.len());
    let seen: Vec<_> = futures::stream::iter(probes)
        .map(|(selector, label)| async move {
            let values = absence::values_seen(client, &selector, &label, now).await;
            count.answered();
            ((selector, label), values)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    known.values.extend(seen);
    for one in gathered.iter_mut().flatten() {
        let arms = one.need.request.arms;
        for folded in one.folded() {
            let absent: Vec<Absent<'_>> = std::mem::take(&mut folded.absent);
            folded
                .issues
                .extend(absence::issues(&absent, arms, |selector| {
                    let seen = known.values.get(&(selector.clone(), arms.label.clone()));
                    seen.and_then(Option::as_deref)
                }));
        }
    }
}

/// How often counters are scraped, and whether they are counters. Only of what gave any answer.
async fn look_at_counters(
    client: &Client,
    now: Instant,
    gathered: &mut [Result<Gathered<'_>, CollectError>],
    answers: &Answers<'_>,
    known: &mut Known,
    count: &Count<'_>,
) {
    let needs: Vec<&Need<'_>> = gathered.iter().flatten().map(|one| one.need).collect();
    let asked = needs
        .iter()
        .filter(|need| !need.grid.is_empty())
        .flat_map(|need| {
            need.guardrails
                .iter()
                .map(|(_, questions)| questions)
                .chain(&need.assignment)
                .flatten()
                .map(move |question| {
                    let counted = match answers.of(question, &need.grid) {
                        Some(Ok(Reply::Counted(counted))) => Some(&**counted),
                        Some(Ok(Reply::Answer(_)) | Err(_)) | None => None,
                    };
                    (question, need.request.arms, counted)
                })
        });
    counters::look(client, asked, now, &mut known.scraped, count).await;
    let scraped = &known.scraped;
    for one in gathered.iter_mut().flatten() {
        let need = one.need;
        let arms = need.request.arms;
        let all = need.guardrails.iter().map(|(_, questions)| questions);
        for (place, questions) in all.enumerate() {
            let seen = looked_at(questions, arms, scraped);
            one.scrapes[place] = seen.iter().filter_map(|(_, scraped)| scraped.every).max();
            one.guardrails[place].issues.extend(no_counters(&seen));
        }
        if let (Some(questions), Some(folded)) = (&need.assignment, &mut one.assignment) {
            let seen = looked_at(questions, arms, scraped);
            folded.issues.extend(no_counters(&seen));
        }
    }
}

/// The questions about counters, each with what was seen of them.
pub(super) fn looked_at<'a>(
    questions: &'a [Question],
    arms: &Arms,
    scraped: &'a BTreeMap<VectorSelector, Scraped>,
) -> Vec<(&'a Question, &'a Scraped)> {
    let of = |question: &'a Question| {
        let selector = counters::both_arms(question, arms)?;
        Some((question, scraped.get(&selector)?))
    };
    questions.iter().filter_map(of).collect()
}

/// One issue for each column that is no counter.
fn no_counters<'a>(seen: &'a [(&Question, &Scraped)]) -> impl Iterator<Item = EvidenceIssue> + 'a {
    seen.iter().filter_map(|(question, scraped)| {
        Some(EvidenceIssue::NoCounter {
            column: question.column,
            falls: scraped.no_counter.clone()?,
        })
    })
}

//! What `rollout doctor` asks: all that preflight asks and the latest blocks as `check` has them, and of
//! each selector of counters a few instant queries about its series. States facts only; what they mean
//! is `judge::doctor`.

use std::collections::BTreeSet;

use futures::StreamExt as _;

use crate::judge::doctor::{
    ColumnFacts, Cost, Facts, HISTORY_WITHIN, Labels, RESTARTS_WITHIN, SeriesSeen,
};
use crate::plan::{Arms, Assignment, Column, Guardrail, Plan, Source, VectorSelector};
use crate::power::Past;
use crate::snapshot::{INSTANCE_LABELS, Snapshot};
use crate::units::{Instant, Period};

use super::answer::Answer;
use super::request::has_unexposed;
use super::selector::label_name;
use super::{Client, CollectError, EvidenceRequest, block_of, collect, look_ahead};

/// Blocks that are looked at: enough to see whether something moves.
const BLOCKS: u32 = 12;

/// A series is there when it has had a sample within this.
const THERE: Period = Period::from_minutes(15);

/// Births are looked for within this.
const BORN_WITHIN: Period = Period::from_hours(6);

/// Asks everything about one plan. `progress` is told (done, total).
///
/// # Errors
/// When a query was not served.
pub async fn examine(
    client: &Client,
    plan: &Plan,
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Result<Facts, CollectError> {
    let empty = Snapshot::before(plan, client.source(), now);
    let before = one(
        look_ahead(client, &[(plan, empty.clone())], now, progress).await,
        &empty,
    )?;
    let block = block_of(plan);
    let span = Period::from_seconds(block.seconds().saturating_mul(BLOCKS));
    let past = Past {
        since: now - span.delta(),
        block,
        both_arms: has_unexposed(plan),
    };
    client.count_samples();
    let started = tokio::time::Instant::now();
    let request = EvidenceRequest::of_past(plan, past);
    let measured = one(collect(client, &[request], now, progress).await, &empty)?;
    let millis = started.elapsed().as_millis();
    let samples = client.samples_read();
    let mut guardrails = Vec::new();
    for guardrail in &plan.guardrails {
        guardrails.push(columns(client, guardrail, &plan.arms, now).await);
    }
    let assignment = match &plan.assignment {
        None => None,
        Some(Assignment { users }) => {
            let users = users.vector().with_arms(&plan.arms).text();
            Some(look(client, Column::Count, &users, None, &plan.arms, now).await)
        }
    };
    // What was read until here is not history.
    client.samples_read();
    for (guardrail, facts) in plan.guardrails.iter().zip(&mut guardrails) {
        let columns = counters(guardrail);
        // Events may be young; what they are counted among tells how old a metric is.
        let place = columns
            .iter()
            .position(|(column, _)| !matches!(column, Column::Events | Column::Sum));
        let place = place.unwrap_or_default();
        if let Some(((_, selector), facts)) = columns.get(place).zip(facts.get_mut(place)) {
            facts.oldest = oldest(client, &selector.with_arms(&plan.arms).text(), now).await;
        }
    }
    let history_samples = client.samples_read();
    let series = guardrails
        .iter()
        .flatten()
        .filter_map(|column| column.series.as_ref())
        .map(Vec::len)
        .sum();
    Ok(Facts {
        now,
        before,
        measured,
        guardrails,
        assignment,
        cost: Cost {
            series,
            blocks: usize::try_from(BLOCKS).unwrap_or(usize::MAX),
            millis: u64::try_from(millis).unwrap_or(u64::MAX),
            samples,
            history_samples,
        },
    })
}

/// The answer about the one plan that was asked about.
fn one(
    answers: Vec<Result<Snapshot, CollectError>>,
    empty: &Snapshot,
) -> Result<Snapshot, CollectError> {
    answers
        .into_iter()
        .next()
        .unwrap_or_else(|| Ok(empty.clone()))
}

/// The counters of a guardrail that are bare selectors.
fn counters(guardrail: &Guardrail) -> Vec<(Column, VectorSelector)> {
    let Source::Selectors(columns) = &guardrail.metric.source else {
        return Vec::new();
    };
    columns
        .iter()
        .map(|(column, selector)| (*column, selector.vector().clone()))
        .filter(|(column, vector)| match column {
            Column::Events | Column::Total | Column::Per | Column::Sum | Column::Count => true,
            Column::Histogram => vector.is_classic(),
            Column::Query => false,
        })
        .collect()
}

async fn columns(
    client: &Client,
    guardrail: &Guardrail,
    arms: &Arms,
    now: Instant,
) -> Vec<ColumnFacts> {
    let counters = counters(guardrail);
    let whole = counters
        .iter()
        .find(|(column, _)| matches!(column, Column::Total | Column::Per))
        .map(|(_, selector)| selector.with_arms(arms).text());
    let (whole, counters) = (whole.as_deref(), &counters);
    futures::stream::iter(counters)
        .then(|(column, selector)| async move {
            let whole = whole.filter(|_| *column == Column::Events);
            look(
                client,
                *column,
                &selector.with_arms(arms).text(),
                whole,
                arms,
                now,
            )
            .await
        })
        .collect()
        .await
}

/// What can be seen of one selector. What the server does not say stays unknown: whether it answers at
/// all is known from what was asked before.
async fn look(
    client: &Client,
    column: Column,
    selector: &str,
    whole: Option<&str>,
    arms: &Arms,
    now: Instant,
) -> ColumnFacts {
    let ask = |query: String| async move { client.instant(&query, now).await.ok() };
    let label = label_name(&arms.label);
    let series = ask(format!("last_over_time({selector}[{THERE}])")).await;
    let restarts = ask(format!(
        "max by ({label}) (resets({selector}[{RESTARTS_WITHIN}]))"
    ))
    .await;
    let newest = ask(format!("max(timestamp({selector}))")).await;
    let newborn = match whole {
        Some(whole) => newborn(client, selector, whole, now).await,
        None => Vec::new(),
    };
    let value = |answer: Option<Answer>| Some(answer?.series.first()?.points.last()?.value);
    let by_arm = |answer: Answer| {
        let of = |one: super::Returned| {
            let value = one.labels.get(&arms.label).cloned().unwrap_or_default();
            Some((value, one.points.last()?.value))
        };
        answer.series.into_iter().filter_map(of).collect()
    };
    ColumnFacts {
        column,
        series: series.map(|answer| {
            let seen = |one: super::Returned| {
                Some(SeriesSeen {
                    value: one.points.last()?.value,
                    labels: one.labels,
                })
            };
            answer.series.into_iter().filter_map(seen).collect()
        }),
        restarts: restarts.map(by_arm).unwrap_or_default(),
        newborn,
        newest: value(newest),
        oldest: None,
    }
}

/// The oldest sample there is, in Unix seconds, as far as it is looked for: to the day, and of the last day
/// to the hour. One look a day reads a few samples of each series where the whole would be millions.
async fn oldest(client: &Client, selector: &str, now: Instant) -> Option<f64> {
    for (within, every) in [(HISTORY_WITHIN, "1d"), (Period::from_hours(24), "1h")] {
        let query = format!("min(min_over_time(timestamp({selector})[{within}:{every}]))");
        let answer = client.instant(&query, now).await.ok()?;
        let oldest = answer.series.first().and_then(|one| one.points.last());
        if let Some(oldest) = oldest {
            return Some(oldest.value);
        }
    }
    None
}

/// Series of events that began lately with an event, in processes that were there before.
async fn newborn(client: &Client, events: &str, whole: &str, now: Instant) -> Vec<Labels> {
    let born = |selector: &str, above: &str| {
        format!(
            "(min_over_time({selector}[{BORN_WITHIN}]){above}) unless present_over_time({selector}[{THERE}] offset {BORN_WITHIN})"
        )
    };
    let asked = client.instant(&born(events, " > 0"), now).await;
    let Some(events) = asked.ok().filter(|answer| !answer.series.is_empty()) else {
        return Vec::new();
    };
    let Ok(processes) = client.instant(&born(whole, " >= 0"), now).await else {
        return Vec::new();
    };
    let names = |labels: &Labels| -> Vec<Option<String>> {
        let named = INSTANCE_LABELS.iter().map(|name| labels.get(*name));
        named.map(Option::<&String>::cloned).collect()
    };
    let young: BTreeSet<Vec<Option<String>>> = processes
        .series
        .iter()
        .map(|one| names(&one.labels))
        .collect();
    events
        .series
        .into_iter()
        .map(|one| one.labels)
        .filter(|labels| !young.contains(&names(labels)))
        .collect()
}

//! What is asked before the first user is exposed: which values the arms' label has, and which of them
//! are fresh. Two small instant queries a selector, each once for all plans.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::plan::{Guardrail, Plan, Source};
use crate::snapshot::{LabelSeen, Snapshot};
use crate::units::{Instant, Period};

use super::answer::Answer;
use super::asking::{Count, IN_FLIGHT};
use super::collect::{CollectError, arms_needed};
use super::query::Arm;
use super::selector::{Plain, label_name};
use super::{Client, QueryError, block_of};

/// A value of the label is in use when a series has had it within this.
const IN_USE: Period = Period::from_hours(1);

/// An arm is measured when it has had a sample within this: as long as Prometheus itself takes a
/// series for present.
const FRESH: Period = Period::from_minutes(5);

/// Puts what is seen beforehand into the snapshots of pending plans, in their order.
/// `progress` is told (done, total) as the queries are asked and answered.
///
/// # Errors
/// For every plan, when the server served none of the queries.
pub async fn look_ahead(
    client: &Client,
    plans: &[(&Plan, Snapshot)],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Result<Snapshot, CollectError>> {
    let mut texts: BTreeSet<String> = BTreeSet::new();
    for (plan, _) in plans {
        for guardrail in &plan.guardrails {
            for question in questions(plan, guardrail) {
                texts.extend(
                    [Some(question.in_use), question.fresh]
                        .into_iter()
                        .flatten(),
                );
            }
        }
    }
    let count = &Count::new(progress);
    count.more(texts.len());
    let answers: BTreeMap<String, Result<Answer, QueryError>> = futures::stream::iter(texts)
        .map(|text| async move {
            let answer = client.instant(&text, now).await;
            count.answered();
            (text, answer)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    let served = answers.values().any(|answer| match answer {
        Ok(_) => true,
        Err(error) => error.was_served(),
    });
    let unserved = answers
        .values()
        .find_map(|answer| answer.as_ref().err())
        .filter(|_| !served);
    plans
        .iter()
        .map(|(plan, snapshot)| match unserved {
            Some(error) => Err(CollectError::Unserved(error.clone())),
            None => Ok(seen(plan, snapshot, &answers)),
        })
        .collect()
}

fn seen(
    plan: &Plan,
    snapshot: &Snapshot,
    answers: &BTreeMap<String, Result<Answer, QueryError>>,
) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for guardrail in &plan.guardrails {
        let series = snapshot
            .guardrails
            .entry(guardrail.name.clone())
            .or_default();
        series.preflight = questions(plan, guardrail)
            .into_iter()
            .map(|question| {
                let seen = question.read(plan, answers);
                (question.column, seen)
            })
            .collect();
    }
    snapshot
}

/// What is asked of one column.
struct Ahead {
    column: String,
    /// Which values are in use; of a query for one arm, whether it gives anything.
    in_use: String,
    /// Which values are fresh; the same as `in_use` where there is none.
    fresh: Option<String>,
}

impl Ahead {
    fn read(
        &self,
        plan: &Plan,
        answers: &BTreeMap<String, Result<Answer, QueryError>>,
    ) -> LabelSeen {
        let of = |text: &str| match answers.get(text) {
            None => Err("it was not asked".to_owned()),
            Some(Err(error)) => Err(format!("failed to {error}")),
            Some(Ok(answer)) => match answer.warnings.first() {
                Some(warning) => Err(format!("the server calls its answer incomplete: {warning}")),
                None => Ok(answer),
            },
        };
        let label = &plan.arms.label;
        let values = |answer: &Answer| -> Vec<String> {
            let value = |labels: &super::Labels| match &self.fresh {
                Some(_) => labels.get(label).cloned().unwrap_or_default(),
                None => plan.arms.unexposed.clone(),
            };
            let values: BTreeSet<String> = answer
                .series
                .iter()
                .filter(|series| !series.points.is_empty() || !series.histograms.is_empty())
                .map(|series| value(&series.labels))
                .collect();
            values.into_iter().collect()
        };
        let fresh = self.fresh.as_deref().unwrap_or(&self.in_use);
        match (of(&self.in_use), of(fresh)) {
            (Ok(in_use), Ok(fresh)) => LabelSeen {
                values: values(in_use),
                recent: values(fresh),
                refused: None,
            },
            (Err(said), _) | (_, Err(said)) => LabelSeen {
                refused: Some(said),
                ..LabelSeen::default()
            },
        }
    }
}

/// The questions of a guardrail that compares the arms.
fn questions(plan: &Plan, guardrail: &Guardrail) -> Vec<Ahead> {
    if !arms_needed(plan, Some(guardrail)).contains(&Arm::Unexposed) {
        return Vec::new();
    }
    match &guardrail.metric.source {
        Source::Selectors(columns) => {
            let label = label_name(&plan.arms.label);
            columns
                .iter()
                .filter_map(|(column, selector)| {
                    let selector = Plain::read(selector.as_str()).ok()?.text();
                    let within = |span| {
                        format!("count by ({label}) (present_over_time({selector}[{span}]))")
                    };
                    Some(Ahead {
                        column: column.key().to_owned(),
                        in_use: within(IN_USE),
                        fresh: Some(within(FRESH)),
                    })
                })
                .collect()
        }
        Source::PerArm { unexposed, .. } => unexposed
            .iter()
            .map(|(column, query)| Ahead {
                column: column.key().to_owned(),
                in_use: query.replace("$block", &block_of(plan).to_string()),
                fresh: None,
            })
            .collect(),
    }
}

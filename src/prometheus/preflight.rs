//! What is asked before the first user is exposed: is there anything to judge by? A few small instant
//! queries a selector, each once for all plans, and more only of what gave no fresh sample. How the
//! answers are read is in [`reading`].

mod reading;

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::plan::{ArmQuery, ArmValue, Column, Guardrail, Kind, Plan, Selector, Source};
use crate::snapshot::{Arm, Snapshot};
use crate::units::{Instant, Period};

use super::answer::Answer;
use super::asking::{Count, IN_FLIGHT};
use super::gate::Gate;
use super::query::filled;
use super::request::{arms_needed, has_unexposed};
use super::selector::{label_name, metrics, named};
use super::{Client, CollectError, QueryError, block_of};

/// A value of the label is in use when a series has had it within this.
const IN_USE: Period = Period::from_hours(1);

/// An arm is measured when it has had a sample within this: as long as Prometheus itself takes a
/// series for present.
const FRESH: Period = Period::from_minutes(5);

/// What is answered, by query.
type Replies = BTreeMap<String, Result<Answer, QueryError>>;

/// Puts what is seen beforehand into the snapshots of pending plans, in their order.
/// `progress` is told (done, total) as the queries are asked and answered.
///
/// # Errors
/// For every plan of which a query was not served: who does not answer may know anything.
pub async fn look_ahead(
    client: &Client,
    plans: &[(&Plan, Snapshot)],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Result<Snapshot, CollectError>> {
    let (gate, count) = (Gate::default(), Count::new(progress));
    let questions: Vec<Vec<Vec<Question>>> = plans
        .iter()
        .map(|(plan, _)| {
            plan.guardrails
                .iter()
                .map(|one| questions(plan, one))
                .collect()
        })
        .collect();
    let every = || questions.iter().flatten().flatten();
    let first = every().flat_map(Question::first).collect();
    let mut replies = ask(client, &gate, first, now, &count).await;
    // Only of what is not there, or not fresh, it is asked when it was.
    let second = every()
        .flat_map(|question| question.second(&replies))
        .collect();
    replies.extend(ask(client, &gate, second, now, &count).await);
    plans
        .iter()
        .zip(&questions)
        .map(|((plan, snapshot), questions)| {
            let texts = || questions.iter().flatten().flat_map(Question::first);
            let unserved = texts().find_map(|text| match replies.get(&text) {
                Some(Err(error)) if !error.was_served() => Some(error.clone()),
                Some(_) | None => None,
            });
            if let Some(error) = unserved {
                return Err(CollectError::Unserved(error));
            }
            let mut snapshot = snapshot.clone();
            for (guardrail, questions) in plan.guardrails.iter().zip(questions) {
                let name = guardrail.name.clone();
                snapshot.guardrails.entry(name).or_default().preflight = questions
                    .iter()
                    .map(|question| (question.column, question.read(&replies, now)))
                    .collect();
            }
            Ok(snapshot)
        })
        .collect()
}

/// Asks each text once. Where nobody is there, it is found out once.
async fn ask(
    client: &Client,
    gate: &Gate,
    texts: BTreeSet<String>,
    now: Instant,
    count: &Count<'_>,
) -> Replies {
    count.more(texts.len());
    futures::stream::iter(texts)
        .map(|text| async move {
            let answer = gate.through(client, client.instant(&text, now)).await;
            count.answered();
            (text, answer)
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await
}

/// What is asked of one column.
struct Question {
    column: Column,
    label: String,
    unexposed: ArmValue,
    /// The unexposed arm must be there; else its metric must be, of whatever arm.
    compared: bool,
    of: Of,
}

enum Of {
    /// A bare selector.
    Selector { selector: String, shape: Shape },
    /// Somebody's own queries, for one arm each.
    Texts {
        exposed: Option<String>,
        unexposed: Option<String>,
        /// Each histogram of them has several series.
        histogram: bool,
    },
}

/// What a selector's series are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Counter,
    Gauge,
    Classic,
    Native,
}

impl Question {
    fn by(&self) -> String {
        label_name(&self.label).into_owned()
    }

    /// What is asked in any case.
    fn first(&self) -> Vec<String> {
        match &self.of {
            Of::Selector { selector, shape } => {
                let texts = [self.in_use(selector, *shape), self.fresh(selector)];
                texts
                    .into_iter()
                    .chain(self.sound(selector, *shape))
                    .collect()
            }
            Of::Texts {
                exposed, unexposed, ..
            } => {
                let own = exposed.iter().chain(unexposed).cloned();
                own.chain(self.any_metric()).collect()
            }
        }
    }

    /// What is asked where the first answers leave no fresh sample of what is needed, and of which
    /// nothing is lost where it fails.
    fn second(&self, replies: &Replies) -> Vec<String> {
        let stale = match &self.of {
            Of::Selector { selector, shape } => self.is_stale(selector, *shape, replies),
            Of::Texts {
                unexposed: Some(text),
                ..
            } => self.compared && is_empty(text, replies),
            Of::Texts {
                unexposed: None, ..
            } => false,
        };
        let mut texts = Vec::new();
        if stale {
            texts.extend(self.latest());
        }
        if let Of::Selector { selector, shape } = &self.of {
            if stale {
                texts.extend([self.earliest(selector), self.scrapes(selector)]);
            }
            if self.is_unlabelled(selector, *shape, replies) {
                texts.push(one_of(selector));
            }
            if !stale {
                texts.extend(self.each(selector, *shape));
            }
        }
        texts
    }

    /// Which values of the label are in use; of a classic histogram with its bounds.
    fn in_use(&self, selector: &str, shape: Shape) -> String {
        let by = match shape {
            Shape::Classic => format!("{}, le", self.by()),
            Shape::Counter | Shape::Gauge | Shape::Native => self.by(),
        };
        format!("count by ({by}) (present_over_time({selector}[{IN_USE}]))")
    }

    /// Which of them are fresh.
    fn fresh(&self, selector: &str) -> String {
        let by = self.by();
        format!("count by ({by}) (present_over_time({selector}[{FRESH}]))")
    }

    /// Each series of a counter of everything, in which copies show: of those that scrape as replicas do,
    /// or of both ends of a connection. What is a part of another column's is not looked at twice.
    fn each(&self, selector: &str, shape: Shape) -> Option<String> {
        let counts = matches!(shape, Shape::Counter | Shape::Classic);
        let whole = matches!(
            self.column,
            Column::Total | Column::Per | Column::Count | Column::Histogram
        );
        (counts && whole).then(|| format!("last_over_time({selector}[{FRESH}])"))
    }

    /// Which of them have anything that can be read.
    fn sound(&self, selector: &str, shape: Shape) -> Option<String> {
        let by = self.by();
        match shape {
            Shape::Gauge => {
                let number = format!("({selector} > -Inf) < Inf");
                Some(format!(
                    "count by ({by}) (({number}) or present_over_time(({number})[{IN_USE}:1m]))"
                ))
            }
            Shape::Native => {
                let number = format!("histogram_count({selector})");
                Some(format!(
                    "count by ({by}) ({number} or present_over_time({number}[{FRESH}:15s]))"
                ))
            }
            // The bounds tell of a classic histogram.
            Shape::Counter | Shape::Classic => None,
        }
    }

    /// When there was a sample last within a week; of queries, to the hour.
    fn latest(&self) -> Option<String> {
        match &self.of {
            Of::Selector { selector, .. } => Some(format!(
                "max by ({}) (max_over_time(timestamp({selector})[7d:5m]))",
                self.by()
            )),
            Of::Texts {
                unexposed: Some(text),
                ..
            } => Some(format!("max(max_over_time(timestamp({text})[7d:1h]))")),
            Of::Texts {
                unexposed: None, ..
            } => None,
        }
    }

    /// When there was a sample first within a day.
    fn earliest(&self, selector: &str) -> String {
        let by = self.by();
        format!("min by ({by}) (min_over_time(timestamp({selector})[1d:5m]))")
    }

    /// How many samples the series with the most of them had within the day.
    fn scrapes(&self, selector: &str) -> String {
        let by = self.by();
        format!("max by ({by}) (count_over_time({selector}[1d]))")
    }

    /// Whether any metric that these queries name is there: before the first user the exposed arm is
    /// absent as expected, but what it is measured by can be there.
    fn any_metric(&self) -> Option<String> {
        let Of::Texts {
            exposed, unexposed, ..
        } = &self.of
        else {
            return None;
        };
        if self.compared {
            return None;
        }
        let names: BTreeSet<String> = exposed
            .iter()
            .chain(unexposed)
            .flat_map(|text| metrics(text))
            .collect();
        let there = |name: String| format!("count(present_over_time({}[{IN_USE}]))", named(&name));
        let texts: Vec<String> = names.into_iter().map(there).collect();
        (!texts.is_empty()).then(|| texts.join(" or "))
    }
}

/// One of the series, for its labels.
fn one_of(selector: &str) -> String {
    format!("topk(1, present_over_time({selector}[{IN_USE}]))")
}

fn is_empty(text: &str, replies: &Replies) -> bool {
    matches!(replies.get(text), Some(Ok(answer)) if answer.series.is_empty())
}

/// The questions of a guardrail, one a column.
fn questions(plan: &Plan, guardrail: &Guardrail) -> Vec<Question> {
    let compared = arms_needed(has_unexposed(plan), Some(guardrail)).contains(&Arm::Unexposed);
    let question = |column, of| Question {
        column,
        label: plan.arms.label.clone(),
        unexposed: plan.arms.unexposed.clone(),
        compared,
        of,
    };
    match &guardrail.metric.source {
        Source::Selectors(columns) => columns
            .iter()
            .map(|(column, selector)| {
                question(
                    *column,
                    of_selector(guardrail.metric.kind, *column, selector),
                )
            })
            .collect(),
        Source::PerArm { exposed, unexposed } => {
            let block = block_of(plan);
            let text = |queries: &[(Column, ArmQuery)], column: Column| {
                let found = queries.iter().find(|(known, _)| *known == column);
                found.map(|(_, query)| filled(query, block))
            };
            let columns: BTreeSet<Column> = exposed
                .iter()
                .chain(unexposed)
                .map(|(column, _)| *column)
                .collect();
            columns
                .into_iter()
                .map(|column| {
                    let of = Of::Texts {
                        exposed: text(exposed, column),
                        unexposed: text(unexposed, column),
                        histogram: column == Column::Histogram,
                    };
                    question(column, of)
                })
                .collect()
        }
    }
}

fn of_selector(kind: Kind, column: Column, selector: &Selector) -> Of {
    match kind {
        // The query of a point is taken as it is.
        Kind::Point { .. } => {
            return Of::Texts {
                exposed: Some(selector.as_str().to_owned()),
                unexposed: None,
                histogram: false,
            };
        }
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Latency { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. } => {}
    }
    let vector = selector.vector();
    let shape = match column {
        Column::Query => Shape::Gauge,
        Column::Histogram if vector.is_classic() => Shape::Classic,
        Column::Histogram => Shape::Native,
        Column::Events | Column::Total | Column::Per | Column::Sum | Column::Count => {
            Shape::Counter
        }
    };
    Of::Selector {
        selector: vector.text(),
        shape,
    }
}

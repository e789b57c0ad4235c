//! Asking each query once, several at a time, and giving up together when nobody is there.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures::StreamExt as _;

use crate::units::Period;

use super::increments::{self, Counter};
use super::query::Question;
use super::reply::Reply;
use super::{Client, Grid, QueryError};

/// Queries in flight. Four to eight connections saturate a server, and its own queue holds 20.
pub(super) const IN_FLIGHT: usize = 8;

/// What makes two questions the same: the counter, or the text, and the length of the blocks.
type Key = (Option<Counter>, String, u32);

fn key(question: &Question, block: Period) -> Key {
    (
        question.counter.clone(),
        question.text.clone(),
        block.seconds(),
    )
}

/// Over which blocks a question is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    /// What a decision needs.
    pub(super) stage: Grid,
    /// What is good to know besides, by groups of instances.
    pub(super) past: Option<Grid>,
}

impl Extent {
    fn union(self, other: Self) -> Self {
        Self {
            stage: self.stage.union(&other.stage),
            past: match (self.past, other.past) {
                (Some(one), Some(other)) => Some(one.union(&other)),
                (one, other) => one.or(other),
            },
        }
    }
}

/// Everything that was answered, by question and block length.
pub(super) struct Answers {
    by_question: BTreeMap<Key, Result<Reply, QueryError>>,
    /// The first error when nothing at all was served.
    pub(super) unserved: Option<QueryError>,
}

impl Answers {
    /// Asks every question at the ends of its blocks.
    pub(super) async fn ask<'a>(
        client: &Client,
        questions: impl Iterator<Item = (&'a Question, Extent)>,
        count: &Count<'_>,
    ) -> Self {
        // Plans that ask the same of different stages share the longer range.
        let mut extents: BTreeMap<Key, Extent> = BTreeMap::new();
        let mut order = Vec::new();
        for (question, extent) in questions {
            let key = key(question, extent.stage.block());
            match extents.get_mut(&key) {
                Some(known) => *known = known.union(extent),
                None => {
                    extents.insert(key.clone(), extent);
                    order.push(key);
                }
            }
        }
        count.more(order.len());
        let gate = Gate::default();
        // A mean's count is read with what its sum has said.
        let (last, first): (Vec<Key>, Vec<Key>) = order
            .into_iter()
            .partition(|(counter, _, _)| counter.as_ref().is_some_and(|one| one.of_sum.is_some()));
        let mut by_question = BTreeMap::new();
        for keys in [first, last] {
            let known = &by_question;
            let (gate, extents) = (&gate, &extents);
            let asked: Vec<_> = futures::stream::iter(keys)
                .map(|key| async move {
                    let asking = reply(client, &key, extents[&key], known);
                    let result = gate.through(client, asking).await;
                    count.answered();
                    (key, result)
                })
                .buffered(IN_FLIGHT)
                .collect()
                .await;
            by_question.extend(asked);
        }
        let served = |result: &Result<Reply, QueryError>| match result {
            Ok(_) => true,
            Err(error) => error.was_served(),
        };
        let unserved = if by_question.values().any(served) {
            None
        } else {
            by_question
                .values()
                .find_map(|result| result.as_ref().err().cloned())
        };
        Self {
            by_question,
            unserved,
        }
    }

    /// The answer to a question, if it was asked.
    pub(super) fn of(
        &self,
        question: &Question,
        grid: &Grid,
    ) -> Option<&Result<Reply, QueryError>> {
        self.by_question.get(&key(question, grid.block()))
    }
}

/// Asks one question. Where the past makes it too much, the stage alone is asked about.
async fn reply(
    client: &Client,
    (counter, text, _): &Key,
    extent: Extent,
    known: &BTreeMap<Key, Result<Reply, QueryError>>,
) -> Result<Reply, QueryError> {
    let Some(counter) = counter else {
        return client.range(text, &extent.stage).await.map(Reply::Answer);
    };
    let sum = counter.of_sum.as_ref().and_then(|sum| {
        let of_sum = |(key, _): &(&Key, _)| key.0.as_ref() == Some(&**sum);
        let (_, reply) = known.iter().find(of_sum)?;
        match reply {
            Ok(Reply::Counted(counted)) => Some(counted.unknown()),
            Ok(Reply::Answer(_)) | Err(_) => None,
        }
    });
    let whole = extent
        .past
        .map_or(extent.stage, |past| extent.stage.union(&past));
    let asked = increments::ask(client, counter, &whole, extent.past.as_ref(), sum).await;
    let counted = match asked {
        Err(
            QueryError::TooLarge { .. }
            | QueryError::Rejected { .. }
            | QueryError::Deadline { .. }
            | QueryError::Busy { .. },
        ) if whole != extent.stage => {
            increments::ask(client, counter, &extent.stage, None, sum).await
        }
        asked => asked,
    };
    counted.map(|counted| Reply::Counted(Box::new(counted)))
}

/// How many queries are answered, for whoever waits. Some are asked for what others have answered, so
/// that the total may grow.
pub(super) struct Count<'a> {
    done: Cell<usize>,
    total: Cell<usize>,
    progress: &'a dyn Fn(usize, usize),
}

impl<'a> Count<'a> {
    pub(super) const fn new(progress: &'a dyn Fn(usize, usize)) -> Self {
        Self {
            done: Cell::new(0),
            total: Cell::new(0),
            progress,
        }
    }

    /// So many more are about to be asked.
    pub(super) fn more(&self, queries: usize) {
        if queries == 0 {
            return;
        }
        self.total.set(self.total.get() + queries);
        (self.progress)(self.done.get(), self.total.get());
    }

    /// One more is answered.
    pub(super) fn answered(&self) {
        self.done.set(self.done.get() + 1);
        (self.progress)(self.done.get(), self.total.get());
    }
}

/// Closes when the server turns out not to be there, so that nobody waits for every query of every
/// plan to find out by itself.
#[derive(Default)]
pub(super) struct Gate {
    served: Cell<bool>,
    error: RefCell<Option<QueryError>>,
}

impl Gate {
    /// Asks, unless it is known that nobody is there.
    pub(super) async fn through<T>(
        &self,
        client: &Client,
        asking: impl Future<Output = Result<T, QueryError>>,
    ) -> Result<T, QueryError> {
        if let Some(error) = self.closed() {
            return Err(error);
        }
        let result = asking.await;
        self.note(&result);
        // One plan's slow queries say nothing about another plan's. Whoever has no time for a constant
        // either has none for anybody.
        if matches!(result, Err(QueryError::Deadline { .. })) && !self.served.get() {
            let constant = client.constant().await;
            self.note(&constant);
            if let Err(error @ QueryError::Deadline { .. }) = constant {
                self.close(&error);
            }
        }
        result
    }

    fn closed(&self) -> Option<QueryError> {
        if self.served.get() {
            return None;
        }
        self.error.borrow().clone()
    }

    fn close(&self, error: &QueryError) {
        self.error.borrow_mut().get_or_insert_with(|| error.clone());
    }

    fn note<T>(&self, result: &Result<T, QueryError>) {
        match result {
            Ok(_) => self.served.set(true),
            Err(QueryError::Rejected { .. } | QueryError::TooLarge { .. }) => self.served.set(true),
            // A slow or failing query says nothing about the next one.
            Err(
                QueryError::Deadline { .. } | QueryError::Broken { .. } | QueryError::Busy { .. },
            ) => {}
            Err(
                error @ (QueryError::Unreachable { .. }
                | QueryError::Refused { .. }
                | QueryError::Redirected { .. }
                | QueryError::NeedsTls { .. }
                | QueryError::NotAnApi { .. }),
            ) => self.close(error),
        }
    }
}

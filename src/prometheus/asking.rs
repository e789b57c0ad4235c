//! Asking each query once, several at a time, and giving up together when nobody is there.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use futures::StreamExt as _;

use super::answer::Answer;
use super::query::Question;
use super::{Client, Grid, QueryError};

/// Queries in flight. Four to eight connections saturate a server, and its own queue holds 20.
pub(super) const IN_FLIGHT: usize = 8;

/// Everything that was answered, by query text and block length.
pub(super) struct Answers {
    by_query: BTreeMap<(String, u32), Result<Answer, QueryError>>,
    /// The first error when nothing at all was served.
    pub(super) unserved: Option<QueryError>,
}

impl Answers {
    /// Asks every question at the ends of its blocks.
    pub(super) async fn ask<'a>(
        client: &Client,
        questions: impl Iterator<Item = (&'a Question, Grid)>,
        count: &Count<'_>,
    ) -> Self {
        // Plans that ask the same of different stages share the longer range.
        let mut ranges: BTreeMap<(String, u32), Grid> = BTreeMap::new();
        let mut order = Vec::new();
        for (question, grid) in questions {
            let key = (question.text.clone(), grid.block().seconds());
            match ranges.get_mut(&key) {
                Some(known) => *known = known.union(&grid),
                None => {
                    ranges.insert(key.clone(), grid);
                    order.push(key);
                }
            }
        }
        count.more(order.len());
        let gate = Gate::default();
        let ranges = &ranges;
        let asked: Vec<_> = futures::stream::iter(order)
            .map(|key| {
                let gate = &gate;
                async move {
                    let asking = client.range(&key.0, &ranges[&key]);
                    let result = gate.through(client, asking).await;
                    count.answered();
                    (key, result)
                }
            })
            .buffered(IN_FLIGHT)
            .collect()
            .await;
        let served = |result: &Result<Answer, QueryError>| match result {
            Ok(_) => true,
            Err(error) => error.was_served(),
        };
        let unserved = if asked.iter().any(|(_, result)| served(result)) {
            None
        } else {
            asked
                .iter()
                .find_map(|(_, result)| result.as_ref().err().cloned())
        };
        Self {
            by_query: asked.into_iter().collect(),
            unserved,
        }
    }

    /// The answer to a question, if it was asked.
    pub(super) fn of(
        &self,
        question: &Question,
        grid: &Grid,
    ) -> Option<&Result<Answer, QueryError>> {
        self.by_query
            .get(&(question.text.clone(), grid.block().seconds()))
    }
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
    pub(super) async fn through(
        &self,
        client: &Client,
        asking: impl Future<Output = Result<Answer, QueryError>>,
    ) -> Result<Answer, QueryError> {
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

    fn note(&self, result: &Result<Answer, QueryError>) {
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

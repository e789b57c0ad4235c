//! Asking each query once, several at a time, and giving up together when nobody is there.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;

use crate::units::Period;

use super::answer::Answer;
use super::increments::{self, Counted, Counter, Purpose, Request, at_ends};
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
    /// Among them or besides: by groups of instances.
    pub(super) past: Option<Grid>,
    /// The part of those over which each instance is added up.
    pub(super) sums: Option<Grid>,
}

impl Extent {
    fn union(self, other: Self) -> Self {
        Self {
            stage: self.stage.union(&other.stage),
            past: match (self.past, other.past) {
                (Some(one), Some(other)) => Some(one.union(&other)),
                (one, other) => one.or(other),
            },
            sums: self.sums,
        }
    }
}

/// A question of one plan or of several, and what came back.
struct Entry {
    extent: Extent,
    /// Of all plans: where each instance is added up, each once.
    sums: Vec<Grid>,
    /// Of all plans: where groups of instances are, each once.
    parts: Vec<Grid>,
    /// How many plans still wait for it.
    wanted: usize,
    reply: Option<Result<Reply, QueryError>>,
}

/// The questions of all plans, each asked once, and what was answered as long as a plan waits for it.
pub(super) struct Answers<'a> {
    client: &'a Client,
    count: &'a Count<'a>,
    purpose: Purpose,
    entries: BTreeMap<Key, Entry>,
    gate: Gate,
}

impl<'a> Answers<'a> {
    /// Nothing is asked yet. Plans that ask the same of different stages share the longer range.
    pub(super) fn new<'q>(
        client: &'a Client,
        purpose: Purpose,
        questions: impl Iterator<Item = (&'q Question, Extent)>,
        count: &'a Count<'a>,
    ) -> Self {
        let mut entries: BTreeMap<Key, Entry> = BTreeMap::new();
        for (question, extent) in questions {
            let entry = entries
                .entry(key(question, extent.stage.block()))
                .and_modify(|known| {
                    known.extent = known.extent.union(extent);
                    known.wanted += 1;
                })
                .or_insert(Entry {
                    extent,
                    sums: Vec::new(),
                    parts: Vec::new(),
                    wanted: 1,
                    reply: None,
                });
            let lists = [&mut entry.sums, &mut entry.parts];
            for (list, grid) in lists.into_iter().zip([extent.sums, extent.past]) {
                if let Some(grid) = grid.filter(|grid| !list.contains(grid)) {
                    list.push(grid);
                }
            }
        }
        count.more(entries.len());
        Self {
            client,
            count,
            purpose,
            entries,
            gate: Gate::default(),
        }
    }

    /// Asks those of these questions that have no answer yet, at the ends of their blocks.
    pub(super) async fn ask<'q>(
        &mut self,
        questions: impl Iterator<Item = (&'q Question, Extent)>,
    ) {
        let mut keys = Vec::new();
        let mut known = BTreeSet::new();
        for (question, extent) in questions {
            let key = key(question, extent.stage.block());
            let open = self
                .entries
                .get(&key)
                .is_some_and(|entry| entry.reply.is_none());
            if open && known.insert(key.clone()) {
                keys.push(key);
            }
        }
        // A mean's count is read with what its sum has said, and events with what their total has.
        let (last, first): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(|(counter, _, _)| {
            let counter = counter.as_ref();
            counter.is_some_and(|one| one.of_sum.is_some() || one.restarts_of.is_some())
        });
        for keys in [first, last] {
            let (client, count, gate) = (self.client, self.count, &self.gate);
            let purpose = self.purpose;
            let entries = &self.entries;
            let asked: Vec<_> = futures::stream::iter(keys)
                .map(|key| async move {
                    let asking = reply(client, purpose, &key, entries);
                    let result = gate.through(client, asking).await;
                    count.answered();
                    (key, result)
                })
                .buffered(IN_FLIGHT)
                .collect()
                .await;
            for (key, reply) in asked {
                if let Some(entry) = self.entries.get_mut(&key) {
                    entry.reply = Some(reply);
                }
            }
        }
    }

    /// The answer to a question, if it was asked.
    pub(super) fn of(
        &self,
        question: &Question,
        grid: &Grid,
    ) -> Option<&Result<Reply, QueryError>> {
        self.entries
            .get(&key(question, grid.block()))?
            .reply
            .as_ref()
    }

    /// The first error of these questions, where none of them was served, nor anything before.
    pub(super) fn unserved<'q>(
        &self,
        questions: impl Iterator<Item = (&'q Question, Extent)>,
    ) -> Option<QueryError> {
        let mut first = None;
        for (question, extent) in questions {
            match self.of(question, &extent.stage) {
                Some(Err(error)) if !error.was_served() && !self.gate.served.get() => {
                    first.get_or_insert_with(|| error.clone());
                }
                Some(_) => return None,
                None => {}
            }
        }
        first
    }

    /// Forgets what no other plan waits for.
    pub(super) fn forget<'q>(&mut self, questions: impl Iterator<Item = (&'q Question, Extent)>) {
        for (question, extent) in questions {
            if let Some(entry) = self.entries.get_mut(&key(question, extent.stage.block())) {
                entry.wanted = entry.wanted.saturating_sub(1);
                if entry.wanted == 0 {
                    entry.reply = None;
                }
            }
        }
    }
}

/// Asks one question. Where the past makes it too much, the stage alone is asked about.
async fn reply(
    client: &Client,
    purpose: Purpose,
    key: &Key,
    entries: &BTreeMap<Key, Entry>,
) -> Result<Reply, QueryError> {
    let (counter, text, block) = key;
    let Entry {
        extent,
        sums,
        parts,
        ..
    } = &entries[key];
    let Some(counter) = counter else {
        return match purpose {
            Purpose::Stage => client.range(text, &extent.stage).await,
            Purpose::Past | Purpose::Split => by_days(client, text, &extent.stage).await,
        }
        .map(Reply::Answer);
    };
    let counted = |other: Option<&Counter>| {
        let other = other?;
        let text = at_ends(&other.selector, Period::from_seconds(*block));
        let other = entries.get(&(Some(other.clone()), text, *block))?;
        match &other.reply {
            Some(Ok(Reply::Counted(counted))) => Some(&**counted),
            Some(Ok(Reply::Answer(_)) | Err(_)) | None => None,
        }
    };
    let whole_of = counted(counter.of_sum.as_deref().or(counter.restarts_of.as_deref()));
    let whole = extent
        .past
        .map_or(extent.stage, |past| extent.stage.union(&past));
    let request = Request {
        counter,
        grid: &whole,
        past: extent.past.as_ref(),
        sums,
        parts,
        unknown: counted(counter.of_sum.as_deref()).map(Counted::unknown),
        restarts: counted(counter.restarts_of.as_deref()).map(Counted::restarts),
        naming: whole_of.and_then(|whole| whole.naming),
        purpose,
    };
    let asked = increments::ask(client, &request).await;
    let answered = match asked {
        Err(
            QueryError::TooLarge { .. }
            | QueryError::Rejected { .. }
            | QueryError::Deadline { .. }
            | QueryError::Busy { .. },
        ) if whole != extent.stage => {
            let request = Request {
                grid: &extent.stage,
                past: None,
                sums: &[],
                parts: &[],
                ..request
            };
            increments::ask(client, &request).await
        }
        asked => asked,
    };
    answered.map(|counted| Reply::Counted(Box::new(counted)))
}

/// Asks in pieces of a day: some servers refuse to work out a week of short steps at once. A series comes once
/// for each.
async fn by_days(client: &Client, text: &str, grid: &Grid) -> Result<Answer, QueryError> {
    const DAY: u32 = 86_400;
    let block = grid.block();
    let most = (DAY / block.seconds().max(1)).max(1) as usize;
    let mut whole = Answer::default();
    for (first, last) in grid.pieces(most) {
        let piece = client
            .range(text, &Grid::of_ends(first, last, block))
            .await?;
        whole.series.extend(piece.series);
        whole.warnings.extend(piece.warnings);
    }
    Ok(whole)
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

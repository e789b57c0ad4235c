//! Asking each query once, several at a time.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt as _;

use crate::units::Period;

use super::answer::Answer;
use super::entries::{Entry, Extent, Key};
use super::gate::Gate;
use super::increments::{self, Counted, Counter, Purpose, Request, at_ends};
use super::pieces::append;
use super::query::Question;
use super::reply::Reply;
use super::{Client, Grid, QueryError};

/// Queries in flight. Four to eight connections saturate a server, and its own queue holds 20.
pub(super) const IN_FLIGHT: usize = 8;

/// The answers of so many plans are held at a time.
pub const PLANS_AT_ONCE: usize = 16;

/// The questions of all plans, each asked once, and what was answered as long as a plan waits for it.
pub(super) struct Answers<'a> {
    client: &'a Client,
    count: &'a Count<'a>,
    purpose: Purpose,
    entries: BTreeMap<Key, Entry>,
    gate: Gate,
}

impl<'a> Answers<'a> {
    /// Nothing is asked yet. Plans that ask the same of stages that overlap share the longer range.
    pub(super) fn new<'q>(
        client: &'a Client,
        purpose: Purpose,
        questions: impl Iterator<Item = (&'q Question, Extent)>,
        count: &'a Count<'a>,
    ) -> Self {
        let mut extents: BTreeMap<Key, Vec<Extent>> = BTreeMap::new();
        for (question, extent) in questions {
            let key = Key {
                first: 0,
                ..Key::of(question, &extent.stage)
            };
            extents.entry(key).or_default().push(extent);
        }
        let entries = extents.into_iter().flat_map(|(key, extents)| {
            Entry::of_all(extents).into_iter().map(move |entry| {
                let first = entry.extent.stage.first();
                let key = key.clone();
                (Key { first, ..key }, entry)
            })
        });
        let entries: BTreeMap<Key, Entry> = entries.collect();
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
            let key = Key::of(question, &extent.stage);
            let found = key.among(&self.entries);
            let open = found.filter(|(_, entry)| entry.reply.is_none());
            if let Some((key, _)) = open
                && known.insert(key.clone())
            {
                keys.push(key.clone());
            }
        }
        // A mean's count is read with what its sum has said, and events with what their total has.
        let (last, first): (Vec<Key>, Vec<Key>) = keys.into_iter().partition(|key| {
            let counter = key.counter.as_ref();
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
        let (_, entry) = Key::of(question, grid).among(&self.entries)?;
        entry.reply.as_ref()
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
            let key = Key::of(question, &extent.stage);
            let found = key.among(&self.entries).map(|(key, _)| key.clone());
            if let Some(entry) = found.and_then(|key| self.entries.get_mut(&key)) {
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
    let Key {
        counter,
        text,
        block,
        first: _,
    } = key;
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
    let counted = |other: Option<&Arc<Counter>>| {
        let other = other?;
        let key = Key {
            text: at_ends(&other.selector, Period::from_seconds(*block)).into(),
            counter: Some(other.clone()),
            block: *block,
            first: extent.stage.first(),
        };
        match &key.among(entries)?.1.reply {
            Some(Ok(Reply::Counted(counted))) => Some(&**counted),
            Some(Ok(Reply::Answer(_)) | Err(_)) | None => None,
        }
    };
    let whole_of = counted(counter.of_sum.as_ref().or(counter.restarts_of.as_ref()));
    let whole = extent
        .past
        .map_or(extent.stage, |past| extent.stage.union(&past));
    let request = Request {
        counter,
        grid: &whole,
        past: extent.past.as_ref(),
        sums,
        parts,
        unknown: counted(counter.of_sum.as_ref()).map(Counted::unknown),
        restarts: counted(counter.restarts_of.as_ref()).map(Counted::restarts),
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

/// Asks in pieces of a day: some servers refuse to work out a week of short steps at once.
async fn by_days(client: &Client, text: &str, grid: &Grid) -> Result<Answer, QueryError> {
    const DAY: u32 = 86_400;
    let block = grid.block();
    let most = (DAY / block.seconds().max(1)).max(1) as usize;
    let (mut whole, mut places) = (Answer::default(), BTreeMap::new());
    for (first, last) in grid.pieces(most) {
        let piece = client
            .range(text, &Grid::of_ends(first, last, block))
            .await?;
        append(&mut whole, &mut places, piece);
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

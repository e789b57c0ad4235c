//! Asks what the increments of one counter need: Q1 of everything, or of what is not kept.

use crate::prometheus::stream::Streamed;
use crate::prometheus::{Client, Grid, QueryError};

use super::bytes;
use super::counted::{Counted, Grouping, Unknown};
use super::follow::{Log, ask_memory, ask_samples, is_about_the_query};
use super::kept::{self, Kept, Times};
use super::marks::Restarts;
use super::query::{Counter, at_ends};
use super::restarts::Found;
use super::source::Source;
use super::store::Store;
use super::sums::add_up;
use super::window::Window;

/// An answer that is too large is asked for in so many pieces of time at most.
const MOST_PIECES: usize = 8;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::prometheus) enum Purpose {
    /// The blocks of a stage.
    Stage,
    /// The past before it.
    Past,
    /// The unexposed arm's own past, to be split into two arms: of each instance by itself.
    Split,
}

impl Purpose {
    const fn grouping(self) -> Grouping {
        match self {
            Self::Stage | Self::Past => Grouping::Alike,
            Self::Split => Grouping::Each,
        }
    }

    /// Its name among what a cache is asked for.
    const fn key(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Past => "past",
            Self::Split => "split",
        }
    }
}

/// What is asked of one counter.
#[derive(Debug, Clone, Copy)]
pub(in crate::prometheus) struct Request<'a> {
    /// Of which counter.
    pub(in crate::prometheus) counter: &'a Counter,
    /// In these blocks.
    pub(in crate::prometheus) grid: &'a Grid,
    /// In those among them by group of instances, too.
    pub(in crate::prometheus) past: Option<&'a Grid>,
    /// In those among the past by instance: one sum each.
    pub(in crate::prometheus) sums: &'a [Grid],
    /// Parts of the past in which increments do not depend on what is asked of the time before.
    pub(in crate::prometheus) parts: &'a [Grid],
    /// Where a mean's sums were no numbers.
    pub(in crate::prometheus) unknown: Option<&'a Unknown>,
    /// By which label another counter of the same processes tells instances apart.
    pub(in crate::prometheus) naming: Option<&'static str>,
    /// What of it is kept is kept apart from what others ask of the same counter.
    pub(in crate::prometheus) purpose: Purpose,
    /// What another counter has told of the restarts of its processes.
    pub(in crate::prometheus) restarts: Option<&'a Restarts>,
}

/// The increments of a counter in these blocks. What a cache holds of them is asked for in part.
///
/// # Errors
/// When the values at the ends of the blocks cannot be had, or nobody answers what follows from them.
pub(in crate::prometheus) async fn ask(
    client: &Client,
    request: &Request<'_>,
) -> Result<Counted, QueryError> {
    let Some(cache) = client.cache() else {
        return Ok(whole(client, request, None).await?.0);
    };
    let window = Window::of(request.grid.block().seconds());
    let key = [
        at_ends(&request.counter.selector, request.grid.block()),
        format!("{} {} {}", window.step, window.look, window.memory),
        format!("{} {}", bytes::VERSION, request.purpose.key()),
    ];
    let kept = cache
        .load(&key)
        .and_then(|kept| bytes::read(&kept, &request.grid.since_before(window.lead())));
    let now = cache.now();
    let answered = answer(client, request, kept, now).await?;
    if answered.is_warm {
        cache.note_use();
    }
    if let Some(kept) = answered.kept {
        cache.store(&key, &kept);
    }
    Ok(answered.counted)
}

/// The increments of a counter, and what is to be kept.
pub(super) struct Answered {
    pub(super) counted: Counted,
    pub(super) kept: Option<Vec<u8>>,
    /// Whether any of it was kept by an earlier run.
    pub(super) is_warm: bool,
}

/// Answers with what is kept and what has changed since, or with everything.
pub(super) async fn answer(
    source: &impl Source,
    request: &Request<'_>,
    kept: Option<Kept>,
    now: i64,
) -> Result<Answered, QueryError> {
    let mut is_behind = false;
    if let Some(mut kept) = kept {
        if kept.is_usable(now) {
            let window = Window::of(request.grid.block().seconds());
            let mut log = Log::default();
            match ask_changes(source, request.counter, &window, &mut kept, &mut log).await {
                // What the server doubts is asked as if nothing were kept.
                Ok(()) if log.warnings.is_empty() => {
                    let before = Some((kept.times, kept.last));
                    let kept = (kept.store, before, now);
                    let (counted, kept) = finish(source, request, kept, log).await?;
                    return Ok(Answered {
                        counted,
                        kept,
                        is_warm: true,
                    });
                }
                Ok(()) => {}
                Err(error) if is_about_the_query(&error) => {}
                Err(error) => return Err(error),
            }
        } else {
            is_behind = kept.reaches_beyond(now);
        }
    }
    let (counted, kept) = whole(source, request, Some(now)).await?;
    Ok(Answered {
        counted,
        kept: kept.filter(|_| !is_behind),
        is_warm: false,
    })
}

/// Asks for everything, as if nothing were kept. What is to be kept is made where it is this late.
async fn whole(
    source: &impl Source,
    request: &Request<'_>,
    now: Option<i64>,
) -> Result<(Counted, Option<Vec<u8>>), QueryError> {
    let window = Window::of(request.grid.block().seconds());
    let mut log = Log::default();
    let mut store = Store::new(request.grid.since_before(window.lead()));
    let grid = store.grid;
    ask_ends(source, request.counter, &grid, &mut store, &mut log).await?;
    match now {
        Some(now) => finish(source, request, (store, None, now), log).await,
        None => {
            let counted = count(source, request, &mut store, &mut log, None).await?;
            Ok((with(counted, log), None))
        }
    }
}

/// Counts, and makes of it what is to be kept.
async fn finish(
    source: &impl Source,
    request: &Request<'_>,
    (mut store, before, now): (Store, Option<(Times, i64)>, i64),
    mut log: Log,
) -> Result<(Counted, Option<Vec<u8>>), QueryError> {
    let counted = count(source, request, &mut store, &mut log, Some(now)).await?;
    let is_sound = !log.is_in_part && log.warnings.is_empty() && store.native == 0;
    store.unmask();
    let kept = kept::extent(&store, before, now)
        .filter(|_| is_sound)
        .map(|(grid, times)| bytes::write(&store, (&grid, times), now));
    Ok((with(counted, log), kept))
}

fn with(mut counted: Counted, log: Log) -> Counted {
    counted.warnings = log.warnings.into_iter().collect();
    counted.queries = log.queries;
    counted
}

/// Asks what follows from the values at the ends of the blocks, and adds up.
async fn count(
    source: &impl Source,
    request: &Request<'_>,
    store: &mut Store,
    log: &mut Log,
    now: Option<i64>,
) -> Result<Counted, QueryError> {
    let window = Window::of(request.grid.block().seconds());
    let counter = request.counter;
    if let Some(unknown) = request.unknown {
        store.mask(unknown);
    }
    kept::recall(store, &window);
    ask_memory(source, counter, &window, store, log, now).await?;
    let mut found = Found::by_ends(store, &window, (request.parts, request.restarts));
    ask_samples(source, counter, &window, store, &found, log).await?;
    found.look_at_samples(store, &window, request.restarts);
    Ok(add_up(
        store,
        counter,
        &window,
        request.grid,
        (request.past, request.purpose.grouping(), request.sums),
        (&found, request.naming),
    ))
}

/// Q1 of the blocks that are new, and of those that late samples may have changed.
async fn ask_changes(
    source: &impl Source,
    counter: &Counter,
    window: &Window,
    kept: &mut Kept,
    log: &mut Log,
) -> Result<(), QueryError> {
    let mut piece = kept.first_piece(window);
    let mut times = 1;
    let mut changed = None;
    loop {
        let old = kept.take_out(&piece);
        ask_ends(source, counter, &piece, &mut kept.store, log).await?;
        let change = kept.first_change(&piece, &old);
        changed = change.or(changed);
        times *= 4;
        match kept.piece_before(&piece, times, window) {
            Some(before) if change.is_some_and(|end| kept.is_early(end, &piece)) => piece = before,
            Some(_) | None => break,
        }
    }
    if let Some(end) = changed {
        kept.forget_from(end);
    }
    Ok(())
}

/// Q1, in pieces where it is too large for one.
async fn ask_ends(
    source: &impl Source,
    counter: &Counter,
    grid: &Grid,
    store: &mut Store,
    log: &mut Log,
) -> Result<(), QueryError> {
    let text = at_ends(&counter.selector, grid.block());
    let mut pieces = 1;
    loop {
        let most = grid.len().div_ceil(pieces);
        let mut full = false;
        let mut take = |streamed: &Streamed<'_>| {
            let taken = store.take(streamed);
            full |= taken.is_break();
            taken
        };
        match source.in_range(&text, grid, most, &mut take).await {
            Err(QueryError::TooLarge { .. }) if full => {
                return Err(QueryError::TooLarge {
                    limit_mib: Store::LIMIT_MIB,
                });
            }
            Err(QueryError::TooLarge { .. }) if pieces < MOST_PIECES && most > 1 => pieces *= 2,
            Err(error) => return Err(error),
            Ok(warnings) => {
                log.warnings.extend(warnings);
                if !log.queries.contains(&text) {
                    log.queries.push(text);
                }
                return Ok(());
            }
        }
    }
}

//! Asks what the increments of one counter need: Q1, and Q2 and Q3 only where something calls for them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::prometheus::stream::Streamed;
use crate::prometheus::{Client, Grid, QueryError};

use super::counted::{Counted, Unknown};
use super::query::{Counter, at_ends, limited, samples_within};
use super::samples::{self, Range};
use super::series::{falls, is_birth};
use super::store::Store;
use super::sums::add_up;
use super::window::Window;

/// An answer that is too large is asked for in so many pieces of time at most.
const MOST_PIECES: usize = 8;

/// Questions about samples that are written down in a record; a crash loop has many that differ by time.
const SHOWN: usize = 3;

/// What was sent, and what the server said besides.
#[derive(Default)]
struct Log {
    warnings: BTreeSet<String>,
    queries: Vec<String>,
}

/// The increments of a counter in these blocks; by instance also over those of the past, which are
/// among them. `unknown` says where a mean's sums were no numbers.
///
/// # Errors
/// When the values at the ends of the blocks cannot be had, or nobody answers what follows from them.
pub(in crate::prometheus) async fn ask(
    client: &Client,
    counter: &Counter,
    grid: &Grid,
    past: Option<&Grid>,
    unknown: Option<&Unknown>,
) -> Result<Counted, QueryError> {
    let window = Window::of(grid.block().seconds());
    let mut log = Log::default();
    let mut store = Store::new(grid.since_before(window.lead()));
    ask_ends(client, counter, &mut store, &mut log).await?;
    if let Some(unknown) = unknown {
        store.mask(unknown);
    }
    ask_memory(client, counter, &window, &mut store, &mut log).await?;
    ask_samples(client, counter, &window, &mut store, &mut log).await?;
    let mut counted = add_up(&store, counter, &window, grid, past);
    counted.warnings = log.warnings.into_iter().collect();
    counted.queries = log.queries;
    Ok(counted)
}

/// Q1, in pieces where it is too large for one.
async fn ask_ends(
    client: &Client,
    counter: &Counter,
    store: &mut Store,
    log: &mut Log,
) -> Result<(), QueryError> {
    let text = at_ends(&counter.selector, store.grid.block());
    let grid = store.grid;
    let mut pieces = 1;
    loop {
        let most = grid.len().div_ceil(pieces);
        let mut full = false;
        let mut take = |streamed: &Streamed<'_>| {
            let taken = store.take(streamed);
            full |= taken.is_break();
            taken
        };
        match client.each_in_range(&text, &grid, most, &mut take).await {
            Err(QueryError::TooLarge { .. }) if full => {
                return Err(QueryError::TooLarge {
                    limit_mib: Store::LIMIT_MIB,
                });
            }
            Err(QueryError::TooLarge { .. }) if pieces < MOST_PIECES && most > 1 => pieces *= 2,
            Err(error) => return Err(error),
            Ok(warnings) => {
                log.warnings.extend(warnings);
                log.queries.push(text);
                return Ok(());
            }
        }
    }
}

/// Q2, where series were first seen in the stage. Where the server refuses it, they count as seen: a
/// whole count that is no news would be a spike.
async fn ask_memory(
    client: &Client,
    counter: &Counter,
    window: &Window,
    store: &mut Store,
    log: &mut Log,
) -> Result<(), QueryError> {
    let born: Vec<usize> = (0..store.series.len())
        .filter(|place| is_birth(window, &store.series[*place].values))
        .collect();
    let before = store.grid.before(window.before_lead());
    if born.is_empty() || before.is_empty() {
        return Ok(());
    }
    let labels = samples::narrowed(store, &born);
    let text = at_ends(&limited(&counter.selector, &labels), before.block());
    let mut take = |streamed: &Streamed<'_>| {
        store.remember(streamed);
        ControlFlow::Continue(())
    };
    let asked = client.each_in_range(&text, &before, usize::MAX, &mut take);
    match asked.await {
        Ok(warnings) => {
            log.warnings.extend(warnings);
            log.queries.push(text);
        }
        Err(error) if is_about_the_query(&error) => {
            for place in born {
                store.series[place].seen_before = Some(1);
            }
            log.queries.push(format!(
                "{text} # not answered: failed to {error}; series that are new count from their second block on"
            ));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Q3, where series fell. Where the server refuses it, these blocks are counted by their ends.
async fn ask_samples(
    client: &Client,
    counter: &Counter,
    window: &Window,
    store: &mut Store,
    log: &mut Log,
) -> Result<(), QueryError> {
    let fallen = store.series.iter().enumerate().flat_map(|(place, series)| {
        falls(window, &series.values)
            .into_iter()
            .map(move |blocks| (place, blocks))
    });
    let (ranges, whole) = samples::ranges(fallen, window.step);
    let mut shown = 0;
    let mut refused = None;
    for range in ranges {
        let text = match ask_range(client, counter, window, &range, store, log).await {
            Ok(text) => text,
            Err(error) if is_about_the_query(&error) => {
                refused = Some(error.to_string());
                continue;
            }
            Err(error) => return Err(error),
        };
        shown += 1;
        if shown <= SHOWN {
            log.queries.push(text);
        }
    }
    let why = match refused {
        Some(error) => Some(format!("failed to {error}")),
        None if !whole => Some("too many series fall too often".to_owned()),
        None => None,
    };
    if let Some(why) = why {
        log.queries.push(format!(
            "# not all samples after falls were asked for: {why}; those blocks are counted by their ends"
        ));
    }
    store.order_samples();
    Ok(())
}

async fn ask_range(
    client: &Client,
    counter: &Counter,
    window: &Window,
    range: &Range,
    store: &mut Store,
    log: &mut Log,
) -> Result<String, QueryError> {
    let series: Vec<usize> = range.series.iter().copied().collect();
    let labels = samples::narrowed(store, &series);
    let seconds = window.seconds(range.last - range.first + 1);
    let text = samples_within(&limited(&counter.selector, &labels), seconds);
    let end = store.grid.ends().nth(range.last).unwrap_or(0);
    let mut take = |streamed: &Streamed<'_>| {
        store.sample(streamed);
        ControlFlow::Continue(())
    };
    let warnings = client.each_at(&text, end, &mut take).await?;
    log.warnings.extend(warnings);
    Ok(text)
}

/// Whether another question may be answered where this one is not.
const fn is_about_the_query(error: &QueryError) -> bool {
    match error {
        QueryError::Rejected { .. }
        | QueryError::TooLarge { .. }
        | QueryError::Deadline { .. }
        | QueryError::Busy { .. } => true,
        QueryError::Unreachable { .. }
        | QueryError::Broken { .. }
        | QueryError::Refused { .. }
        | QueryError::Redirected { .. }
        | QueryError::NeedsTls { .. }
        | QueryError::NotAnApi { .. } => false,
    }
}

//! Asks what follows from the values at block ends: Q2 and Q3, only where something calls for them.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::prometheus::QueryError;
use crate::prometheus::stream::Streamed;

use super::kept;
use super::query::{Counter, at_ends, limited, samples_within};
use super::restarts::Found;
use super::samples::{self, Range};
use super::series::{By, increments, is_birth};
use super::source::Source;
use super::store::Store;
use super::window::Window;

/// Questions about samples that are written down in a record; a crash loop has many that differ by time.
const SHOWN: usize = 3;

/// Blocks of one series that are asked for at a time.
const MOST_BLOCKS: usize = 288;

/// What was sent, and what the server said besides.
#[derive(Default)]
pub(super) struct Log {
    pub(super) warnings: BTreeSet<String>,
    pub(super) queries: Vec<String>,
    /// Something was not answered, and was counted by a rule that needs less.
    pub(super) is_in_part: bool,
}

/// Q2, where series were first seen in the stage. Where the server refuses it, they count as seen: a
/// whole count that is no news would be a spike.
pub(super) async fn ask_memory(
    source: &impl Source,
    counter: &Counter,
    window: &Window,
    store: &mut Store,
    log: &mut Log,
    now: Option<i64>,
) -> Result<(), QueryError> {
    let born: Vec<usize> = (0..store.series.len())
        .filter(|place| is_birth(window, store.values(&store.series[*place])))
        .filter(|place| !kept::is_recalled(store, *place, window))
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
    let asked = source.in_range(&text, &before, usize::MAX, &mut take);
    match asked.await {
        Ok(warnings) => {
            if let Some(now) = now {
                kept::keep_memory(store, &born, window, now);
            }
            log.warnings.extend(warnings);
            log.queries.push(text);
        }
        Err(error) if is_about_the_query(&error) => {
            log.is_in_part = true;
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

/// Q3, where processes began anew. Where the server refuses it, these blocks are counted by their ends.
pub(super) async fn ask_samples(
    source: &impl Source,
    counter: &Counter,
    window: &Window,
    store: &mut Store,
    found: &Found,
    log: &mut Log,
) -> Result<(), QueryError> {
    let ranges = |only_restarts: bool| {
        let all = (0..store.series.len()).flat_map(|place| {
            let wanted = wanted(store, window, (place, found), only_restarts);
            wanted.map(move |blocks| (place, blocks))
        });
        samples::ranges(all, window.step)
    };
    let (mut asked, whole) = ranges(false);
    if !whole {
        // Of too many restarts each one's own block matters more than what comes after some.
        let (restarts, all) = ranges(true);
        if all {
            asked = restarts;
        }
    }
    let mut shown = 0;
    let mut refused = None;
    for range in asked {
        let text = match ask_range(source, counter, window, &range, store, log).await {
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
        None if !whole => Some("too many processes were restarted too often".to_owned()),
        None => None,
    };
    if let Some(why) = why {
        log.is_in_part = true;
        log.queries.push(format!(
            "# not all samples after falls were asked for: {why}; those blocks are counted by their ends"
        ));
    }
    store.order_samples();
    Ok(())
}

/// The blocks of a series, first and last, whose samples count and are not known, or of those the blocks of
/// restarts, each run of them.
fn wanted(
    store: &Store,
    window: &Window,
    (place, found): (usize, &Found),
    only_restarts: bool,
) -> impl Iterator<Item = (usize, usize)> + use<> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let known = found.known(store, place);
    // Samples count around falls alone, and most processes have none.
    if known.marks.falls.is_empty() {
        return runs.into_iter();
    }
    increments(window, known, |block, _, by| {
        let block = block + window.lead();
        if only_restarts && !known.marks.falls_within(window, block) {
            return;
        }
        let apart = if only_restarts { 1 } else { window.tail };
        match by {
            By::Ends | By::Samples(_) => {}
            By::Unsampled | By::Want => match runs.last_mut() {
                Some((first, last)) if block - *last <= apart && block - *first < MOST_BLOCKS => {
                    *last = block
                }
                Some(_) | None => runs.push((block, block)),
            },
        }
    });
    runs.into_iter()
}

async fn ask_range(
    source: &impl Source,
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
    let warnings = source.samples_at(&text, end, &mut take).await?;
    log.warnings.extend(warnings);
    Ok(text)
}

/// Whether another question may be answered where this one is not.
pub(in crate::prometheus) const fn is_about_the_query(error: &QueryError) -> bool {
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

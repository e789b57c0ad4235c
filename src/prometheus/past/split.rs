//! Asks for the unexposed arm's own past, of each slot of instances by itself: what two arms without a
//! difference are made of. How that is done is not known here.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::plan::{Guardrail, Plan};
use crate::prometheus::asking::{Answers, Count};
use crate::prometheus::collect::{COPIED, looked_at};
use crate::prometheus::counters;
use crate::prometheus::entries::Extent;
use crate::prometheus::fold::Asked;
use crate::prometheus::increments::{Purpose, is_about_the_query};
use crate::prometheus::reply::Reply;
use crate::prometheus::{Client, Grid, QueryError};
use crate::snapshot::{SlotBlocks, SlotPast, SlotSeries, Unsplit};
use crate::units::{Instant, Period};

use super::bounds::bounded;
use super::filled::{filled, lives_of, naming_of};
use super::size::is_too_much;
use super::slots::{Lives, slots};
use super::wanted::{BLOCK, SETTLE, Wanted, days_of};

/// Where a server has no time for all of it, so many days are asked for, and one before them.
const FEWER_DAYS: i64 = 2;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SlotRequest<'a> {
    /// Whose guardrails.
    pub plan: &'a Plan,
    /// The arms are to be followed from here.
    pub from: Instant,
    /// To here.
    pub to: Instant,
    /// In blocks of these lengths.
    pub blocks: &'a [Period],
}

/// The unexposed arm's past by slot. `progress` as in [`super::super::collect`].
///
/// # Errors
/// When the server serves none of the questions.
pub async fn ask_slots(
    client: &Client,
    request: &SlotRequest<'_>,
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Result<SlotPast, QueryError> {
    let count = Count::new(progress);
    let plan = request.plan;
    let looks_back = |guardrail: &Guardrail| days_of(guardrail, &plan.arms);
    let days = plan.guardrails.iter().filter_map(looks_back).max();
    let whole = Span {
        from: request.from,
        to: request.to.min(now - COPIED - SETTLE),
        days: days.unwrap_or(0),
    };
    let past = within(client, request, whole, (now, &count), Held::Looked).await?;
    let past = match past {
        Some((past, false)) => return Ok(past),
        Some((past, true)) => Some(past),
        None => None,
    };
    let fewer = Span {
        from: whole.from.max(whole.to - TimeDelta::days(FEWER_DAYS)),
        days: 1,
        ..whole
    };
    let again = within(client, request, fewer, (now, &count), Held::Assumed).await?;
    let again = again.map(|(again, _)| again);
    let left_out = |past: &SlotPast| past.left_out.len();
    // What is too much of all of it may be as much of a part.
    let best = [again, past].into_iter().flatten().min_by_key(left_out);
    Ok(best.unwrap_or_default())
}

/// Whether it can be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// It is looked at first.
    Looked,
    /// It is found out.
    Assumed,
}

/// Over which time.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Instant,
    to: Instant,
    /// Days of history before it.
    days: i64,
}

impl Span {
    /// The blocks of the history first.
    fn grids(&self, blocks: &[Period]) -> Vec<Grid> {
        let since = self.from - TimeDelta::days(self.days);
        let mut grids = vec![Grid::new(since, self.to, BLOCK)];
        let others = blocks.iter().filter(|block| **block != BLOCK);
        grids.extend(others.map(|block| Grid::new(self.from, self.to, *block)));
        grids
    }
}

/// What was found within this time, and whether too much was asked; `None` where it was not asked, since it
/// is too much.
async fn within(
    client: &Client,
    request: &SlotRequest<'_>,
    span: Span,
    (now, count): (Instant, &Count<'_>),
    held: Held,
) -> Result<Option<(SlotPast, bool)>, QueryError> {
    let plan = request.plan;
    let grids = span.grids(request.blocks);
    let mut named: Vec<(usize, &Guardrail)> = Vec::new();
    let mut wanted: Vec<Wanted> = Vec::new();
    for (place, grid) in grids.iter().enumerate() {
        for guardrail in &plan.guardrails {
            if let Some(one) = Wanted::within(guardrail, &plan.arms, *grid) {
                named.push((place, guardrail));
                wanted.push(one);
            }
        }
    }
    let wanted = bounded(client, wanted, count).await;
    if held == Held::Looked && is_too_much(client, &wanted, count).await {
        return Ok(None);
    }
    let questions = || {
        let all = wanted.iter().filter(|one| !one.grid.is_empty());
        all.flat_map(|one| {
            one.questions()
                .iter()
                .map(|question| (question, of(&one.grid)))
        })
    };
    let mut answers = Answers::new(client, Purpose::Split, questions(), count);
    answers.ask(questions()).await;
    if let Some(error) = answers.unserved(questions()) {
        return Err(error);
    }
    let counted = questions().map(|(question, extent)| {
        let counted = match answers.of(question, &extent.stage) {
            Some(Ok(Reply::Counted(counted))) => Some(&**counted),
            Some(Ok(Reply::Answer(_)) | Err(_)) | None => None,
        };
        (question, &plan.arms, counted)
    });
    let mut scraped = BTreeMap::new();
    counters::look(client, counted, now, &mut scraped, count).await;
    let mut lives = Lives::new();
    let mut was_refused = false;
    let mut label = None;
    for one in &wanted {
        let asked = asked_of(one, &answers);
        was_refused |= asked
            .iter()
            .any(|(_, reply)| reply.as_ref().is_err_and(is_about_the_query));
        label = label.or_else(|| naming_of(&asked, &one.grid));
        for (name, (first, last)) in lives_of(&asked, &one.grid) {
            let life = lives.entry(name).or_insert((first, last));
            *life = (life.0.min(first), life.1.max(last));
        }
    }
    let (slot_of, slots) = slots(&lives);
    let mut parts: Vec<SlotBlocks> = grids.iter().map(blocks).collect();
    let mut left_out: BTreeMap<String, Unsplit> = BTreeMap::new();
    for ((place, guardrail), one) in named.into_iter().zip(&wanted) {
        let name = &guardrail.name;
        let asked = asked_of(one, &answers);
        match filled(one, &asked, (&slot_of, slots)) {
            Ok(series) => {
                let seen = looked_at(one.questions(), &plan.arms, &scraped);
                let series = SlotSeries {
                    scrape_seconds: seen.iter().filter_map(|(_, one)| one.every).max(),
                    ..series
                };
                parts[place].guardrails.insert(name.clone(), series);
            }
            Err(why) => {
                left_out.entry(name.clone()).or_insert(why);
            }
        }
    }
    for part in &mut parts {
        part.guardrails
            .retain(|name, _| !left_out.contains_key(name));
    }
    let (from, to) = known(&parts, span);
    let past = SlotPast {
        from,
        to,
        source: client.source().to_owned(),
        slots,
        instances: lives.len(),
        label: label.map(str::to_owned),
        parts,
        left_out,
    };
    Ok(Some((past, was_refused)))
}

/// From where to where every guardrail can be followed, with some history before it: where the data begin
/// late, a day of them, or a quarter of what there is.
fn known(parts: &[SlotBlocks], span: Span) -> (Instant, Instant) {
    const DAY: i64 = 86_400;
    let (mut from, mut to) = (span.from.timestamp(), span.to.timestamp());
    for part in parts {
        for series in part.guardrails.values() {
            let Some((first, last)) = series.known() else {
                continue;
            };
            let (first, last) = (part.ends[first], part.ends[last]);
            if part.block == BLOCK {
                let history = ((last - first) / 4).min(DAY);
                from = from.max(first + history);
            }
            to = to.min(last);
        }
    }
    let at =
        |second: i64, unchanged: Instant| Instant::from_timestamp(second, 0).unwrap_or(unchanged);
    (at(from, span.from), at(to, span.to))
}

fn asked_of<'n>(wanted: &'n Wanted, answers: &'n Answers<'_>) -> Vec<Asked<'n>> {
    let questions = wanted.questions().iter();
    questions
        .filter_map(|question| Some((question, answers.of(question, &wanted.grid)?)))
        .collect()
}

/// All of it by instance.
const fn of(grid: &Grid) -> Extent {
    Extent {
        stage: *grid,
        past: Some(*grid),
        sums: None,
    }
}

fn blocks(grid: &Grid) -> SlotBlocks {
    SlotBlocks {
        block: grid.block(),
        ends: grid.ends().collect(),
        guardrails: BTreeMap::new(),
    }
}

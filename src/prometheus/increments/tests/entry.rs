//! The past is told alike when a stage is entered, from its record, and by a server that is asked later.

use std::sync::Arc;

use super::super::marks::Restarts;
use super::*;
use crate::plan::Column;
use crate::prometheus::QueryError;
use crate::prometheus::past::during;
use crate::prometheus::query::{Question, Shape, Speaks};
use crate::prometheus::reply::Reply;
use crate::snapshot::{AskedHistory, EntryHistory, History};
use crate::units::{Digest, Instant};

/// Nothing arrives late: what is read from a record is what the server said at the entry.
fn punctual(dice: &mut Dice, scrape: i64) -> Server {
    let mut server = server(dice, scrape);
    for (labels, samples) in &mut server.series {
        labels.retain(|(name, _)| *name != "le");
        for sample in samples {
            sample.known_ms = sample.at_ms;
            // Fractions, whose sums depend on their order.
            sample.value *= 0.1;
        }
    }
    server
}

fn question(column: Column, block: Period) -> Question {
    let selector = Selector::parse(&format!("{}_total", column.key())).unwrap();
    let selector = selector.vector().clone();
    Question {
        column,
        speaks: Speaks::OfBoth,
        shape: Shape::Number,
        text: at_ends(&selector, block).into(),
        selector: Some(selector.clone().into()),
        counter: Some(Arc::new(Counter {
            selector,
            by_bound: false,
            ..counter()
        })),
    }
}

/// What these servers tell of the past.
fn told(servers: &[Server], questions: &[Question], past: &Grid) -> Option<History> {
    // What the total tells of restarts is read with the events.
    let one = |place: usize, restarts: Option<&Restarts>| {
        let request = Request {
            counter: questions[place].counter.as_ref().unwrap(),
            grid: past,
            past: Some(past),
            sums: &[*past],
            parts: &[*past],
            unknown: None,
            naming: None,
            purpose: Purpose::Past,
            restarts,
        };
        ask_now(&servers[place], &request, None).counted
    };
    let total = one(1, None);
    let events = one(0, Some(total.restarts()));
    let replies: Vec<Result<Reply, QueryError>> = [events, total]
        .map(|counted| Ok(Reply::Counted(Box::new(counted))))
        .into();
    during(&questions.iter().zip(&replies).collect::<Vec<_>>(), past)
}

fn instant(seconds: i64) -> Instant {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap()
}

/// Through the bytes of a record and back.
fn recorded(history: &History, entered_at: Instant, block: Period) -> History {
    let asked = AskedHistory::of(Digest::of(b"questions"), Some(history), None, block);
    let kept = EntryHistory {
        asked_at: entered_at,
        source: String::new(),
        entered_at,
        block,
        guardrails: [("errors".to_owned(), asked)].into(),
    };
    let text = kept.to_json().to_string();
    let read = EntryHistory::read(&serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(read, kept);
    read.guardrails["errors"].history().unwrap()
}

/// Whether there was a history at all.
fn told_alike(seed: u64, block: i64, scrape: i64) -> bool {
    let mut dice = Dice(seed);
    let block = Period::from_seconds(u32::try_from(block).unwrap());
    let mut servers = [punctual(&mut dice, scrape), punctual(&mut dice, scrape)];
    let questions = [Column::Events, Column::Total].map(|column| question(column, block));
    let entered = START + dice.between(-4 * HOUR, 8 * HOUR);
    let now = entered + dice.between(2 * HOUR, 10 * HOUR);
    let past = blocks(entered - 24 * HOUR, entered - 60, block);

    servers.iter_mut().for_each(|server| server.now = entered);
    let at_the_entry = told(&servers, &questions, &past);
    servers.iter_mut().for_each(|server| server.now = now);
    assert_eq!(told(&servers, &questions, &past), at_the_entry);
    if let Some(told) = &at_the_entry {
        assert_eq!(recorded(told, instant(entered), block), *told);
    }
    at_the_entry.is_some()
}

#[test]
fn what_was_asked_at_the_entry_is_what_is_told_later_and_what_a_record_keeps() {
    let mut told = 0;
    for seed in 0..12 {
        for (block, scrape) in [(60, 30), (300, 60), (3_600, 120)] {
            told += usize::from(told_alike(seed, block, scrape));
        }
    }
    assert!(told > 20, "{told} of 36 had a history");
}

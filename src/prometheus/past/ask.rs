//! Asks for the past of guardrails: of all of them what they share once.

use crate::prometheus::asking::{Answers, Count, Extent};
use crate::prometheus::fold::Asked;
use crate::prometheus::increments::{Purpose, is_about_the_query};
use crate::prometheus::query::Question;
use crate::prometheus::{Client, Grid};
use crate::snapshot::Unsplit;

use super::bounds::bounded;
use super::found::Found;
use super::size::fitting;
use super::wanted::{How, Wanted};
use super::{groups, level};

/// What was found of each of these, in order.
pub(in crate::prometheus) async fn ask(
    client: &Client,
    wanted: &[Wanted],
    count: &Count<'_>,
) -> Vec<Found> {
    let wanted = bounded(client, wanted, count).await;
    let wanted = fitting(client, &wanted, count).await;
    let (mut found, too_much) = asked(client, &wanted, count).await;
    // What is too much of a week may not be of a day.
    let places: Vec<usize> = (0..found.len()).filter(|place| too_much[*place]).collect();
    let days: Vec<Wanted> = places
        .iter()
        .map(|place| wanted[*place].of_a_day())
        .collect();
    if !days.is_empty() {
        let (again, _) = asked(client, &days, count).await;
        for (place, again) in places.into_iter().zip(again) {
            found[place] = again;
        }
    }
    found
}

/// What was found, and of which too much was asked.
async fn asked(client: &Client, wanted: &[Wanted], count: &Count<'_>) -> (Vec<Found>, Vec<bool>) {
    let questions = || {
        let all = wanted.iter().filter(|one| !one.grid.is_empty());
        all.flat_map(|one| {
            one.questions()
                .iter()
                .map(|question| (question, extent(&one.grid)))
        })
    };
    let mut answers = Answers::new(client, Purpose::Past, questions(), count);
    answers.ask(questions()).await;
    let too_much = |wanted: &Wanted| {
        let mut replies = wanted
            .questions()
            .iter()
            .filter_map(|one| answers.of(one, &wanted.grid));
        replies.any(|reply| reply.as_ref().is_err_and(is_about_the_query))
    };
    (
        wanted.iter().map(|one| read(one, &answers)).collect(),
        wanted.iter().map(too_much).collect(),
    )
}

/// All of it in groups, and what instances add up to.
fn extent(grid: &Grid) -> Extent {
    Extent {
        stage: *grid,
        past: Some(*grid),
        sums: Some(*grid),
    }
}

fn read(wanted: &Wanted, answers: &Answers<'_>) -> Found {
    let grid = &wanted.grid;
    if grid.is_empty() {
        return Found::of(Err(Unsplit::NothingBefore));
    }
    let of = |question| -> Option<Asked<'_>> { Some((question, answers.of(question, grid)?)) };
    let asked: Option<Vec<Asked<'_>>> = wanted.questions().iter().map(of).collect();
    let Some(asked) = asked.filter(|asked| asked.iter().all(|(_, reply)| reply.is_ok())) else {
        return Found::of(Err(Unsplit::NotAnswered));
    };
    let of_level = |question: &Question, is_split| {
        let answer = answers.of(question, grid);
        answer.map_or_else(Found::default, |answer| level::read(answer, grid, is_split))
    };
    match &wanted.how {
        How::Unsplit(why) => Found::of(Err(*why)),
        How::Groups(_) => Found::of(groups::read(&asked, grid)),
        How::Halves(_) => Found::of(groups::read(&asked, grid).map(groups::halved)),
        How::Buckets(..) => Found::of(groups::read_buckets(&asked, grid)),
        How::Levels(question) => of_level(question, true),
        How::Level(question) => of_level(question, false),
    }
}

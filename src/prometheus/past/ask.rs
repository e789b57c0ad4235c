//! Asks for the past of guardrails: of all of them what they share once.

use std::ops::Range;

use crate::prometheus::asking::{Answers, Count};
use crate::prometheus::entries::Extent;
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

/// The pasts that are wanted of several plans. What plans share is asked for once, and an answer is held as
/// long as a plan waits for it.
pub(in crate::prometheus) struct Pasts<'a> {
    client: &'a Client,
    count: &'a Count<'a>,
    wanted: Vec<Wanted>,
    /// Which of them each plan wants.
    of_plan: Vec<Range<usize>>,
    answers: Answers<'a>,
}

impl<'a> Pasts<'a> {
    /// What each plan wants.
    pub(in crate::prometheus) async fn of(
        client: &'a Client,
        plans: impl Iterator<Item = Vec<Wanted>>,
        count: &'a Count<'a>,
    ) -> Self {
        let mut wanted = Vec::new();
        let of_plan = plans.map(|more| {
            let begin = wanted.len();
            wanted.extend(more);
            begin..wanted.len()
        });
        let of_plan = of_plan.collect();
        let wanted = bounded(client, wanted, count).await;
        let wanted = fitting(client, wanted, count).await;
        let answers = Answers::new(client, Purpose::Past, questions(&wanted), count);
        Self {
            client,
            count,
            wanted,
            of_plan,
            answers,
        }
    }

    /// What was found for these plans, in order. What is not asked for again is forgotten.
    pub(in crate::prometheus) async fn find(&mut self, plans: &[usize]) -> Vec<Vec<Found>> {
        let of_plan = |plan: &usize| self.of_plan.get(*plan).cloned().unwrap_or_default();
        let wanted = |plan: &usize| &self.wanted[of_plan(plan)];
        let some: Vec<Wanted> = plans.iter().flat_map(wanted).cloned().collect();
        let lengths: Vec<usize> = plans.iter().map(|plan| of_plan(plan).len()).collect();
        self.answers.ask(questions(&some)).await;
        let mut found: Vec<Found> = some.iter().map(|one| read(one, &self.answers)).collect();
        // What is too much of a week may not be of a day.
        let places: Vec<usize> = (0..some.len())
            .filter(|place| is_too_much(&some[*place], &self.answers))
            .collect();
        self.answers.forget(questions(&some));
        let days: Vec<Wanted> = places.iter().map(|place| some[*place].of_a_day()).collect();
        let mut answers = Answers::new(self.client, Purpose::Past, questions(&days), self.count);
        answers.ask(questions(&days)).await;
        for (place, day) in places.into_iter().zip(&days) {
            found[place] = read(day, &answers);
        }
        let mut found = found.into_iter();
        let of_plan = lengths.into_iter();
        of_plan
            .map(|length| found.by_ref().take(length).collect())
            .collect()
    }
}

/// What is asked for these pasts.
fn questions(wanted: &[Wanted]) -> impl Iterator<Item = (&Question, Extent)> {
    let wanted = wanted.iter().filter(|one| !one.grid.is_empty());
    wanted.flat_map(|one| {
        let questions = one.questions().iter();
        questions.map(|question| (question, extent(&one.grid)))
    })
}

/// Whether the server could not tell so much.
fn is_too_much(wanted: &Wanted, answers: &Answers<'_>) -> bool {
    let questions = wanted.questions().iter();
    let mut replies = questions.filter_map(|one| answers.of(one, &wanted.grid));
    replies.any(|reply| reply.as_ref().is_err_and(is_about_the_query))
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

//! What a plan's queries return right now, and what is wrong with it: for `rollout doctor -v`, before
//! and during a rollout.

use futures::StreamExt as _;

use crate::plan::{Column, Guardrail, Plan};
use crate::units::{Instant, Period};

use super::answer::Returned;
use super::asking::{Count, IN_FLIGHT};
use super::fold::{Asked, fold};
use super::increments::{self, Counted, Purpose, Request};
use super::query::{Question, assigned, questions};
use super::reply::Reply;
use super::request::{arms_needed, focus, has_unexposed};
use super::{Client, Grid, QueryError, absence, block_of};

/// Blocks that are looked at: enough to see whether something moves.
const BLOCKS: u32 = 12;

/// One query with what came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// The guardrail's name; `assignment` for the assignment.
    pub guardrail: String,
    /// The column that it is for.
    pub column: Column,
    /// PromQL as it was sent.
    pub query: String,
    /// The series that came back, one point a block.
    pub series: Vec<Returned>,
    /// What is wrong, with what to do about it. Empty when all is well.
    pub problems: Vec<String>,
}

/// Asks the queries of one guardrail, or of all, over the latest blocks. Works for pending plans
/// too, which is when it is needed most. `progress` is told (done, total) as the
/// queries are asked and answered.
///
/// # Errors
/// When the server served none of the queries.
pub async fn inspect(
    client: &Client,
    plan: &Plan,
    guardrail: Option<&str>,
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Result<Vec<Inspection>, QueryError> {
    let block = block_of(plan);
    let span = Period::from_seconds(block.seconds().saturating_mul(BLOCKS));
    let grid = Grid::new(now - span.delta(), now, block);
    let mut asked: Vec<(String, Option<&Guardrail>, Question)> = Vec::new();
    let wanted = |name: &str| guardrail.is_none_or(|wanted| wanted == name);
    for one in plan.guardrails.iter().filter(|one| wanted(&one.name)) {
        asked.extend(
            questions(one, &plan.arms, block)
                .into_iter()
                .map(|question| (one.name.clone(), Some(one), question)),
        );
    }
    if let (Some(assignment), true) = (&plan.assignment, wanted("assignment")) {
        let question = assigned(&assignment.users, &plan.arms, block);
        asked.push(("assignment".into(), None, question));
    }
    let count = Count::new(progress);
    count.more(asked.len());
    let results: Vec<_> = futures::stream::iter(asked)
        .map(|(name, guardrail, question)| {
            let (grid, count) = (&grid, &count);
            async move {
                let looked = look(client, plan, name, guardrail, &question, grid, now).await;
                count.answered();
                looked
            }
        })
        .buffered(IN_FLIGHT)
        .collect()
        .await;
    // Some queries that were not served are problems of theirs; all of them are one error.
    if let Some(Err((_, first))) = results.first()
        && results.iter().all(Result::is_err)
    {
        return Err(first.clone());
    }
    Ok(results
        .into_iter()
        .map(|result| match result {
            Ok(inspection) | Err((inspection, _)) => inspection,
        })
        .collect())
}

/// Asks one query.
async fn look(
    client: &Client,
    plan: &Plan,
    name: String,
    guardrail: Option<&Guardrail>,
    question: &Question,
    grid: &Grid,
    now: Instant,
) -> Result<Inspection, (Inspection, QueryError)> {
    let answer = match &question.counter {
        None => client.range(&question.text, grid).await.map(Reply::Answer),
        Some(counter) => {
            let request = Request {
                counter,
                grid,
                past: None,
                sums: &[],
                parts: &[],
                unknown: None,
                restarts: None,
                naming: None,
                purpose: Purpose::Stage,
            };
            // What a check reads first, too.
            let other = match &counter.restarts_of {
                Some(other) => {
                    let counter = other;
                    increments::ask(client, &Request { counter, ..request })
                        .await
                        .ok()
                }
                None => None,
            };
            let request = Request {
                unknown: other
                    .as_ref()
                    .filter(|_| counter.of_sum.is_some())
                    .map(Counted::unknown),
                restarts: other.as_ref().map(Counted::restarts),
                ..request
            };
            let counted = increments::ask(client, &request).await;
            counted.map(|counted| Reply::Counted(Box::new(counted)))
        }
    };
    let asked: [Asked<'_>; 1] = [(question, &answer)];
    let folded = fold(
        &asked,
        &plan.arms,
        grid,
        arms_needed(has_unexposed(plan), guardrail),
        guardrail.and_then(focus),
    );
    let mut problems = folded.issues;
    let seen = match (&question.selector, folded.absent.is_empty()) {
        (Some(selector), false) => {
            absence::values_seen(client, selector, &plan.arms.label, now).await
        }
        (Some(_) | None, _) => None,
    };
    problems.extend(absence::issues(&folded.absent, &plan.arms, |_| {
        seen.as_deref()
    }));
    let (series, error) = match answer {
        Ok(Reply::Answer(answer)) => (answer.series, None),
        Ok(Reply::Counted(counted)) => (counted.series(&plan.arms), None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let inspection = Inspection {
        guardrail: name,
        column: question.column,
        query: question.text.to_string(),
        series,
        problems: problems.iter().map(ToString::to_string).collect(),
    };
    match error {
        Some(error) if !error.was_served() => Err((inspection, error)),
        Some(_) | None => Ok(inspection),
    }
}

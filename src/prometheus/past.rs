//! The history of the unexposed arm, asked for when a stage is entered.

use std::collections::BTreeMap;

use crate::snapshot::{AskedHistory, EntryHistory};
use crate::units::Instant;

use super::asking::{Answers, Count, Extent};
use super::fold::Asked;
use super::known::digest;
use super::need::{Need, PastOf};
use super::query::Question;
use super::{Client, EvidenceRequest, halves};

/// Asks for what the stages of these requests will be judged by besides their own blocks, in order; `None`
/// where there is nothing to ask, or nothing could be had. `progress` as in [`super::collect`].
pub async fn ask_histories(
    client: &Client,
    requests: &[EvidenceRequest<'_>],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Option<EntryHistory>> {
    let needs: Vec<Need<'_>> = requests
        .iter()
        .map(|request| Need::of(request, now))
        .collect();
    let count = Count::new(progress);
    let mut answers = Answers::new(client, needs.iter().flat_map(beforehand), &count);
    let mut histories = Vec::with_capacity(needs.len());
    for need in &needs {
        answers.ask(beforehand(need)).await;
        histories.push(history(need, &answers, client.source(), now));
        answers.forget(beforehand(need));
    }
    histories
}

/// Whether anything of the history of this stage is wanted that is not known.
#[must_use]
pub fn lacks_history(request: &EvidenceRequest<'_>, now: Instant) -> bool {
    let need = Need::of(request, now);
    let mut sources = need.past_of.iter();
    sources.any(|past_of| matches!(past_of, PastOf::Asked))
}

/// The questions about the time before the stage.
fn beforehand<'n>(need: &'n Need<'_>) -> impl Iterator<Item = (&'n Question, Extent)> {
    let before = need.pasts.before;
    let extent = Extent {
        stage: before,
        past: Some(before),
        sums: [Some(before), None],
    };
    wanted(need)
        .filter(move |_| !before.is_empty())
        .flat_map(|(_, questions)| questions)
        .map(move |question| (question, extent))
}

/// The guardrails whose history is wanted, by name, each with its questions.
fn wanted<'n>(need: &'n Need<'_>) -> impl Iterator<Item = (&'n str, &'n Vec<Question>)> {
    need.guardrails
        .iter()
        .zip(&need.past_of)
        .filter(|(_, past_of)| !matches!(past_of, PastOf::Unwanted))
        .map(|((guardrail, questions), _)| (guardrail.name.as_str(), questions))
}

/// What was answered of the time before the stage; nothing of guardrails with anything doubtful.
fn history(
    need: &Need<'_>,
    answers: &Answers<'_>,
    source: &str,
    now: Instant,
) -> Option<EntryHistory> {
    let before = &need.pasts.before;
    let of = |questions: &Vec<Question>| -> Option<AskedHistory> {
        let asked: Vec<Asked<'_>> = questions
            .iter()
            .filter_map(|question| Some((question, answers.of(question, before)?)))
            .collect();
        let history = halves::read_raw(&asked, before)?;
        let digest = digest(questions, need.request.arms);
        Some(AskedHistory::of(digest, &history, before.block()))
    };
    let guardrails: BTreeMap<String, AskedHistory> = wanted(need)
        .filter_map(|(name, questions)| Some((name.to_owned(), of(questions)?)))
        .collect();
    (!guardrails.is_empty()).then(|| EntryHistory {
        asked_at: now,
        source: source.to_owned(),
        entered_at: need.request.moment.since(),
        block: before.block(),
        guardrails,
    })
}

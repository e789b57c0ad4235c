//! The past as it is kept in the record of the decision that entered the stage.

use std::collections::BTreeMap;

use crate::prometheus::asking::Count;
use crate::prometheus::need::{Need, PastOf};
use crate::prometheus::{Client, EvidenceRequest};
use crate::snapshot::{AskedHistory, EntryHistory, Unsplit};
use crate::units::Instant;

use super::ask::ask;
use super::digest::digest;
use super::found::Found;
use super::wanted::{BLOCK, Wanted};

/// Asks for what the stages of these requests will be judged by besides their own blocks, in order; `None`
/// where there is nothing to ask, or nothing could be had. `progress` as in [`super::super::collect`].
pub async fn ask_histories(
    client: &Client,
    requests: &[EvidenceRequest<'_>],
    now: Instant,
    progress: &dyn Fn(usize, usize),
) -> Vec<Option<EntryHistory>> {
    let count = Count::new(progress);
    let needs: Vec<Need<'_>> = requests
        .iter()
        .map(|request| Need::of(request, now))
        .collect();
    let wanted: Vec<Vec<(&str, &Wanted)>> =
        needs.iter().map(|need| need.pasts().collect()).collect();
    let all: Vec<Wanted> = wanted
        .iter()
        .flatten()
        .map(|(_, one)| (*one).clone())
        .collect();
    let mut found = ask(client, &all, &count).await.into_iter();
    let of_each = requests.iter().zip(&wanted).map(|(request, wanted)| {
        let named = wanted.iter().zip(found.by_ref());
        let guardrails: BTreeMap<String, AskedHistory> = named
            .filter_map(|((name, wanted), found)| Some(((*name).to_owned(), kept(wanted, &found)?)))
            .collect();
        (!guardrails.is_empty()).then(|| EntryHistory {
            asked_at: now,
            source: client.source().to_owned(),
            entered_at: request.moment.since(),
            block: BLOCK,
            guardrails,
        })
    });
    of_each.collect()
}

/// What is kept; nothing of what the server may tell another time.
fn kept(wanted: &Wanted, found: &Found) -> Option<AskedHistory> {
    let Found { history, unsplit } = found;
    let is_final = match unsplit {
        Some(Unsplit::NotAnswered) => false,
        Some(
            Unsplit::NoInstanceLabel
            | Unsplit::OneInstance
            | Unsplit::OwnQueries
            | Unsplit::NativeHistogram
            | Unsplit::NothingBefore,
        )
        | None => true,
    };
    is_final.then(|| AskedHistory::of(digest(wanted), history.as_ref(), *unsplit, BLOCK))
}

/// Whether anything of the history of this stage is wanted that is not known.
#[must_use]
pub fn lacks_history(request: &EvidenceRequest<'_>, now: Instant) -> bool {
    let need = Need::of(request, now);
    let mut sources = need.past_of.iter();
    sources.any(|past_of| matches!(past_of, PastOf::Asked(_)))
}

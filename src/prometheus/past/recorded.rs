//! The past as it is kept in the record of the decision that entered the stage.

use std::collections::BTreeMap;

use crate::prometheus::asking::{Count, PLANS_AT_ONCE};
use crate::prometheus::need::{Need, PastOf};
use crate::prometheus::{Client, EvidenceRequest};
use crate::snapshot::{AskedHistory, EntryHistory, Unsplit};
use crate::units::Instant;

use super::ask::Pasts;
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
    let plans = wanted.iter().map(|wanted| {
        let wanted = wanted.iter().map(|(_, one)| (*one).clone());
        wanted.collect()
    });
    let mut pasts = Pasts::of(client, plans, &count).await;
    let places: Vec<usize> = (0..requests.len()).collect();
    let mut histories = Vec::with_capacity(requests.len());
    for places in places.chunks(PLANS_AT_ONCE) {
        let found = pasts.find(places).await;
        for (place, found) in places.iter().zip(found) {
            let named = wanted[*place].iter().zip(found);
            let guardrails: BTreeMap<String, AskedHistory> = named
                .filter_map(|((name, wanted), found)| {
                    Some(((*name).to_owned(), kept(wanted, &found)?))
                })
                .collect();
            histories.push((!guardrails.is_empty()).then(|| EntryHistory {
                asked_at: now,
                source: client.source().to_owned(),
                entered_at: requests[*place].moment.since(),
                block: BLOCK,
                guardrails,
            }));
        }
    }
    histories
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

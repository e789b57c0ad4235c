//! What plans need of Prometheus: the evidence of those in a stage, and of pending ones what there will
//! be to judge by. Nothing is decided here.

use crate::judge::judge;
use crate::plan::Plan;
use crate::power::Past;
use crate::prometheus::{Client, CollectError, EvidenceRequest, collect, look_ahead};
use crate::snapshot::{EntryHistory, Snapshot};
use crate::units::Instant;

/// Asks for the evidence of plans in a stage, each with what is known of the time before it, and of pending
/// ones what there will be to judge by.
pub(crate) async fn measured(
    client: &Client,
    plans: &[(&Plan, Option<&EntryHistory>)],
    now: Instant,
    told: &dyn Fn(usize, usize),
) -> Vec<Result<Snapshot, CollectError>> {
    let known = plans.iter().map(|(_, known)| *known);
    let plans: &[&Plan] = &plans.iter().map(|(plan, _)| *plan).collect::<Vec<_>>();
    let mut answers: Vec<Result<Snapshot, CollectError>> = plans
        .iter()
        .map(|plan| Ok(Snapshot::before(plan, client.source(), now)))
        .collect();
    let mut places = Vec::new();
    let mut requests = Vec::new();
    for ((place, plan), known) in plans.iter().enumerate().zip(known) {
        let request = if plan.needs_traffic() {
            Ok(EvidenceRequest::of_past(plan, Past::beforehand(plan, now)))
        } else if plan.needs_data() {
            EvidenceRequest::of_stage(plan).map(|request| match known {
                Some(known) => request.with_history(known),
                None => request,
            })
        } else {
            continue;
        };
        match request {
            Ok(request) => {
                places.push(place);
                requests.push(request);
            }
            Err(error) => answers[place] = Err(error),
        }
    }
    let collected = collect(client, &requests, now, told).await;
    for (place, answer) in places.into_iter().zip(collected) {
        answers[place] = answer;
    }
    look_closer(client, plans, now, &mut answers, told).await;
    let ahead: Vec<usize> = (0..plans.len())
        .filter(|place| plans[*place].needs_preflight() && answers[*place].is_ok())
        .collect();
    let pending: Vec<(&Plan, Snapshot)> = ahead
        .iter()
        .filter_map(|place| Some((plans[*place], answers[*place].as_ref().ok()?.clone())))
        .collect();
    for (place, answer) in ahead
        .into_iter()
        .zip(look_ahead(client, &pending, now, told).await)
    {
        answers[place] = answer;
    }
    answers
}

/// Of a service too young for blocks as long as those of the last day, shorter ones tell its traffic.
async fn look_closer(
    client: &Client,
    plans: &[&Plan],
    now: Instant,
    answers: &mut [Result<Snapshot, CollectError>],
    told: &dyn Fn(usize, usize),
) {
    let places: Vec<usize> = (0..plans.len())
        .filter(|place| {
            let plan = plans[*place];
            let seen = answers[*place].as_ref();
            plan.needs_traffic() && seen.is_ok_and(|seen| is_without_traffic(plan, seen, now))
        })
        .collect();
    let requests: Vec<EvidenceRequest<'_>> = places
        .iter()
        .map(|place| plans[*place])
        .map(|plan| EvidenceRequest::of_past(plan, Past::lately(plan, now)))
        .collect();
    let closer = collect(client, &requests, now, told).await;
    for (place, closer) in places.into_iter().zip(closer) {
        if let Ok(closer) = closer
            && !is_without_traffic(plans[place], &closer, now)
        {
            answers[place] = Ok(closer);
        }
    }
}

/// True where nothing tells how many users a risk budget covers.
fn is_without_traffic(plan: &Plan, snapshot: &Snapshot, now: Instant) -> bool {
    judge(plan, snapshot, now)
        .pacing
        .is_none_or(|pacing| pacing.excesses.is_empty())
}

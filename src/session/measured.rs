//! What plans need of Prometheus: the evidence of those in a stage, and of pending ones what there will
//! be to judge by. Nothing is decided here.

use std::collections::BTreeMap;

use crate::judge::judge;
use crate::plan::Plan;
use crate::power::Past;
use crate::prometheus::{Client, CollectError, EvidenceRequest, collect, collect_each, look_ahead};
use crate::snapshot::{EntryHistory, Snapshot};
use crate::units::Instant;

/// Asks for the evidence of plans in a stage, each with an outline of what is known of the time before it, of
/// which `whole` gives the whole by the place of the plan; and of pending
/// ones what there will be to judge by. `take` is given each snapshot with the place of its plan, once, and
/// that of a plan in a stage as soon as it is known: it is the largest, and is not held here.
pub(crate) async fn measured(
    client: &Client,
    plans: &[(&Plan, Option<&EntryHistory>)],
    now: Instant,
    told: &dyn Fn(usize, usize),
    whole: &dyn Fn(usize) -> Option<EntryHistory>,
    take: &mut dyn FnMut(usize, Result<Snapshot, CollectError>),
) {
    let known = plans.iter().map(|(_, known)| *known);
    let plans: &[&Plan] = &plans.iter().map(|(plan, _)| *plan).collect::<Vec<_>>();
    let mut pending = Answers::new();
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
            let nothing_yet = Snapshot::before(plan, client.source(), now);
            pending.insert(place, Ok(nothing_yet));
            continue;
        };
        match request {
            Ok(request) => {
                places.push(place);
                requests.push(request);
            }
            Err(error) => take(place, Err(error)),
        }
    }
    let whole = |index: usize| whole(places[index]);
    let mut sort = |index: usize, answer| {
        let place = places[index];
        if plans[place].awaits_first_user() {
            pending.insert(place, answer);
        } else {
            take(place, answer);
        }
    };
    collect_each(client, &requests, now, told, &whole, &mut sort).await;
    look_closer(client, plans, now, &mut pending, told).await;
    let (ahead, others): (Answers, Answers) = pending
        .into_iter()
        .partition(|(place, answer)| plans[*place].needs_preflight() && answer.is_ok());
    for (place, answer) in others {
        take(place, answer);
    }
    let (places, ahead): (Vec<usize>, Vec<(&Plan, Snapshot)>) = ahead
        .into_iter()
        .filter_map(|(place, answer)| Some((place, (plans[place], answer.ok()?))))
        .unzip();
    let seen = look_ahead(client, &ahead, now, told).await;
    for (place, answer) in places.into_iter().zip(seen) {
        take(place, answer);
    }
}

/// What was said of some plans, by their places.
type Answers = BTreeMap<usize, Result<Snapshot, CollectError>>;

/// Of a service too young for blocks as long as those of the last day, shorter ones tell its traffic.
async fn look_closer(
    client: &Client,
    plans: &[&Plan],
    now: Instant,
    answers: &mut Answers,
    told: &dyn Fn(usize, usize),
) {
    let places: Vec<usize> = answers
        .iter()
        .filter(|(place, seen)| {
            let (plan, seen) = (plans[**place], seen.as_ref());
            plan.needs_traffic() && seen.is_ok_and(|seen| is_without_traffic(plan, seen, now))
        })
        .map(|(place, _)| *place)
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
            answers.insert(place, Ok(closer));
        }
    }
}

/// True where nothing tells how many users a risk budget covers.
fn is_without_traffic(plan: &Plan, snapshot: &Snapshot, now: Instant) -> bool {
    judge(plan, snapshot, now)
        .pacing
        .is_none_or(|pacing| pacing.excesses.is_empty())
}

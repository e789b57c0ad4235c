//! A stage of two arms that were made of slots, as the snapshot that Prometheus would have given of it.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::plan::{Column, Guardrail, Kind, Plan};
use crate::snapshot::{
    ArmSeries, GuardrailSeries, History, InstanceCounts, InstanceSums, Moment, Series, SlotBlocks,
    SlotSeries, Snapshot,
};
use crate::units::{Exposure, Period};

use super::arms::Arms;
use super::harm::{Harm, harmed};
use super::trial::Split;
use crate::simulate::instant;

/// Groups of instances of a history, of which the noise of counts is learnt.
const GROUPS: usize = 8;

/// A history ends so long before its stage, as it does where Prometheus is asked.
const SETTLE_SECONDS: i64 = 60;

/// Fewer blocks of history teach nothing; then the stage itself teaches.
const LEAST_HISTORY: usize = 24;

/// And at most so many of its blocks.
const MOST_DURING: usize = 288;

const DAY: i64 = 86_400;

/// What is known of each guardrail before a stage is entered.
pub(super) type Pasts = BTreeMap<String, History>;

impl Split<'_> {
    /// What was known of the unexposed arm before this second, by guardrail: of the slots that were not
    /// exposed, as they were then.
    pub(super) fn pasts(&self, arms: &Arms, entered: i64) -> Pasts {
        let mut pasts = Pasts::new();
        let Some(part) = self.history() else {
            return pasts;
        };
        for guardrail in &self.plan.guardrails {
            let Some(series) = part.guardrails.get(&guardrail.name) else {
                continue;
            };
            let kind = guardrail.metric.kind;
            let days = History::days_of(kind);
            let places = part.places(entered - days * DAY, entered - SETTLE_SECONDS);
            if places.is_empty() {
                continue;
            }
            pasts.insert(
                guardrail.name.clone(),
                past(part, series, kind, (arms, entered), places),
            );
        }
        pasts
    }

    /// The stage that the plan is in, up to this second.
    pub(super) fn snapshot(
        &self,
        plan: &Plan,
        (arms, pasts): (&Arms, &Pasts),
        until: i64,
        harm: Option<Harm>,
    ) -> Option<Snapshot> {
        let state = plan.state.as_ref()?;
        let block = plan.judge.block_of(plan);
        let part = self.blocks(block)?;
        let entered = state.entered_at.timestamp();
        let length = i64::from(block.seconds());
        // The first block begins with the stage or after it.
        let places = part.places(entered + length - 1, until);
        let is_full = state.exposure == Exposure::FULL;
        let mut guardrails = BTreeMap::new();
        for (number, guardrail) in plan.guardrails.iter().enumerate() {
            let series = part.guardrails.get(&guardrail.name)?;
            let kind = guardrail.metric.kind;
            let arm = |is_exposed: bool| {
                let pick = picked(part, arms, places.clone());
                let picks = |slot, place| pick(slot, place) == is_exposed;
                summed(kind, series, places.clone(), &picks)
            };
            let exposed = arm(true);
            let unexposed = if is_full {
                ArmSeries::default()
            } else {
                arm(false)
            };
            let exposed = match harm.filter(|harm| harm.guardrail == number) {
                Some(harm) => harmed(harm, kind, &exposed, &unexposed),
                None => exposed,
            };
            let history = pasts.get(&guardrail.name).cloned();
            let has_past = history
                .as_ref()
                .is_some_and(|past| past.ends.len() >= LEAST_HISTORY);
            let during = (is_counted(kind) && !has_past && !is_full).then(|| {
                let first = places.start..places.end.min(places.start + MOST_DURING);
                past(part, series, kind, (arms, entered), first)
            });
            let series = GuardrailSeries {
                ends: part.ends[places.clone()].to_vec(),
                exposed,
                unexposed,
                history,
                during,
                scrape_seconds: series.scrape_seconds,
                instances: is_counted(kind)
                    .then(|| self.instances(guardrail, arms, entered, until))
                    .flatten(),
                ..GuardrailSeries::default()
            };
            guardrails.insert(guardrail.name.clone(), series);
        }
        Some(Snapshot {
            plan: plan.name.clone(),
            taken_at: instant(until),
            known_until: None,
            source: self.past.source.clone(),
            moment: Moment::of(state),
            block,
            guardrails,
            assignment: None,
        })
    }

    /// How many instances either arm has had in these seconds.
    fn instances(
        &self,
        guardrail: &Guardrail,
        arms: &Arms,
        after: i64,
        until: i64,
    ) -> Option<InstanceCounts> {
        let part = self.history()?;
        let places = part.places(after, until);
        let first = arms.exposed_at(until);
        let mut counts = [0_u32; 2];
        for one in &part.guardrails.get(&guardrail.name)?.instances {
            if one.within(&places).values().any(|sum| *sum > 0.0) {
                counts[usize::from(arms.is_among(one.slot, first))] += 1;
            }
        }
        let [unexposed, exposed] = counts;
        Some(InstanceCounts {
            exposed,
            unexposed,
            shared: Some(0),
            label: self.past.label.clone(),
        })
    }
}

/// Whether a slot is exposed in a block.
fn picked(part: &SlotBlocks, arms: &Arms, places: Range<usize>) -> impl Fn(usize, usize) -> bool {
    let length = i64::from(part.block.seconds());
    let ends = part.ends[places.clone()].iter();
    let exposed: Vec<usize> = ends.map(|end| arms.exposed_at(end - length)).collect();
    move |slot, place| arms.is_among(slot, exposed[place - places.start])
}

/// The unexposed slots of these blocks as a history: events in eight groups with their instances, everything
/// else in two halves.
fn past(
    part: &SlotBlocks,
    series: &SlotSeries,
    kind: Kind,
    (arms, entered): (&Arms, i64),
    places: Range<usize>,
) -> History {
    let pick = picked(part, arms, places.clone());
    let groups = if is_counted(kind) { GROUPS } else { 2 };
    let of = |group: usize| {
        let picks = |slot, place| group_of(slot, groups) == group && !pick(slot, place);
        summed(kind, series, places.clone(), &picks)
    };
    let first = arms.exposed_at(entered - 1);
    let unexposed = |one: &&InstanceSums| !arms.is_among(one.slot, first);
    let seen = series.instances.iter().filter(unexposed).map(|one| {
        let sums = one.within(&places);
        (one.name.clone(), sums)
    });
    History {
        ends: part.ends[places.clone()].to_vec(),
        block: Period::from_seconds(part.block.seconds()),
        groups: (0..groups).map(of).collect(),
        instances: seen
            .filter(|(_, sums)| sums.values().any(|sum| *sum > 0.0))
            .collect(),
    }
}

/// The group of a slot: neighbours are in different halves, so that two slots are two halves.
pub(super) const fn group_of(slot: usize, groups: usize) -> usize {
    let half = groups / 2;
    (slot % 2) * half + (slot / 2) % half
}

pub(super) const fn is_counted(kind: Kind) -> bool {
    match kind {
        Kind::Ratio { .. } | Kind::Rate { .. } => true,
        Kind::Latency { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => false,
    }
}

/// The slots that are picked in each of these blocks, added up. A level is the mean of its series.
pub(super) fn summed(
    kind: Kind,
    series: &SlotSeries,
    places: Range<usize>,
    picks: &dyn Fn(usize, usize) -> bool,
) -> ArmSeries {
    let mut sum = ArmSeries::default();
    for (slot, arm) in series.slots.iter().enumerate() {
        let chosen: Vec<bool> = places.clone().map(|place| picks(slot, place)).collect();
        if !chosen.contains(&true) {
            continue;
        }
        for (column, values) in &arm.columns {
            let total = sum.columns.entry(*column);
            add(
                total.or_insert_with(|| vec![None; places.len()]),
                &values[places.clone()],
                &chosen,
            );
        }
        // All slots have the same bounds, or none.
        for (place, (bound, values)) in arm.buckets.iter().enumerate() {
            if sum.buckets.len() <= place {
                sum.buckets.push((*bound, vec![None; places.len()]));
            }
            add(&mut sum.buckets[place].1, &values[places.clone()], &chosen);
        }
    }
    if let Kind::Gauge { .. } = kind {
        let columns = (
            sum.columns.remove(&Column::Sum),
            sum.columns.remove(&Column::Count),
        );
        if let (Some(sums), Some(counts)) = columns {
            let mean = |(sum, count): (Option<f64>, Option<f64>)| {
                let count = count.filter(|count| *count > 0.0)?;
                Some(sum? / count)
            };
            let levels = sums.into_iter().zip(counts).map(mean);
            sum.columns.insert(Column::Query, levels.collect());
        }
    }
    sum
}

fn add(total: &mut Series, values: &[Option<f64>], chosen: &[bool]) {
    for ((total, value), is_chosen) in total.iter_mut().zip(values).zip(chosen) {
        if let (Some(value), true) = (value, *is_chosen) {
            *total = Some(total.unwrap_or(0.0) + value);
        }
    }
}

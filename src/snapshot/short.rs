//! A snapshot as records keep it: its numbers as short texts ([`super::packed`]), and what each instance adds
//! up to ([`super::sums`]). A record is a file in somebody's repository, and the past has a hundred thousand
//! numbers.

use serde_json::{Value, json};

use crate::units::Period;

use super::apart::apart;
use super::beside::{Beside, OtherGroup};
use super::entry::BETWEEN;
use super::packed::packed;
use super::wire::bound_text;
use super::{ArmSeries, AskedHistory, EntryHistory, History, Snapshot, sums};

impl Snapshot {
    /// The JSON document that [`super::read_recorded()`] reads back to the same snapshot, in short: beside the
    /// history of a stage that the same record enters, which holds some of it.
    #[must_use]
    pub fn to_short_json(&self, entered: Option<&EntryHistory>) -> Value {
        let mut document = self.to_json();
        for (name, series) in &self.guardrails {
            let place = &mut document["guardrails"][name];
            if let Some(ends) = gapless(&series.ends, self.block) {
                place["ends"] = ends;
            }
            for (key, arm) in [
                ("exposed", &series.exposed),
                ("unexposed", &series.unexposed),
            ] {
                place[key] = short(arm, OtherGroup::default());
            }
            let other = entered.and_then(|entered| entered.guardrails.get(name));
            let other = other.and_then(AskedHistory::history);
            let parts = [
                ("history", &series.history, other.as_ref()),
                ("during", &series.during, None),
            ];
            for (key, history, other) in parts {
                if let (Some(place), Some(history)) = (place.get_mut(key), history) {
                    shorten(place, history, other);
                }
            }
        }
        document
    }
}

/// The ends of blocks that follow one another, from the first to the last; `None` where there are gaps.
fn gapless(ends: &[i64], block: Period) -> Option<Value> {
    let step = i64::from(block.seconds());
    let (first, last) = (ends.first()?, ends.last()?);
    let follow = ends.windows(2).all(|pair| pair[1] - pair[0] == step);
    follow.then(|| json!({"first": first, "last": last, "every": step}))
}

fn shorten(place: &mut Value, history: &History, other: Option<&History>) {
    let gapless = gapless(&history.ends, history.block);
    let other = other.filter(|_| gapless.is_some());
    let beside = Beside::of(other, history.ends.first().copied(), history.block);
    if let Some(ends) = gapless {
        place["ends"] = ends;
    }
    let groups = history.groups.iter().enumerate();
    let mut groups = groups.map(|(place, group)| short(group, beside.group(place)));
    if place.get("groups").is_some() {
        place["groups"] = groups.collect();
    } else if let (Some(first), Some(second)) = (groups.next(), groups.next()) {
        place["first"] = first;
        place["second"] = second;
    }
    if let Some(table) = place.as_object_mut()
        && table.shift_remove("instances").is_some()
    {
        sums::put(&history.instances, table);
    }
}

fn short(group: &ArmSeries, other: OtherGroup<'_>) -> Value {
    let mut document = json!({});
    for (column, series) in &group.columns {
        document[column.series()] = packed(series, other.column(*column)).into();
    }
    if !group.buckets.is_empty() {
        let apart = apart(group);
        let is_apart = apart.is_some();
        let mut buckets = json!({});
        for (bound, series) in &apart.as_ref().unwrap_or(group).buckets {
            buckets[bound_text(*bound)] = packed(series, other.bucket(*bound)).into();
        }
        document["le"] = buckets;
        if is_apart {
            document[BETWEEN] = true.into();
        }
    }
    document
}

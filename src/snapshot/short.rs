//! A snapshot as records keep it: the numbers of the past as short texts ([`super::packed`]). A record is a
//! file in somebody's repository, and the past has a hundred thousand numbers.

use serde_json::{Value, json};

use super::packed::packed;
use super::wire::bound_text;
use super::{ArmSeries, History, Snapshot};

impl Snapshot {
    /// The JSON document that [`super::read()`] reads back to the same snapshot, with the past in short.
    #[must_use]
    pub fn to_short_json(&self) -> Value {
        let mut document = self.to_json();
        for (name, series) in &self.guardrails {
            let parts = [("history", &series.history), ("during", &series.during)];
            for (key, history) in parts {
                let place = document["guardrails"][name].get_mut(key);
                if let (Some(place), Some(history)) = (place, history) {
                    shorten(place, history);
                }
            }
        }
        document
    }
}

fn shorten(place: &mut Value, history: &History) {
    if let Some(groups) = place.get_mut("groups") {
        *groups = history.groups.iter().map(short).collect();
    } else if let [first, second] = history.groups.as_slice() {
        place["first"] = short(first);
        place["second"] = short(second);
    }
    let (first, last) = (history.ends.first(), history.ends.last());
    let step = i64::from(history.block.seconds());
    let is_gapless = history
        .ends
        .windows(2)
        .all(|pair| pair[1] - pair[0] == step);
    if let (Some(first), Some(last), true) = (first, last, is_gapless) {
        place["ends"] = json!({"first": first, "last": last, "every": step});
    }
}

fn short(group: &ArmSeries) -> Value {
    let mut document = json!({});
    for (column, series) in &group.columns {
        document[column.series()] = packed(series).into();
    }
    if !group.buckets.is_empty() {
        let mut buckets = json!({});
        for (bound, series) in &group.buckets {
            buckets[bound_text(*bound)] = packed(series).into();
        }
        document["le"] = buckets;
    }
    document
}

//! Buckets against what is asked of them: do they reach far enough, are they the same everywhere, and
//! are they in the unit that the plan reads them in?

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Guardrail, Kind, TimeUnit};
use crate::snapshot::{ArmSeries, GuardrailSeries};

use super::diagnosis::Fault;
use super::facts::SeriesSeen;

/// Half of the requests may take so many times the limit before another unit is the likelier reason: two
/// units of time lie a thousand apart.
const FAR_BEYOND: f64 = 20.0;

/// Without a limit: so long is no request of people, of which half take longer.
const SLOW_SECONDS: f64 = 10.0;
const LAST_SECONDS: f64 = 1_000.0;

/// Increments of an arm up to each bound in seconds, cumulative.
fn counts(arm: &ArmSeries) -> Vec<(f64, f64)> {
    let sum = |series: &Vec<Option<f64>>| series.iter().flatten().sum::<f64>();
    let buckets = arm.buckets.iter();
    buckets
        .map(|(bound, series)| (*bound, sum(series)))
        .collect()
}

/// The first bound up to which this share of the requests lies.
fn reached(counts: &[(f64, f64)], share: f64) -> Option<f64> {
    let all = counts
        .last()
        .map(|(_, count)| *count)
        .filter(|all| *all > 0.0)?;
    let found = counts.iter().find(|(_, count)| *count >= share * all);
    found.map(|(bound, _)| *bound)
}

/// What is wrong with a latency's buckets, as the unexposed arm has them; the exposed one where there is
/// no other.
pub(super) fn faults(guardrail: &Guardrail, series: &GuardrailSeries) -> Vec<Fault> {
    let Kind::Latency { quantile, unit, .. } = guardrail.metric.kind else {
        return Vec::new();
    };
    let [exposed, unexposed] = [&series.exposed, &series.unexposed].map(counts);
    let is_counted = |counts: &[(f64, f64)]| counts.last().is_some_and(|(_, all)| *all > 0.0);
    let counts = if is_counted(&unexposed) {
        unexposed
    } else {
        exposed
    };
    let finite = counts.iter().rev().find(|(bound, _)| bound.is_finite());
    let (Some((last, below)), Some((_, all))) = (finite.copied(), counts.last().copied()) else {
        return Vec::new();
    };
    if all <= 0.0 {
        return Vec::new();
    }
    let limit = guardrail.limit.map(|limit| limit.value);
    if let Some(other) = other_unit(&counts, last, limit, unit) {
        return vec![other];
    }
    let mut faults = Vec::new();
    if below < quantile * all {
        faults.push(Fault::QuantileBeyondBounds {
            quantile,
            last,
            beyond: (all - below) / all,
        });
    }
    if let Some(limit) = limit.filter(|limit| *limit > last) {
        faults.push(Fault::LimitBeyondBounds { limit, last });
    }
    faults
}

/// A histogram in another unit than the plan says or its name does.
fn other_unit(
    counts: &[(f64, f64)],
    last: f64,
    limit: Option<f64>,
    unit: TimeUnit,
) -> Option<Fault> {
    let median = reached(counts, 0.5)?;
    let is_other = match (unit, limit) {
        (TimeUnit::Seconds, Some(limit)) => {
            median > FAR_BEYOND * limit && last >= LAST_SECONDS * limit
        }
        (TimeUnit::Seconds, None) => median >= SLOW_SECONDS && last >= LAST_SECONDS,
        // Bounds of 5 or 10 s read as ms end at a hundredth of a second.
        (TimeUnit::Milliseconds, Some(limit)) => last * FAR_BEYOND < limit,
        (TimeUnit::Milliseconds, None) => last <= SLOW_SECONDS / 1_000.0,
    };
    let likely = match unit {
        TimeUnit::Seconds => TimeUnit::Milliseconds,
        TimeUnit::Milliseconds => TimeUnit::Seconds,
    };
    is_other.then_some(Fault::OtherUnit { likely, median })
}

/// Bounds that not all series of a classic histogram have.
pub(super) fn differing(series: &[SeriesSeen]) -> Option<Fault> {
    let mut histograms: BTreeMap<Vec<(&String, &String)>, BTreeSet<&str>> = BTreeMap::new();
    for one in series {
        let Some(bound) = one.labels.get("le") else {
            continue;
        };
        let others = one.labels.iter().filter(|(name, _)| *name != "le");
        histograms
            .entry(others.collect())
            .or_default()
            .insert(number(bound));
    }
    let all: BTreeSet<&str> = histograms.values().flatten().copied().collect();
    let missing = |bound: &&str| histograms.values().any(|bounds| !bounds.contains(bound));
    let mut bounds: Vec<String> = all.into_iter().filter(missing).map(str::to_owned).collect();
    bounds.sort_by(|a, b| {
        let value = |text: &str| text.parse().unwrap_or(f64::INFINITY);
        value(a).total_cmp(&value(b))
    });
    (!bounds.is_empty()).then_some(Fault::BoundsDiffer { bounds })
}

/// `1` and `1.0` are one bound.
fn number(bound: &str) -> &str {
    bound.strip_suffix(".0").unwrap_or(bound)
}

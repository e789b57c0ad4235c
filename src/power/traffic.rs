//! How much is asked of a service and how often it goes wrong: given, or read off a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::judge::planning::{Counting, LevelPast, belief, has_shown_noise};
use crate::plan::{Kind, Plan};
use crate::snapshot::{GuardrailSeries, Snapshot};
use crate::units::{Exposure, Instant, Period};

use super::block::block;
use super::entered::course;
use super::{BlockVariance, Load, Origin, Traffic};

/// Traffic is taken from so much of the past: one daily cycle.
const PAST: Period = Period::from_hours(24);

/// Which past is asked about for a plan's traffic, and in which blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// It begins here and ends now.
    pub since: Instant,
    /// Length of a block.
    pub block: Period,
    /// Whether anybody stays unexposed in the stage it is asked for.
    pub both_arms: bool,
}

impl Past {
    /// The last day, in the blocks of the plan's first stage: it gives the traffic, and what the judge
    /// would learn from the metrics' history.
    #[must_use]
    pub fn last_day(plan: &Plan, now: Instant) -> Self {
        let course = course(plan);
        let first = course.stages().first();
        // Before anybody is exposed it is asked as in the first stage, for the unexposed arm's past.
        let exposure = match plan.exposure() {
            Exposure::NONE => first.map_or(Exposure::FULL, |stage| stage.exposure),
            exposure => exposure,
        };
        Self {
            since: now - PAST.delta(),
            block: plan
                .judge
                .block_for(first.map_or(PAST, |stage| stage.min_duration)),
            both_arms: exposure < Exposure::FULL,
        }
    }

    /// The last day before a plan's first exposure, in blocks short enough to show its busiest minutes.
    #[must_use]
    pub fn beforehand(plan: &Plan, now: Instant) -> Self {
        Self {
            block: Period::from_minutes(5),
            ..Self::last_day(plan, now)
        }
    }

    /// The same of a service that began minutes ago: its last half hour, minute by minute.
    #[must_use]
    pub fn lately(plan: &Plan, now: Instant) -> Self {
        Self {
            since: now - Period::from_minutes(30).delta(),
            block: Period::from_minutes(1),
            ..Self::last_day(plan, now)
        }
    }
}

impl Traffic {
    /// The same traffic for every guardrail. A latency's events are the share beyond its quantile,
    /// whatever the baseline of the others is.
    #[must_use]
    pub fn given(plan: &Plan, load: &Load) -> Self {
        let loads = plan
            .guardrails
            .iter()
            .filter(|guardrail| guardrail.metric.kind.is_counted())
            .map(|guardrail| {
                let baseline = beyond_quantile(guardrail.metric.kind).unwrap_or(load.baseline);
                let load = load.clone();
                (guardrail.name.clone(), Load { baseline, ..load })
            })
            .collect();
        Self {
            origin: Origin::Given,
            loads,
            users_per_second: None,
        }
    }

    /// What a snapshot says: traffic from both arms, the baseline from the unexposed one. `None`
    /// when it holds no traffic at all. How events vary is taken from the metric's history where it is
    /// not given.
    #[must_use]
    pub fn seen(plan: &Plan, snapshot: &Snapshot, dispersion: Option<f64>) -> Option<Self> {
        let block = f64::from(snapshot.block.seconds());
        let mut hours: f64 = 0.0;
        let mut loads = BTreeMap::new();
        for guardrail in &plan.guardrails {
            let Some(series) = snapshot.guardrails.get(&guardrail.name) else {
                continue;
            };
            let Some(totals) = Totals::of(guardrail.metric.kind, series) else {
                continue;
            };
            let seconds = totals.blocks * block;
            let kind = guardrail.metric.kind;
            let baseline = totals.events / totals.total;
            let belief = belief(plan, guardrail, series, Counting::of(kind, baseline));
            let shown = has_shown_noise(plan, guardrail);
            let known = (shown || belief.is_learnt()).then_some(belief.clumps());
            let load = Load {
                per_second: match kind {
                    Kind::Gauge { .. } => 0.0,
                    Kind::Ratio { .. }
                    | Kind::Rate { .. }
                    | Kind::Latency { .. }
                    | Kind::Mean { .. }
                    | Kind::Point { .. } => totals.both_total / seconds,
                },
                baseline,
                dispersion: dispersion.or(known).unwrap_or(1.0),
                is_shown: shown && dispersion.is_none(),
                belief,
                scatter: BlockVariance::of(kind, series, snapshot.block),
                levels: matches!(kind, Kind::Gauge { .. })
                    .then(|| Arc::new(LevelPast::of(series, snapshot.block))),
                unsplit: series.unsplit,
            };
            if load.is_usable() {
                hours = hours.max(seconds / 3_600.0);
                loads.insert(guardrail.name.clone(), load);
            }
        }
        if loads.is_empty() {
            return None;
        }
        let users = snapshot.assignment.as_ref().and_then(|assignment| {
            let arms = assignment.exposed.iter().zip(&assignment.unexposed);
            let known: Vec<f64> = arms.filter_map(|(e, u)| Some((*e)? + (*u)?)).collect();
            let rate = known.iter().sum::<f64>() / (known.len() as f64 * block);
            (rate.is_finite() && rate > 0.0).then_some(rate)
        });
        Some(Self {
            origin: Origin::Measured {
                source: snapshot.source.clone(),
                hours,
            },
            loads,
            users_per_second: users,
        })
    }
}

/// By definition this share of observations is beyond the quantile.
fn beyond_quantile(kind: Kind) -> Option<f64> {
    match kind {
        Kind::Latency { quantile, .. } => Some(1.0 - quantile),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => None,
    }
}

/// Sums over the blocks in which the unexposed arm is complete.
#[derive(Debug, Default)]
struct Totals {
    blocks: f64,
    events: f64,
    total: f64,
    /// Of the exposed arm as well, where it is there.
    both_total: f64,
}

impl Totals {
    fn of(kind: Kind, series: &GuardrailSeries) -> Option<Self> {
        let mut sums = Self::default();
        for index in 0..series.ends.len() {
            let Some((events, total)) = block(kind, &series.unexposed, index) else {
                continue;
            };
            let exposed = block(kind, &series.exposed, index).map_or(0.0, |(_, total)| total);
            sums.blocks += 1.0;
            sums.events += events;
            sums.total += total;
            sums.both_total += total + exposed;
        }
        (sums.blocks > 0.0 && sums.total > 0.0).then_some(sums)
    }
}

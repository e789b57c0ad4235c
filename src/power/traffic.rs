//! How much is asked of a service and how often it goes wrong: given, or read off a snapshot.

use std::collections::BTreeMap;

use crate::judge::planning::belief;
use crate::plan::{Kind, Plan};
use crate::snapshot::{GuardrailSeries, Snapshot};
use crate::units::{Exposure, Instant, Period};

use super::block::block;
use super::entered::{course, entered};
use super::{BlockVariance, Load, Origin, Traffic};

/// Traffic is taken from so much of the past: one daily cycle.
const PAST: Period = Period::from_hours(24);

/// The plan as if it had been in its stage for the last day, in the blocks of its first stage: asking
/// for its evidence gives its traffic, and what the judge would learn from the metrics' history.
#[must_use]
pub fn last_day(plan: &Plan, now: Instant) -> Plan {
    let exposure = plan
        .state
        .as_ref()
        .map(|state| state.exposure)
        .filter(|exposure| *exposure > Exposure::NONE)
        // Before anybody is exposed it is asked as in the first stage, for the unexposed arm's past.
        .or_else(|| course(plan).stages().first().map(|stage| stage.exposure))
        .unwrap_or(Exposure::FULL);
    let mut probe = entered(plan, 1, exposure, &[]);
    if let Some(state) = &mut probe.state {
        state.entered_at = now - PAST.delta();
    }
    let first = course(plan)
        .stages()
        .first()
        .map(|stage| stage.min_duration);
    probe.judge.block = Some(plan.judge.block_for(first.unwrap_or(PAST)));
    probe.judge.warmup = Some(0);
    probe
}

/// The plan as it is asked about before its first exposure: the traffic of the last day, in blocks
/// short enough to show its busiest minutes.
#[must_use]
pub fn beforehand(plan: &Plan, now: Instant) -> Plan {
    let mut probe = last_day(plan, now);
    if let Some(state) = &mut probe.state {
        state.stage = Snapshot::BEFOREHAND;
    }
    probe.judge.block = Some(Period::from_minutes(5));
    probe
}

/// The same of a service that began minutes ago: its last half hour, minute by minute.
#[must_use]
pub fn lately(plan: &Plan, now: Instant) -> Plan {
    let mut probe = beforehand(plan, now);
    if let Some(state) = &mut probe.state {
        state.entered_at = now - Period::from_minutes(30).delta();
    }
    probe.judge.block = Some(Period::from_minutes(1));
    probe
}

impl Traffic {
    /// The same traffic for every guardrail. A latency's events are the share beyond its quantile,
    /// whatever the baseline of the others is.
    #[must_use]
    pub fn given(plan: &Plan, load: Load) -> Self {
        let loads = plan
            .guardrails
            .iter()
            .filter(|guardrail| guardrail.metric.kind.is_counted())
            .map(|guardrail| {
                let baseline = beyond_quantile(guardrail.metric.kind).unwrap_or(load.baseline);
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
            let belief = belief(guardrail, series);
            let learnt = belief.is_learnt().then_some(belief.dispersion);
            let load = Load {
                per_second: match kind {
                    Kind::Gauge { .. } => 0.0,
                    Kind::Ratio { .. }
                    | Kind::Rate { .. }
                    | Kind::Latency { .. }
                    | Kind::Mean { .. }
                    | Kind::Point { .. } => totals.both_total / seconds,
                },
                baseline: totals.events / totals.total,
                dispersion: dispersion.or(learnt).unwrap_or(1.0),
                belief,
                scatter: BlockVariance::of(kind, series),
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

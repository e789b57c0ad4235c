//! What a ramp's pace depends on besides verdicts: how many bad events the change may have caused,
//! how many it may still cause, and how much was measured since the latest move. Decides nothing.

use crate::plan::{CarriedEvidence, Column, Guardrail, Kind, ObservedDispersion, Plan};
use crate::snapshot::{ArmSeries, GuardrailSeries, Series, Snapshot};
use crate::stats::{OneSided, TwoArmBlock};
use crate::units::{LogE, Worse};

use super::evidence::Comparison;
use super::{Excess, Judgement, Pacing};

/// The recent traffic is that of the last hour: short enough to follow the day, long enough to hold
/// a few blocks of any length.
const RECENT_SECONDS: i64 = 3_600;

/// The excess bad events of one guardrail; `None` where there is nothing to compare.
pub(super) fn excess(
    plan: &Plan,
    guardrail: &Guardrail,
    blocks: &[TwoArmBlock],
    comparison: &Comparison,
    block_seconds: i64,
) -> Option<Excess> {
    let margin = guardrail.margin?;
    let worse = guardrail.metric.kind.worse();
    let (mut events, mut total, mut expected) = (0.0, 0.0, 0.0);
    let (mut other_events, mut other_total) = (0.0, 0.0);
    for block in blocks {
        events += block.exposed_events;
        total += block.exposed_total;
        other_events += block.unexposed_events;
        other_total += block.unexposed_total;
        // Block by block, because exposure grows while the rate of events has its own ups and downs.
        if block.unexposed_total > 0.0 {
            expected += block.unexposed_events * block.exposed_total / block.unexposed_total;
        }
    }
    let length = usize::try_from(RECENT_SECONDS / block_seconds.max(1)).unwrap_or(1);
    let recent = &blocks[blocks.len().saturating_sub(length.max(1))..];
    let hours = recent.len() as f64 * block_seconds as f64 / 3_600.0;
    if other_total <= 0.0 || hours <= 0.0 {
        return None;
    }
    let hourly = recent
        .iter()
        .map(|b| b.exposed_total + b.unexposed_total)
        .sum::<f64>()
        / hours;
    let recently = recent.iter().fold((0.0, 0.0), |sum, b| {
        (sum.0 + b.unexposed_events, sum.1 + b.unexposed_total)
    });
    // An incident under way counts as it is; a quiet hour is not taken for a quiet service.
    let mut base = other_events / other_total;
    if recently.1 > 0.0 {
        base = base.max(recently.0 / recently.1);
    }
    let dispersion = comparison.dispersion.last().copied().unwrap_or(1.0);
    let (ratio, offset) = margin.null(worse);
    let offset = if base > 0.0 { offset / base } else { 0.0 };
    // Precise about the margin: what is at most as harmful no longer holds a ramp back.
    let bounds = OneSided::new(blocks, dispersion, (ratio + offset).ln().abs());
    // At the chance with which a stage may be left in error, since what is asked is the same:
    // whether more users may see the change although it is harmful. That there is harm, in the other
    // direction, is said of a change to be rolled back.
    let (erring, accusing) = (
        plan.judge.advance_alpha.get(),
        plan.judge.rollback_alpha.get(),
    );
    let share = is_share(guardrail.metric.kind);
    let expected_hourly = base * hourly;
    Some(match worse {
        Worse::Higher => Excess {
            guardrail: guardrail.name.clone(),
            bad: events,
            expected,
            estimate: events - expected,
            at_least: bounds.lower(accusing) - 1.0,
            at_most: bounds.upper(erring).map(|upper| upper - 1.0),
            margin: ratio - 1.0 + offset,
            expected_hourly,
            worst_hourly: share.then_some((1.0 - base).max(0.0) * hourly),
        },
        // A good event that did not happen is a bad event.
        Worse::Lower => Excess {
            guardrail: guardrail.name.clone(),
            bad: if share { total - events } else { expected },
            expected,
            estimate: expected - events,
            at_least: bounds
                .upper(accusing)
                .map_or(f64::NEG_INFINITY, |upper| 1.0 - upper),
            at_most: Some(1.0 - bounds.lower(erring)),
            margin: 1.0 - ratio - offset,
            expected_hourly,
            worst_hourly: Some(expected_hourly),
        },
    })
}

/// What is known before anybody is exposed: nothing of the change, and how much traffic there is.
/// Of that the busiest block counts: at which hour the first users come is not known.
pub(super) fn unexposed(plan: &Plan, snapshot: &Snapshot) -> Judgement {
    let hours = f64::from(snapshot.block.seconds().max(1)) / 3_600.0;
    let excesses = plan
        .guardrails
        .iter()
        .filter_map(|guardrail| {
            let series = snapshot.guardrails.get(&guardrail.name)?;
            prospect(guardrail, series, hours)
        })
        .collect();
    Judgement {
        findings: Vec::new(),
        log_e_rollback: LogE::NONE,
        carried: CarriedEvidence::new(),
        dispersion: ObservedDispersion::new(),
        pacing: Some(Pacing {
            blocks_since_move: 0,
            excesses,
        }),
        preflight: None,
        assignment_broken: None,
    }
}

/// What a guardrail's traffic puts at stake when nothing is known of the change.
fn prospect(guardrail: &Guardrail, series: &GuardrailSeries, hours: f64) -> Option<Excess> {
    let margin = guardrail.margin?;
    let kind = guardrail.metric.kind;
    if !kind.counts_bad_events(margin) {
        return None;
    }
    let (mut events, mut total, mut busiest) = (0.0, 0.0, 0.0_f64);
    for index in 0..series.ends.len() {
        let Some((bad, unexposed)) = counted(kind, &series.unexposed, index) else {
            continue;
        };
        events += bad;
        total += unexposed;
        // Users of an earlier attempt may still be counted as exposed.
        let exposed = counted(kind, &series.exposed, index).map_or(0.0, |(_, total)| total);
        busiest = busiest.max(unexposed + exposed);
    }
    if total <= 0.0 {
        return None;
    }
    let base = events / total;
    let hourly = busiest / hours;
    let worse = kind.worse();
    let (ratio, offset) = margin.null(worse);
    let offset = if base > 0.0 { offset / base } else { 0.0 };
    let share = is_share(kind);
    Some(Excess {
        guardrail: guardrail.name.clone(),
        bad: 0.0,
        expected: 0.0,
        estimate: 0.0,
        at_least: match worse {
            Worse::Higher => -1.0,
            Worse::Lower => f64::NEG_INFINITY,
        },
        at_most: match worse {
            Worse::Higher => None,
            Worse::Lower => Some(1.0),
        },
        margin: (ratio + offset - 1.0).abs(),
        expected_hourly: base * hourly,
        worst_hourly: match worse {
            Worse::Higher => share.then_some((1.0 - base).max(0.0) * hourly),
            Worse::Lower => Some(base * hourly),
        },
    })
}

/// Events and total of an arm in one block; by definition so many requests are slower than a
/// quantile.
fn counted(kind: Kind, arm: &ArmSeries, index: usize) -> Option<(f64, f64)> {
    let usable = |series: &Series| {
        let value = series.get(index).copied().flatten()?;
        (value.is_finite() && value >= 0.0).then_some(value)
    };
    let of = |whole: Column| {
        // A rare event's series may not exist before its first.
        let events = arm.column(Column::Events).and_then(usable).unwrap_or(0.0);
        Some((events, usable(arm.column(whole)?)?))
    };
    match kind {
        Kind::Ratio { .. } => of(Column::Total),
        Kind::Rate { .. } => of(Column::Per),
        Kind::Latency { quantile, .. } => {
            let total = usable(&arm.buckets.last()?.1)?;
            Some((total * (1.0 - quantile), total))
        }
        Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => None,
    }
}

/// Whether events are a share of the total, so that at most all of it is bad.
const fn is_share(kind: Kind) -> bool {
    match kind {
        Kind::Ratio { .. } | Kind::Latency { .. } => true,
        Kind::Rate { .. } | Kind::Mean { .. } | Kind::Gauge { .. } | Kind::Point { .. } => false,
    }
}

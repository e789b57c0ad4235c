//! Verdicts and the numbers beside them agree: what a verdict excludes the interval excludes, or it
//! is said what else the verdict rests on. Decides nothing.

use crate::plan::{Guardrail, Kind, Plan, Role};
use crate::units::{Instant, Worse};

use super::evidence::{Comparison, Evidence, LimitEvidence};
use super::shift::Shift;
use super::together::Together;
use super::{Basis, Leaning, Measure, Proof, Scale};

/// Compares the proof of a breach with the numbers shown beside it. `i` is the guardrail's index.
pub(super) fn proof(
    plan: &Plan,
    i: usize,
    proven_at: i64,
    measure: Option<&Measure>,
    evidence: Option<&Evidence>,
    together: &Together,
) -> Proof {
    let guardrail = &plan.guardrails[i];
    let comparison = evidence.and_then(|evidence| evidence.comparison.as_ref());
    let limit = evidence.and_then(|evidence| evidence.limit.as_ref());
    let of = match limit {
        Some(limit) if guardrail.margin.is_none() || by_limit(comparison, limit) => Leaning::Limit,
        Some(_) | None => Leaning::Margin,
    };
    let harm = together.strength(i, evidence.map_or(1.0, Evidence::harm_now));
    let group = together.group(guardrail.on_breach);
    let alpha = plan.judge.rollback_alpha;
    let still = harm.value >= harm.needed || group.now().is_some_and(|now| now.proves(alpha));
    let agrees = match of {
        // A level has no interval: it agrees while it is beyond the limit, and that is proof.
        Leaning::Limit => still && is_beyond(guardrail, limit),
        Leaning::Margin => excludes(guardrail, measure),
    };
    let basis = if agrees {
        Basis::Shown
    } else if !together.is_proven_afresh(i) {
        Basis::Carried
    } else if !still {
        Basis::Earlier
    } else if of == Leaning::Margin && is_of_quantile(guardrail) {
        Basis::Buckets
    } else {
        Basis::LateOnset
    };
    let most = comparison.map_or(0.0, |c| c.breach.iter().map(|e| e.0).fold(0.0, f64::max));
    Proof {
        of,
        alone: together.peaks[i] >= harm.needed || crate::units::LogE(most).proves(alpha),
        at: Instant::from_timestamp(proven_at, 0).unwrap_or_default(),
        basis,
    }
}

/// Whether it is the limit rather than the margin that is breached.
pub(super) fn by_limit(comparison: Option<&Comparison>, limit: &LimitEvidence) -> bool {
    let charged = (0..limit.breach.len())
        .map(|look| limit.charged(look))
        .fold(0.0, f64::max);
    let compared = comparison.map_or(0.0, |c| c.breach.iter().map(|e| e.0).fold(0.0, f64::max));
    charged > 0.0 && charged >= compared
}

/// The interval excludes the margin as well.
fn excludes(guardrail: &Guardrail, measure: Option<&Measure>) -> bool {
    measure.is_some_and(|measure| {
        let excluded = |margin: f64| match guardrail.metric.kind.worse() {
            Worse::Higher => measure.lower.is_some_and(|lower| lower > margin),
            Worse::Lower => measure.upper.is_some_and(|upper| upper < margin),
        };
        measure.margin.is_some_and(excluded)
    })
}

/// The level that is shown lies beyond its limit, or there is none.
fn is_beyond(guardrail: &Guardrail, limit: Option<&LimitEvidence>) -> bool {
    let value = limit.and_then(|limit| limit.exposed.value);
    let Some((value, bound)) = value.zip(guardrail.limit) else {
        return true;
    };
    match guardrail.metric.kind.worse() {
        Worse::Higher => value > bound.value,
        Worse::Lower => value < bound.value,
    }
}

/// The margin speaks of the quantile itself, which is known up to its bucket.
fn is_of_quantile(guardrail: &Guardrail) -> bool {
    match guardrail.metric.kind {
        Kind::Latency { compare, .. } => guardrail
            .margin
            .is_some_and(|margin| Shift::of(margin, compare).is_some()),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => false,
    }
}

/// The interval of a guardrail that passes without what is ruled out by that: the interval is found
/// on condensed counts, on a grid, or between buckets, the verdict on all counts, so its end may
/// stand beyond.
pub(super) fn agreeing(measure: Measure, guardrail: &Guardrail) -> Measure {
    let Some(ruled_out) = asked(&measure, guardrail) else {
        return measure;
    };
    match guardrail.metric.kind.worse() {
        Worse::Higher => Measure {
            upper: Some(
                measure
                    .upper
                    .map_or(ruled_out, |upper| upper.min(ruled_out)),
            ),
            ..measure
        },
        Worse::Lower => Measure {
            lower: Some(
                measure
                    .lower
                    .map_or(ruled_out, |lower| lower.max(ruled_out)),
            ),
            ..measure
        },
    }
}

/// The interval of a guardrail that does not pass with what would be ruled out: between two looks its end may
/// already lie within, and then what decides is the next look.
pub(super) fn open(measure: Measure, guardrail: &Guardrail) -> Measure {
    let Some(asked) = asked(&measure, guardrail) else {
        return measure;
    };
    match guardrail.metric.kind.worse() {
        Worse::Higher => Measure {
            upper: measure.upper.map(|upper| upper.max(asked)),
            ..measure
        },
        Worse::Lower => Measure {
            lower: measure.lower.map(|lower| lower.min(asked)),
            ..measure
        },
    }
}

/// What must be ruled out, on the scale of the numbers.
fn asked(measure: &Measure, guardrail: &Guardrail) -> Option<f64> {
    match (guardrail.role, measure.scale) {
        (Role::Guardrail, _) => measure.rule_out,
        (Role::Success, Scale::Ratio) => Some(1.0),
        (Role::Success, Scale::Difference) => Some(0.0),
        (Role::Success, Scale::Level) => None,
    }
}

//! Verdicts and the intervals beside them agree: what a verdict excludes the interval excludes, or it
//! is said what else the verdict rests on. Decides nothing.

use crate::plan::Guardrail;
use crate::units::{Instant, Worse};

use super::evidence::Evidence;
use super::together::Together;
use super::{Measure, Strength};

/// How the proof of a breach compares with the interval of the stage that is shown beside it.
pub(super) enum Proof {
    /// The interval excludes the margin as well, or none is shown.
    Shown,
    /// It was proven then, and what came since is weaker.
    Earlier(Instant),
    /// Evidence carried from earlier stages decided.
    Carried(Instant),
    /// What set in within the stage is proven; the interval is that of the whole stage.
    LateOnset(Instant),
}

/// Compares the proof of a breach with the numbers shown beside it.
pub(super) fn proof(
    guardrail: &Guardrail,
    proven_at: i64,
    measure: Option<&Measure>,
    evidence: Option<&Evidence>,
    together: &Together,
    harm: Strength,
) -> Proof {
    let agrees = measure.is_none_or(|measure| {
        let excluded = |margin: f64| match guardrail.metric.kind.worse() {
            Worse::Higher => measure.lower.is_some_and(|lower| lower > margin),
            Worse::Lower => measure.upper.is_some_and(|upper| upper < margin),
        };
        measure.margin.is_some_and(excluded)
    });
    if agrees {
        return Proof::Shown;
    }
    let peak = evidence.map_or(1.0, |evidence| {
        let looks = (0..evidence.ends.len()).map(|look| evidence.harm(look));
        looks.fold(1.0, f64::max)
    });
    let at = Instant::from_timestamp(proven_at, 0).unwrap_or_default();
    if together.without_carried(peak) < harm.needed {
        Proof::Carried(at)
    } else if harm.value < harm.needed {
        Proof::Earlier(at)
    } else {
        Proof::LateOnset(at)
    }
}

/// The interval without what the verdict has excluded: it is found on condensed counts and on a grid,
/// the verdict on all of them, so its end may stand a digit beyond.
pub(super) fn agreeing(measure: Measure, guardrail: &Guardrail) -> Measure {
    let Some(ruled_out) = measure.rule_out else {
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

//! The numbers of a finding, on the scale in which its guardrail was written. Decides nothing.

use crate::plan::Guardrail;
use crate::units::{LogE, Period, Probability};

use super::evidence::{Comparison, LimitEvidence};
use super::examine::Examined;
use super::{ArmTotals, Measure, Scale};

pub(super) fn measure(
    guardrail: &Guardrail,
    examined: &Examined,
    comparison: &Comparison,
    peak: LogE,
    expected_wait: Option<Period>,
) -> Measure {
    let worse = guardrail.metric.kind.worse();
    let base = comparison.unexposed.and_then(|arm| arm.value);
    let on_scale = |effect: crate::units::Effect| {
        let (ratio, offset) = effect.null(worse);
        match (comparison.scale, effect.is_relative()) {
            (Scale::Ratio, true) => Some(ratio),
            (Scale::Difference, false) => Some(offset),
            (Scale::Difference, true) => base.map(|base| (ratio - 1.0) * base),
            (Scale::Ratio, false) => base.filter(|b| *b > 0.0).map(|base| 1.0 + offset / base),
            (Scale::Level, _) => None,
        }
    };
    Measure {
        scale: comparison.scale,
        estimate: comparison.estimate,
        lower: comparison.lower,
        upper: comparison.upper,
        margin: guardrail.margin.and_then(on_scale),
        rule_out: examined.rule_out.and_then(on_scale),
        log_e_breach: last(&comparison.breach),
        log_e_breach_peak: peak,
        log_e_pass: comparison
            .permits
            .now()
            .is_none()
            .then(|| last(&comparison.pass)),
        dispersion: comparison.dispersion.last().copied().unwrap_or(1.0),
        belief: comparison.belief,
        noise: comparison.noise(),
        boundaries: comparison.boundaries.clone(),
        expected_wait,
        exposed: comparison.exposed,
        unexposed: comparison.unexposed,
    }
}

pub(super) fn level(limit: &LimitEvidence, guardrail: &Guardrail, peak: LogE) -> Measure {
    let exposed: ArmTotals = limit.exposed;
    Measure {
        scale: Scale::Level,
        estimate: exposed.value,
        lower: None,
        upper: None,
        margin: guardrail.limit.map(|bound| bound.value),
        rule_out: None,
        log_e_breach: last(&limit.breach),
        log_e_breach_peak: peak,
        log_e_pass: Some(last(&limit.pass)),
        dispersion: limit.dispersion,
        belief: None,
        noise: None,
        boundaries: None,
        expected_wait: None,
        exposed,
        unexposed: None,
    }
}

/// The time until the pass is proven if evidence goes on to grow as in the second half of what
/// there is. The first half is spent on finding out which alternative is true.
pub(super) fn expected_wait(
    comparison: &Comparison,
    alpha: Probability,
    block: i64,
) -> Option<Period> {
    let looks = comparison.pass.len();
    let now = comparison.pass.last()?.0;
    let half = looks / 2;
    if half == 0 {
        return None;
    }
    let by_evidence = if now >= alpha.threshold().0 {
        0.0
    } else {
        let rate = (now - comparison.pass[half - 1].0) / (looks - half) as f64;
        if rate <= 0.0 {
            return None;
        }
        (alpha.threshold().0 - now) / rate
    };
    let blocks = by_evidence.max(comparison.shortfall * looks as f64).ceil();
    // Beyond a year it is not an expectation but a way of saying never.
    let seconds = blocks * block as f64;
    if !(0.0..=366.0 * 86_400.0).contains(&seconds) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between nothing and a year of seconds, checked above"
    )]
    let seconds = seconds as u32;
    Some(Period::from_seconds(seconds))
}

pub(super) fn last(trail: &[LogE]) -> LogE {
    trail.last().copied().unwrap_or(LogE::NONE)
}

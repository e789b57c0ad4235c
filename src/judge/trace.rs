//! What the judge would have said along the way: the same judge, asked again at instants spread over a
//! stage. Nothing is interpolated.

use crate::plan::Plan;
use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::verdicts::judge;
use super::windows::windows;
use super::{Clear, Judgement, Scale, Strength, Verdict, Window};

/// Points of a stage: enough for a smooth line on a page, few enough to judge in a blink. Intervals are
/// of the last look only, so that [`super::looks()`] does not have them.
pub const POINTS: i32 = 64;

/// One guardrail at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TracePoint {
    /// When.
    pub at: Instant,
    /// The scale of the numbers.
    pub scale: Scale,
    /// Point estimate.
    pub estimate: Option<f64>,
    /// Lower end of the interval.
    pub lower: Option<f64>,
    /// Upper end of the interval.
    pub upper: Option<f64>,
    /// What the stage must rule out on that scale; `None` where no breach is enough.
    pub rule_out: Option<f64>,
    /// The exposed arm's value over the blocks judged so far.
    pub exposed: Option<f64>,
    /// The unexposed arm's value over the same blocks.
    pub unexposed: Option<f64>,
    /// Evidence of harm over the whole rollout until then, beside what proves it.
    pub harm: Strength,
    /// How far enough harm is from being ruled out; `None` where nothing must be.
    pub clear: Option<Clear>,
}

/// A stage along its time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// By guardrail, in the order of the plan that was judged; `None` where there was no evidence.
    pub guardrails: Vec<(String, Vec<Option<TracePoint>>)>,
    /// By guardrail, in the same order: what each arm did over time.
    pub windows: Vec<(String, Vec<Window>)>,
}

/// Judges a stage at instants from its entry until this one.
#[must_use]
pub fn trace(plan: &Plan, snapshot: &Snapshot, until: Instant) -> Trace {
    let from = snapshot.since();
    let step = (until - from) / POINTS;
    let judgements: Vec<(Instant, Judgement)> = (1..=POINTS)
        .map(|index| {
            // The last point is exactly the one that was decided on.
            let at = if index == POINTS {
                until
            } else {
                from + step * index
            };
            (at, judge(plan, snapshot, at))
        })
        .collect();
    let guardrails = plan.guardrails.iter().enumerate();
    Trace {
        guardrails: guardrails
            .map(|(index, guardrail)| {
                let points = judgements
                    .iter()
                    .map(|(at, judgement)| point(judgement, index, *at))
                    .collect();
                (guardrail.name.clone(), points)
            })
            .collect(),
        windows: windows(plan, snapshot, until),
    }
}

fn point(judgement: &Judgement, index: usize, at: Instant) -> Option<TracePoint> {
    let finding = judgement.findings.get(index)?;
    match finding.verdict {
        // Where the evidence has stopped the numbers are those of before: a gap, not a level line.
        Verdict::NoData(_) => return None,
        Verdict::Pass | Verdict::Breach | Verdict::Inconclusive | Verdict::NotApplicable => {}
    }
    let measure = finding.measure.as_ref().filter(|_| finding.blocks > 0)?;
    Some(TracePoint {
        at,
        scale: measure.scale,
        estimate: measure.estimate,
        lower: measure.lower,
        upper: measure.upper,
        rule_out: measure.rule_out,
        exposed: measure.exposed.value,
        unexposed: measure.unexposed.as_ref().and_then(|arm| arm.value),
        harm: finding.harm,
        clear: finding.clear.filter(|_| measure.rule_out.is_some()),
    })
}

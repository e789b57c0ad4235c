//! What the judge would have said along the way: the same judge, asked again at instants spread over
//! each stage. Nothing is interpolated.

use crate::judge::{Judgement, LimitFinding, Scale, judge};
use crate::plan::Plan;
use crate::snapshot::Snapshot;
use crate::units::{Instant, LogE};

/// Looks a stage: enough for a smooth line on a page, few enough to judge in a blink.
const LOOKS: i32 = 64;

/// One stage with its evidence.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// The plan as it was judged.
    pub plan: Plan,
    /// The evidence.
    pub snapshot: Snapshot,
    /// When it was judged.
    pub until: Instant,
}

/// One guardrail at one look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub(super) at: Instant,
    pub(super) scale: Scale,
    pub(super) estimate: Option<f64>,
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    /// Evidence of harm beyond the margin, or beyond the limit where there is no margin.
    pub(super) harm: LogE,
    /// Evidence that enough harm is ruled out; `None` where nothing must be.
    pub(super) absence: Option<LogE>,
}

/// The looks at one stage; `None` where there was no evidence.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    /// By guardrail, in the order of the plan that was judged.
    pub(super) guardrails: Vec<(String, Vec<Option<Look>>)>,
}

/// Asks the judge along one chapter.
pub(super) fn trace(chapter: &Chapter) -> Trace {
    let from = chapter.snapshot.since();
    let step = (chapter.until - from) / LOOKS;
    let judgements: Vec<(Instant, Judgement)> = (1..=LOOKS)
        .map(|index| {
            // The last look is exactly the one that was decided on.
            let at = if index == LOOKS {
                chapter.until
            } else {
                from + step * index
            };
            (at, judge(&chapter.plan, &chapter.snapshot, at))
        })
        .collect();
    Trace {
        guardrails: chapter
            .plan
            .guardrails
            .iter()
            .enumerate()
            .map(|(index, guardrail)| {
                let looks = judgements
                    .iter()
                    .map(|(at, judgement)| look(judgement, index, *at))
                    .collect();
                (guardrail.name.clone(), looks)
            })
            .collect(),
    }
}

fn look(judgement: &Judgement, index: usize, at: Instant) -> Option<Look> {
    let finding = judgement.findings.get(index)?;
    let measure = finding.measure.as_ref().filter(|_| finding.blocks > 0)?;
    let harm = match (&finding.limit, measure.margin) {
        (Some(LimitFinding { log_e_breach, .. }), None) => *log_e_breach,
        (Some(_) | None, _) => measure.log_e_breach,
    };
    Some(Look {
        at,
        scale: measure.scale,
        estimate: measure.estimate,
        lower: measure.lower,
        upper: measure.upper,
        harm,
        absence: measure.rule_out.map(|_| measure.log_e_pass),
    })
}

//! Where a plan goes next, and what it must show to go there. Does not say whether it may.

use crate::plan::{Course, Curve, Plan, Ramp, RuleOut, Status};
use crate::units::{Exposure, Period};

use super::Reason;

/// The step a plan would take if every gate were open.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    /// Into a stage.
    Enter {
        /// 1-based.
        stage: u32,
        /// Of so many.
        stages: u32,
        /// Its exposure.
        exposure: Exposure,
    },
    /// Out of the last stage.
    Complete,
    /// The plan was edited so that there is no step to take.
    Lost(Reason),
}

/// What must be shown to leave the present stage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Requirements<'a> {
    pub(super) min_duration: Period,
    pub(super) max_duration: Option<Period>,
    pub(super) rule_out: &'a RuleOut,
    pub(super) approval: bool,
}

/// The next step of this plan.
pub(super) fn target(plan: &Plan) -> Target {
    match &plan.course {
        Course::Stages(stages) => {
            let count = u32::try_from(stages.len()).unwrap_or(u32::MAX);
            let (now, present) = match &plan.state {
                Some(state) if plan.is_exposed() => (state.exposure, state.stage),
                // A retried plan names the stage to enter; before it stands the one below.
                Some(state) => (Exposure::NONE, state.stage.saturating_sub(1)),
                None => (Exposure::NONE, 0),
            };
            if present == count && plan.is_exposed() {
                return Target::Complete;
            }
            let stage = present.saturating_add(1);
            match stages.get(present as usize) {
                Some(next) if next.exposure < now => Target::Lost(Reason::NextStageSmaller {
                    stage,
                    exposure: next.exposure,
                    now,
                }),
                Some(next) => Target::Enter {
                    stage,
                    stages: count,
                    exposure: next.exposure,
                },
                None => Target::Lost(Reason::StageGone {
                    stage: plan.state.as_ref().map_or(stage, |state| state.stage),
                    stages: count,
                }),
            }
        }
        Course::Ramp(ramp) => {
            let now = plan
                .state
                .as_ref()
                .map_or(Exposure::NONE, |state| state.exposure);
            if plan.is_exposed() && now >= ramp.to {
                return Target::Complete;
            }
            Target::Enter {
                stage: 1,
                stages: 1,
                exposure: climb(ramp, now),
            }
        }
    }
}

/// What the present stage asks; `None` when nobody is exposed or the plan lost the stage.
pub(super) fn requirements(plan: &Plan) -> Option<Requirements<'_>> {
    if !plan.is_exposed() || plan.status() == Status::RolledBack {
        return None;
    }
    match &plan.course {
        Course::Stages(_) => plan.stage().map(|stage| Requirements {
            min_duration: stage.min_duration,
            max_duration: stage.max_duration,
            rule_out: &stage.rule_out,
            approval: stage.approval,
        }),
        // Between two moves of a ramp there is no time to rule anything out: no breach is enough,
        // and the evidence of all moves together is what rolls it back.
        Course::Ramp(ramp) => Some(Requirements {
            min_duration: ramp.every,
            max_duration: None,
            rule_out: &RuleOut::Nothing,
            approval: false,
        }),
    }
}

/// One move along the curve: as far as it goes in the time between two moves.
fn climb(ramp: &Ramp, now: Exposure) -> Exposure {
    if now == Exposure::NONE {
        return ramp.from;
    }
    let (from, to) = (ramp.from.percent(), ramp.to.percent());
    let moves = f64::from(ramp.over.seconds().max(1)) / f64::from(ramp.every.seconds().max(1));
    let next = match ramp.curve {
        Curve::Linear => now.percent() + (to - from) / moves,
        Curve::Geometric if from > 0.0 => now.percent() * (to / from).powf(1.0 / moves),
        Curve::Geometric => to,
    };
    // A hundredth of a percent is the smallest step that can be written down.
    let least = Exposure::floor_percent(now.percent() + 0.01);
    Exposure::floor_percent(next).max(least).min(ramp.to)
}

//! Where a plan goes next, and what it must show to go there. Does not say whether it may.

use crate::judge::Pacing;
use crate::plan::{Pace, Plan, Ramp, RampProgress, RuleOut, Schedule, Status};
use crate::units::{Exposure, Instant, Period};

use super::Reason;
use super::budget::{self, Reach, Spent};
use super::ramp;

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
    /// Onto a ramp, or further along it.
    Climb {
        /// The exposure before.
        now: Exposure,
        /// The exposure after.
        next: Exposure,
        /// The curve's exposure, where the risk budget does not reach so far.
        curve: Option<Exposure>,
        /// The ramp after the move, but for its instant.
        climb: RampProgress,
    },
    /// Out of the last stage.
    Complete,
    /// There is no step to take.
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

/// The next step of this plan. `pacing` is what a ramp has shown.
pub(super) fn target(plan: &Plan, pacing: Option<&Pacing>) -> Target {
    match &plan.course {
        Schedule::Stages(stages) => {
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
        Schedule::Ramp(ramp) => ramp_target(plan, ramp, pacing),
    }
}

fn ramp_target(plan: &Plan, ramp: &Ramp, pacing: Option<&Pacing>) -> Target {
    let (adaptive, budget) = match ramp.pace {
        Pace::Fixed => (false, 0.0),
        Pace::Adaptive { risk_budget } => (true, risk_budget),
    };
    let standing = if plan.is_exposed() {
        ramp::standing(plan, ramp, !adaptive)
    } else {
        None
    };
    let (Some(standing), Some(state)) = (standing, &plan.state) else {
        return first_exposure(plan, ramp, adaptive.then_some(budget), pacing);
    };
    let now = state.exposure;
    if now >= ramp.to {
        return Target::Complete;
    }
    let every = ramp::every(ramp, pacing, now);
    let step = ramp::next_move(ramp, &standing, now, every);
    let (next, curve) = if adaptive {
        match budget::reach(plan, pacing, budget, every) {
            Reach::Everywhere => (step.ceiling, None),
            Reach::Unknown => return Target::Lost(Reason::BudgetUnknown),
            Reach::UpTo {
                exposure,
                guardrail,
                at_most,
                harm,
                margin,
                hourly: _,
            } => {
                if exposure >= step.ceiling {
                    (step.ceiling, None)
                } else if exposure.percent() < now.percent() * ramp::WORTH_A_MOVE {
                    return Target::Lost(Reason::BudgetHolds {
                        exposure: now,
                        guardrail,
                        at_most,
                        budget,
                        harm,
                        margin,
                    });
                } else {
                    (exposure, Some(step.ceiling))
                }
            }
        }
    } else {
        (step.ceiling, None)
    };
    Target::Climb {
        now,
        next: next.max(now),
        curve,
        climb: RampProgress {
            moves: standing.moves.saturating_add(1),
            progress: step.progress,
            ..standing
        },
    }
}

/// Onto the ramp. Where a budget is at stake, nothing is known of the change: it may fail for
/// everybody who sees it.
fn first_exposure(
    plan: &Plan,
    ramp: &Ramp,
    budget: Option<f64>,
    pacing: Option<&Pacing>,
) -> Target {
    let next = match budget {
        None => ramp.from,
        Some(budget) => {
            let every = ramp::every(ramp, pacing, ramp.from);
            match budget::reach(plan, pacing, budget, every) {
                Reach::Everywhere => ramp.from,
                Reach::UpTo {
                    exposure,
                    guardrail,
                    hourly,
                    ..
                } if exposure < ramp::LEAST => {
                    return Target::Lost(Reason::BudgetTooSmall {
                        guardrail,
                        least: ramp::LEAST,
                        cost: hourly * every.hours() * ramp::LEAST.share(),
                        budget,
                        needed: budget::needed(hourly * every.hours() * ramp::LEAST.share()),
                    });
                }
                Reach::UpTo { exposure, .. } => exposure.min(ramp.from),
                // Who is not pending, such as one rolled back, goes nowhere, and was not asked about.
                Reach::Unknown if !plan.needs_traffic() => ramp.from,
                Reach::Unknown => return Target::Lost(Reason::TrafficUnknown),
            }
        }
    };
    Target::Climb {
        now: Exposure::NONE,
        next,
        curve: (next < ramp.from).then_some(ramp.from),
        climb: RampProgress {
            moves: 1,
            progress: Period::ZERO,
            moved_at: Instant::default(),
            spent: 0.0,
            settled: 0.0,
        },
    }
}

/// When a ramp may move again, seen from its latest move; `None` for stages and before the first.
pub(super) fn next_move_at(plan: &Plan, pacing: Option<&Pacing>) -> Option<Instant> {
    let Schedule::Ramp(ramp) = &plan.course else {
        return None;
    };
    let fixed = match ramp.pace {
        Pace::Fixed => true,
        Pace::Adaptive { .. } => false,
    };
    let standing = ramp::standing(plan, ramp, fixed)?;
    let now = plan.state.as_ref()?.exposure;
    let every = ramp::every(ramp, pacing, now);
    let gap = if now >= ramp.to {
        every
    } else {
        ramp::next_move(ramp, &standing, now, every).gap
    };
    Some(standing.moved_at + gap.delta())
}

/// The guardrails that show an adaptive ramp's budget to be spent.
pub(super) fn spent(plan: &Plan, pacing: Option<&Pacing>) -> Vec<Spent> {
    let (Schedule::Ramp(ramp), Some(state)) = (&plan.course, &plan.state) else {
        return Vec::new();
    };
    let every = ramp::every(ramp, pacing, state.exposure);
    budget::spent(plan, pacing, state.exposure, every)
}

/// What the present stage asks; `None` when nobody is exposed or the plan lost the stage.
pub(super) fn requirements(plan: &Plan) -> Option<Requirements<'_>> {
    if !plan.is_exposed() || plan.status() == Status::RolledBack {
        return None;
    }
    match &plan.course {
        Schedule::Stages(_) => plan.stage().map(|stage| Requirements {
            min_duration: stage.min_duration,
            max_duration: stage.max_duration,
            rule_out: &stage.rule_out,
            approval: stage.approval,
        }),
        // Between two moves of a ramp there is no time to rule anything out: no breach is enough,
        // and the evidence of all moves together is what rolls it back.
        Schedule::Ramp(_) => Some(Requirements {
            // A ramp has its own clock: [`next_move_at`].
            min_duration: Period::ZERO,
            max_duration: None,
            rule_out: &RuleOut::Nothing,
            approval: false,
        }),
    }
}

//! A plan's gates over past data: what they would have done had the plan been in a stage then.
//! Asking for the data is not done here.

use crate::decide::{Action, Decision, Environment, decide, entered};
use crate::judge::{Judgement, judge};
use crate::plan::{Calendar, Plan, Schedule};
use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::first_move;

/// One stage over past data, up to what would have happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The plan as it would have stood.
    pub plan: Plan,
    /// When something would have happened, or the end of the data.
    pub at: Instant,
    /// What would have been done, and why; holding at the end of the data.
    pub decision: Decision,
    /// What the judge would have said.
    pub judgement: Judgement,
}

/// The plan as if it had entered this stage (1-based), or its ramp, at this instant; `None` when it has
/// no such stage. Dependencies are left out: backtests are about evidence. So is the assignment of a
/// ramp, whose exposure was another one then; and an adaptive ramp begins where its curve does.
#[must_use]
pub fn as_if(plan: &Plan, stage: u32, at: Instant) -> Option<Plan> {
    let (exposure, assignment) = match &plan.course {
        Schedule::Stages(stages) => {
            let stage = stages.get(stage.checked_sub(1)? as usize)?;
            (stage.exposure, plan.assignment.clone())
        }
        Schedule::Ramp(ramp) => ((stage == 1).then_some(ramp.from)?, None),
    };
    let mut plan = Plan {
        state: None,
        after: Vec::new(),
        assignment,
        ..plan.clone()
    };
    plan.state = entered(&plan, stage, exposure, at);
    Some(plan)
}

/// Runs the stage that the plan is in over this data, looking at every block's end.
#[must_use]
pub fn step(plan: &Plan, snapshot: &Snapshot, until: Instant) -> Step {
    let around = Environment {
        now: until,
        calendar: Calendar::default(),
        exclusive_surface: false,
        neighbours: Vec::new(),
        targets: Vec::new(),
    };
    // A ramp goes on with the record it has.
    let moved = plan.state.as_ref().and_then(|state| state.ramp);
    let from = moved.map_or(snapshot.since(), |climb| climb.moved_at);
    let (at, decision, judgement) = match first_move(plan, snapshot, from, until, &around) {
        Some(found) => (found.at, found.decision, found.judgement),
        None => {
            let judgement = judge(plan, snapshot, until);
            let decision = decide(plan, Some(&judgement), &around);
            (until, decision, judgement)
        }
    };
    Step {
        plan: plan.clone(),
        at,
        decision,
        judgement,
    }
}

impl Step {
    /// The plan in the next stage, where this step would have advanced it.
    #[must_use]
    pub fn onward(&self) -> Option<Plan> {
        match self.decision.action {
            Action::Advance { .. } => {
                let state = self.decision.next.clone()?;
                Some(Plan {
                    state: Some(state),
                    ..self.plan.clone()
                })
            }
            Action::Hold | Action::Pause | Action::Rollback { .. } | Action::Complete => None,
        }
    }
}

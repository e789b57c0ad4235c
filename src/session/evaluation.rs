//! One plan that was judged and decided on, or why it could not be.

use crate::decide::{Decision, Environment, decide};
use crate::judge::{Judgement, judge};
use crate::plan::{Mistake, Plan};
use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::plan_set::PlanSet;

/// One plan that could be decided on.
pub(crate) struct Evaluation<'d> {
    pub(crate) loaded: &'d LoadedPlan,
    pub(crate) plan: &'d Plan,
    /// The evaluation instant.
    pub(crate) now: Instant,
    /// `None` where nothing was measured, or where nobody needs it once it is judged.
    pub(crate) snapshot: Option<Snapshot>,
    /// `None` where there is nothing to measure yet, or nothing left to.
    pub(crate) judgement: Option<Judgement>,
    pub(crate) around: Environment,
    pub(crate) decision: Decision,
}

/// What came of one plan.
pub(crate) enum Outcome<'d> {
    /// It was judged and decided on.
    Evaluated(Box<Evaluation<'d>>),
    /// It could not be; the others go on.
    Failed {
        loaded: &'d LoadedPlan,
        failure: Failure,
    },
}

/// A plan that cannot be evaluated because of its mistakes, or is not because of the change's.
pub(crate) fn faulty(plan_set: &PlanSet, loaded: &LoadedPlan) -> Failure {
    match &plan_set.gate {
        Some(gate) => {
            let mut failure = Failure::invalid(format!(
                "the change of {} since {} is refused",
                loaded.shown, gate.rev
            ));
            failure.causes = loaded
                .all_mistakes()
                .into_iter()
                .filter(Mistake::is_error)
                .map(|mistake| mistake.message)
                .collect();
            failure
        }
        None => Failure::invalid(format!("{} has mistakes", loaded.shown)).help(format!(
            "`rollout validate {}` shows them",
            loaded.file.name
        )),
    }
}

/// Judges and decides; pure but for its place in this file.
pub(crate) fn judge_and_decide<'d>(
    plan_set: &'d PlanSet,
    loaded: &'d LoadedPlan,
    plan: &'d Plan,
    snapshot: Option<Snapshot>,
    now: Instant,
) -> Evaluation<'d> {
    let around = plan_set.surroundings(plan, now);
    let judgement = snapshot.as_ref().map(|snapshot| judge(plan, snapshot, now));
    let decision = decide(plan, judgement.as_ref(), &around);
    Evaluation {
        loaded,
        plan,
        now,
        snapshot,
        judgement,
        around,
        decision,
    }
}

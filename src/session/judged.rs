//! Plans that are judged one after the other, as their evidence comes. A snapshot is large, and what is
//! said of it is small: of thousands of plans a few are held at a time.

use std::collections::BTreeMap;

use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::evaluation::{Evaluation, Outcome, faulty, judge_and_decide};
use super::failure::Failure;
use super::plan_set::PlanSet;

/// Which snapshots are kept when their plans are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// All of them: they are saved, or somebody looks at one.
    All,
    /// Those that a record may need: the plan moves, or may move when a neighbour has moved before it.
    Recorded,
}

/// What came of plans so far, by their places in the directory.
pub(super) struct Judged<'d> {
    plan_set: &'d PlanSet,
    keep: Keep,
    outcomes: BTreeMap<usize, Outcome<'d>>,
}

impl<'d> Judged<'d> {
    pub(super) const fn new(plan_set: &'d PlanSet, keep: Keep) -> Self {
        Self {
            plan_set,
            keep,
            outcomes: BTreeMap::new(),
        }
    }

    /// Judges a plan by this snapshot. A plan with mistakes is left for [`Judged::outcome`].
    pub(super) fn take(&mut self, place: usize, snapshot: Result<Snapshot, Failure>, now: Instant) {
        let loaded = &self.plan_set.plans[place];
        let Some(plan) = &loaded.plan else {
            return;
        };
        let outcome = match snapshot {
            Ok(snapshot) => {
                let mut evaluation =
                    judge_and_decide(self.plan_set, loaded, plan, Some(snapshot), now);
                if !self.is_kept(&evaluation) {
                    evaluation.snapshot = None;
                }
                Outcome::Evaluated(Box::new(evaluation))
            }
            Err(failure) => Outcome::Failed { loaded, failure },
        };
        self.outcomes.insert(place, outcome);
    }

    fn is_kept(&self, evaluation: &Evaluation<'_>) -> bool {
        match self.keep {
            Keep::All => true,
            Keep::Recorded => {
                evaluation.decision.next.is_some() || !evaluation.around.neighbours.is_empty()
            }
        }
    }

    /// What came of the plan at this place; where no evidence came, it is decided on without.
    pub(super) fn outcome(&mut self, place: usize, now: Instant) -> Outcome<'d> {
        if let Some(outcome) = self.outcomes.remove(&place) {
            return outcome;
        }
        let loaded = &self.plan_set.plans[place];
        match &loaded.plan {
            Some(plan) => {
                let evaluation = judge_and_decide(self.plan_set, loaded, plan, None, now);
                Outcome::Evaluated(Box::new(evaluation))
            }
            None => Outcome::Failed {
                loaded,
                failure: faulty(self.plan_set, loaded),
            },
        }
    }
}

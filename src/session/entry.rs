//! The history that a stage is judged by besides its own blocks: asked for once, when the stage is entered,
//! kept in that record, and read from there by every later run, with a cache or without.
//!
//! What cannot be had when a stage is entered, and what cannot be believed later, stops nothing: each run of
//! the stage then asks the server, and the next record of the stage makes up for it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::decide::Action;
use crate::plan::{Plan, State, Status};
use crate::prometheus::{Client, EvidenceRequest, ask_histories, lacks_history};
use crate::snapshot::EntryHistory;
use crate::units::Instant;

use super::ask::{client, runtime};
use super::context::Context;
use super::evaluation::{Evaluation, Outcome};
use super::kept::known;
use super::plan_set::PlanSet;
use super::progress::Asking;

/// In a run that also takes users back, their plans' histories may take so long: the rollback is written, and
/// its push and whoever is to be told of it wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// The plans of a run that enter a stage, or whose stage goes on without a history that it could be read
/// from; with what is asked for them.
pub(crate) struct Entering {
    plans: Vec<Plan>,
    now: Instant,
    patience: Option<Duration>,
    asked: Option<BTreeMap<String, EntryHistory>>,
}

impl Entering {
    /// Nobody.
    pub(crate) const fn nobody(now: Instant) -> Self {
        Self {
            plans: Vec::new(),
            now,
            patience: None,
            asked: None,
        }
    }

    /// Of these outcomes. In a run that takes users back little time is spent on it: that is written
    /// before, and its push waits.
    pub(crate) fn of(outcomes: &[Outcome<'_>], plan_set: &PlanSet, now: Instant) -> Self {
        let evaluations = || {
            outcomes.iter().filter_map(|outcome| match outcome {
                Outcome::Evaluated(evaluation) => Some(evaluation),
                Outcome::Failed { .. } => None,
            })
        };
        let is_rollback = |action| matches!(action, Action::Rollback { .. });
        let takes_back = evaluations().any(|evaluation| is_rollback(evaluation.decision.action));
        Self {
            plans: evaluations()
                .filter_map(|evaluation| in_its_next_state(evaluation, plan_set))
                .collect(),
            now,
            patience: takes_back.then_some(PATIENCE),
            asked: None,
        }
    }

    /// What the record of this plan's step keeps; asked for all plans of the run when the first of them
    /// takes its step.
    pub(crate) fn history_of(
        &mut self,
        evaluation: &Evaluation<'_>,
        plan_set: &PlanSet,
        context: &Context<'_>,
    ) -> Option<EntryHistory> {
        let name = &evaluation.plan.name;
        let plan = self.plans.iter().find(|plan| plan.name == *name)?;
        // A neighbour's step may have changed what is decided.
        if plan.state != evaluation.decision.next {
            return None;
        }
        if self.asked.is_none() {
            self.asked = Some(self.ask(plan_set, context));
        }
        self.asked.as_mut()?.remove(name)
    }

    /// Asks for the histories of these plans; those that cannot be had are asked for by each run of the
    /// stage.
    fn ask(&self, plan_set: &PlanSet, context: &Context<'_>) -> BTreeMap<String, EntryHistory> {
        let prometheus = &plan_set.config.prometheus;
        let client = match client(prometheus, plan_set.directory.root(), context) {
            Ok(client) => client,
            Err(failure) => {
                tracing::debug!(why = %failure.message, "the history of the stages is not asked for");
                return BTreeMap::new();
            }
        };
        let histories = self.asked(&client, context);
        let named = self.plans.iter().zip(histories);
        let told = named.filter_map(|(plan, history)| {
            if history.is_none() {
                tracing::debug!(plan = %plan.name, "the history of the stage could not be had: its runs ask for it");
            }
            Some((plan.name.clone(), history?))
        });
        told.collect()
    }

    fn asked(&self, client: &Client, context: &Context<'_>) -> Vec<Option<EntryHistory>> {
        let Ok(runtime) = runtime() else {
            return Vec::new();
        };
        let requests: Vec<EvidenceRequest<'_>> = self
            .plans
            .iter()
            .filter_map(|plan| EvidenceRequest::of_stage(plan).ok())
            .collect();
        let asking = Asking::start(context);
        let told = |done, total| asking.answered(done, total);
        let asked = ask_histories(client, &requests, self.now, &told);
        runtime.block_on(async {
            match self.patience {
                None => asked.await,
                Some(patience) => {
                    let within = tokio::time::timeout(patience, asked);
                    within.await.unwrap_or_else(|_| {
                        tracing::debug!(
                            "the history of the stages takes too long beside a rollback"
                        );
                        requests.iter().map(|_| None).collect()
                    })
                }
            }
        })
    }
}

/// The plan as it will be, where its record should keep a history.
fn in_its_next_state(evaluation: &Evaluation<'_>, plan_set: &PlanSet) -> Option<Plan> {
    let next = evaluation.decision.next.as_ref()?;
    let is_judged = match next.status {
        Status::Progressing => true,
        Status::Pending | Status::Paused | Status::RolledBack | Status::Complete => false,
    };
    if !is_judged {
        return None;
    }
    let plan = Plan {
        state: Some(next.clone()),
        ..evaluation.plan.clone()
    };
    let goes_on = |before: &State| {
        evaluation.plan.is_exposed()
            && (before.stage, before.entered_at) == (next.stage, next.entered_at)
    };
    let known = match &evaluation.plan.state {
        Some(before) if goes_on(before) => known(plan_set, evaluation.loaded, evaluation.plan),
        Some(_) | None => None,
    };
    let request = EvidenceRequest::of_stage(&plan).ok()?;
    let request = match &known {
        Some(known) => request.with_history(known),
        None => request,
    };
    lacks_history(&request, evaluation.now).then_some(plan)
}

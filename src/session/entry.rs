//! The history that a stage is judged by besides its own blocks: asked for once, when the stage is entered,
//! kept in that record, and read from there by every later run, with a cache or without.
//!
//! What cannot be had when a stage is entered, and what cannot be believed later, stops nothing: each run of
//! the stage then asks the server, and the next record of the stage makes up for it.

use std::collections::BTreeMap;

use serde_json::Value;

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

/// The plans of a run that enter a stage, or whose stage goes on without a history that it could be read
/// from; with what is asked for them.
pub(crate) struct Entering {
    plans: Vec<Plan>,
    now: Instant,
    asked: Option<BTreeMap<String, Value>>,
}

impl Entering {
    /// Nobody.
    pub(crate) const fn nobody(now: Instant) -> Self {
        Self {
            plans: Vec::new(),
            now,
            asked: None,
        }
    }

    /// Of these outcomes. In a run that takes users back nothing is asked: that must neither wait for a
    /// server nor for the push after it.
    pub(crate) fn of(outcomes: &[Outcome<'_>], plan_set: &PlanSet, now: Instant) -> Self {
        let evaluations = || {
            outcomes.iter().filter_map(|outcome| match outcome {
                Outcome::Evaluated(evaluation) => Some(evaluation),
                Outcome::Failed { .. } => None,
            })
        };
        let is_rollback = |action| matches!(action, Action::Rollback { .. });
        if evaluations().any(|evaluation| is_rollback(evaluation.decision.action)) {
            return Self::nobody(now);
        }
        Self {
            plans: evaluations()
                .filter_map(|evaluation| in_its_next_state(evaluation, plan_set))
                .collect(),
            now,
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
    ) -> Option<Value> {
        let name = &evaluation.plan.name;
        let plan = self.plans.iter().find(|plan| plan.name == *name)?;
        // A neighbour's step may have changed what is decided.
        if plan.state != evaluation.decision.next {
            return None;
        }
        if self.asked.is_none() {
            self.asked = Some(ask(&self.plans, plan_set, self.now, context));
        }
        self.asked.as_mut()?.remove(name)
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

/// Asks for the histories of these plans; those that cannot be had are asked for by each run of the stage.
fn ask(
    plans: &[Plan],
    plan_set: &PlanSet,
    now: Instant,
    context: &Context<'_>,
) -> BTreeMap<String, Value> {
    let prometheus = &plan_set.config.prometheus;
    let client = match client(prometheus, plan_set.directory.root(), context) {
        Ok(client) => client,
        Err(failure) => {
            tracing::debug!(why = %failure.message, "the history of the stages is not asked for");
            return BTreeMap::new();
        }
    };
    let histories = asked(&client, plans, now, context);
    let named = plans.iter().zip(histories);
    let told = named.filter_map(|(plan, history)| {
        if history.is_none() {
            tracing::debug!(plan = %plan.name, "the history of the stage could not be had: its runs ask for it");
        }
        Some((plan.name.clone(), history?.to_json()))
    });
    told.collect()
}

fn asked(
    client: &Client,
    plans: &[Plan],
    now: Instant,
    context: &Context<'_>,
) -> Vec<Option<EntryHistory>> {
    let Ok(runtime) = runtime() else {
        return Vec::new();
    };
    let requests: Vec<EvidenceRequest<'_>> = plans
        .iter()
        .filter_map(|plan| EvidenceRequest::of_stage(plan).ok())
        .collect();
    let asking = Asking::start(context);
    let told = |done, total| asking.answered(done, total);
    runtime.block_on(ask_histories(client, &requests, now, &told))
}

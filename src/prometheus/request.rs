//! What is asked for one plan: its queries, over which time, and which arms must be there. Pure.

use crate::plan::{Arms, Assignment, Guardrail, Kind, Plan, Role};
use crate::power::Past;
use crate::snapshot::{Arm, EntryHistory, Moment};
use crate::units::{Exposure, Period};

use super::native::Focus;
use super::{CollectError, block_of};

/// A question about one plan's metrics, which [`super::collect`] answers with a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct EvidenceRequest<'a> {
    /// The plan's name.
    pub(super) plan: &'a str,
    pub(super) arms: &'a Arms,
    pub(super) guardrails: &'a [Guardrail],
    pub(super) assignment: Option<&'a Assignment>,
    /// Of what the blocks are, and since when.
    pub(super) moment: Moment,
    /// Length of a block.
    pub(super) block: Period,
    /// Until more blocks than these have closed, traffic may still be on its way to a new arm: nothing
    /// that is absent is an issue.
    pub(super) warmup_blocks: u32,
    /// Whether anybody is unexposed, so that both arms must be there.
    pub(super) both_arms: bool,
    /// Whether the unexposed arm's history is asked for, too.
    pub(super) history: bool,
    /// What was asked of it when the stage was entered.
    pub(super) known: Option<&'a EntryHistory>,
}

impl<'a> EvidenceRequest<'a> {
    /// The evidence of the stage that the plan is in.
    ///
    /// # Errors
    /// When it is in none: nobody is exposed, there is nothing to ask.
    pub fn of_stage(plan: &'a Plan) -> Result<Self, CollectError> {
        let Some(state) = &plan.state else {
            return Err(CollectError::Pending {
                plan: plan.name.clone(),
            });
        };
        let block = block_of(plan);
        Ok(Self {
            plan: &plan.name,
            arms: &plan.arms,
            guardrails: &plan.guardrails,
            assignment: plan.assignment.as_ref(),
            moment: Moment::of(state),
            block,
            warmup_blocks: plan.judge.warmup_blocks(block),
            both_arms: has_unexposed(plan),
            history: true,
            known: None,
        })
    }

    /// The traffic of this past, whatever stage the plan is in.
    #[must_use]
    pub const fn of_past(plan: &'a Plan, past: Past) -> Self {
        let Past {
            since,
            block,
            both_arms,
        } = past;
        Self {
            plan: plan.name.as_str(),
            arms: &plan.arms,
            guardrails: plan.guardrails.as_slice(),
            assignment: plan.assignment.as_ref(),
            moment: Moment::Beforehand { since },
            block,
            warmup_blocks: 0,
            both_arms,
            history: true,
            known: None,
        }
    }

    /// Without the history of the unexposed arm: what a stage alone costs.
    #[must_use]
    pub const fn without_history(self) -> Self {
        Self {
            history: false,
            ..self
        }
    }

    /// With what was asked of the unexposed arm's history when the stage was entered. Guardrails that it
    /// does not have, or whose questions were others then, are asked for theirs.
    #[must_use]
    pub const fn with_history(self, known: &'a EntryHistory) -> Self {
        Self {
            known: Some(known),
            ..self
        }
    }
}

/// Whether anybody is unexposed where the plan stands.
pub(super) fn has_unexposed(plan: &Plan) -> bool {
    plan.exposure() < Exposure::FULL
}

/// The arms whose absence is a problem: where nobody is unexposed, and of a guardrail without a margin,
/// which compares nothing, the exposed one alone. `None` is the assignment, which compares.
pub(super) fn arms_needed(both_arms: bool, guardrail: Option<&Guardrail>) -> &'static [Arm] {
    let compares = match guardrail {
        None => true,
        Some(guardrail) => match guardrail.metric.kind {
            Kind::Point { .. } => false,
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Mean { .. }
            | Kind::Gauge { .. } => match guardrail.role {
                Role::Guardrail => guardrail.margin.is_some(),
                Role::Success => true,
            },
        },
    };
    if compares && both_arms {
        &[Arm::Exposed, Arm::Unexposed]
    } else {
        &[Arm::Exposed]
    }
}

/// Which bounds of a histogram matter to this guardrail.
pub(super) fn focus(guardrail: &Guardrail) -> Option<Focus> {
    match guardrail.metric.kind {
        Kind::Latency { quantile, unit, .. } => Some(Focus {
            quantile,
            limit: guardrail.limit.map(|limit| limit.value / unit.seconds()),
        }),
        Kind::Ratio { .. }
        | Kind::Rate { .. }
        | Kind::Mean { .. }
        | Kind::Gauge { .. }
        | Kind::Point { .. } => None,
    }
}

//! The plan as the rest of the crate sees it: complete, resolved against the shared settings, valid.

use crate::units::{Digest, Exposure, Instant, Period};

use super::arms::Arms;
use super::course::{Pace, Schedule, Stage};
use super::guardrail::Guardrail;
use super::judge::JudgeSettings;
use super::selector::Selector;
use super::state::{State, Status};
use super::target::Target;

/// One rollout: what was declared, and how far it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The file's stem.
    pub name: String,
    /// What is being rolled out.
    pub description: Option<String>,
    /// What is still to be adapted before anybody is exposed: a plan that says so is held.
    pub draft: Option<String>,
    /// Who to ask.
    pub owner: Option<String>,
    /// Why the declared part was last changed; the merge gate accepts a risky change of a running
    /// plan only with one.
    pub reason: Option<String>,
    /// The part of the product it touches.
    pub surface: Option<String>,
    /// Plans that must have come so far before this one advances.
    pub after: Vec<After>,
    /// How exposure grows.
    pub course: Schedule,
    /// At least one; success metrics among them.
    pub guardrails: Vec<Guardrail>,
    /// Success metrics must pass to advance.
    pub require_success: bool,
    /// The sample ratio check.
    pub assignment: Option<Assignment>,
    /// Files that carry the exposure to users; may be empty.
    pub targets: Vec<Target>,
    /// The arms' label, from the shared settings.
    pub arms: Arms,
    /// Budgets and block length, from the shared settings.
    pub judge: JudgeSettings,
    /// Digest of the declared part of the file.
    pub declared: Digest,
    /// What `rollout` wrote; `None` is a pending plan: nobody is exposed.
    pub state: Option<State>,
}

impl Plan {
    /// The stages, in order; a ramp has none.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        match &self.course {
            Schedule::Stages(stages) => stages,
            Schedule::Ramp(_) => &[],
        }
    }

    /// True when somebody sees the change, so that there is something to measure and to decide on
    /// evidence. A rolled-back plan is not exposed; a complete one is.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.exposure() > Exposure::NONE
    }

    /// The present exposure; a plan without state exposes nobody.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        self.state
            .as_ref()
            .map_or(Exposure::NONE, |state| state.exposure)
    }

    /// The present status; a plan without state is pending.
    #[must_use]
    pub fn status(&self) -> Status {
        self.state
            .as_ref()
            .map_or(Status::Pending, |state| state.status)
    }

    /// True when a decision needs data from Prometheus.
    #[must_use]
    pub fn needs_data(&self) -> bool {
        match self.status() {
            Status::Pending | Status::Progressing | Status::Paused => self.is_exposed(),
            Status::RolledBack | Status::Complete => false,
        }
    }

    /// True when the first exposure depends on the traffic there is: of an unknown release a risk
    /// budget covers so many users, and no more.
    #[must_use]
    pub fn needs_traffic(&self) -> bool {
        let adaptive = match &self.course {
            Schedule::Stages(_) => false,
            Schedule::Ramp(ramp) => match ramp.pace {
                Pace::Fixed => false,
                Pace::Adaptive { .. } => true,
            },
        };
        adaptive && self.status() == Status::Pending && !self.is_exposed()
    }

    /// True when Prometheus is asked whether the plan can be judged at all before its first user is
    /// exposed. A draft is held anyway.
    #[must_use]
    pub fn needs_preflight(&self) -> bool {
        self.awaits_first_user() && self.judge.preflight && self.draft.is_none()
    }

    /// True while nobody has been exposed, or nobody again after a retry.
    #[must_use]
    pub fn awaits_first_user(&self) -> bool {
        self.status() == Status::Pending && !self.is_exposed()
    }

    /// The present stage; `None` for a pending plan and for a ramp.
    #[must_use]
    pub fn stage(&self) -> Option<&Stage> {
        let state = self.state.as_ref()?;
        self.stages().get(state.stage.checked_sub(1)? as usize)
    }

    /// Since when the present stage has been watched: since it was entered, or since the evidence of
    /// every guardrail started again, as it does when the arms are others. `None` for a pending plan
    /// without a state.
    #[must_use]
    pub fn watched_since(&self) -> Option<Instant> {
        let state = self.state.as_ref()?;
        self.guardrails
            .iter()
            .map(|guardrail| {
                state
                    .restarts
                    .get(&guardrail.name)
                    .map_or(state.entered_at, |restart| restart.at)
            })
            .min()
            .or(Some(state.entered_at))
    }
}

/// `after = ["payments-v2 >= 50"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The other plan of this directory.
    pub plan: String,
    /// Its least exposure.
    pub at_least: Exposure,
}

/// The sample ratio check on unique users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Counter of users at their first exposure.
    pub users: Selector,
}

/// What is known of the assignment stands among what is known of the guardrails, under a name that no
/// guardrail can have.
pub const ASSIGNMENT: &str = "_assignment";

impl Plan {
    /// The digest of what counts of users depend on; `None` where the plan does not count them.
    #[must_use]
    pub fn assignment_definition(&self) -> Option<Digest> {
        let assignment = self.assignment.as_ref()?;
        let selector = assignment.users.as_str();
        let text = format!(
            "rollout-assignment/1\narms {:?}\nusers {selector:?}\n",
            self.arms.identity()
        );
        Some(Digest::of(text.as_bytes()))
    }

    /// True when users are counted otherwise than when the evidence of their assignment began, and no
    /// restart is recorded yet. A state that does not say how they were counted says nothing about it.
    #[must_use]
    pub fn outdates_assignment(&self) -> bool {
        let Some((state, definition)) = self.state.as_ref().zip(self.assignment_definition())
        else {
            return false;
        };
        let counted = state
            .restarts
            .get(ASSIGNMENT)
            .map(|restart| &restart.definition)
            .or_else(|| state.definitions.get(ASSIGNMENT));
        counted.is_some_and(|counted| *counted != definition)
    }
}

impl JudgeSettings {
    /// The block length for a plan where it stands.
    #[must_use]
    pub fn block_of(&self, plan: &Plan) -> Period {
        match &plan.course {
            Schedule::Stages(_) => self.block_for(
                plan.stage()
                    .map_or(Period::ZERO, |stage| stage.min_duration),
            ),
            Schedule::Ramp(ramp) => self.block_for_ramp(ramp),
        }
    }
}

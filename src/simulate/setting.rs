//! What a simulated rollout starts from, and what comes of it. Running it is done in `rollout`.

use crate::plan::Plan;

use super::{Noise, Traffic};

/// What is simulated: a plan and the world around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Pending, with counted metrics only, without people and calendars.
    pub(super) plan: Plan,
    /// By guardrail, in the plan's order.
    pub(super) traffic: Vec<Traffic>,
    pub(super) noise: Noise,
    /// Which guardrail's metric is harmed.
    pub(super) harmed: usize,
    pub(super) left_out: Vec<String>,
}

/// How a rollout ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, in this stage.
    RolledBack {
        /// 1-based.
        stage: u32,
    },
    /// A guardrail paused it in this stage.
    Paused {
        /// 1-based.
        stage: u32,
    },
    /// Every gate passed.
    Released,
    /// This stage's gate stayed closed for so long that a person must decide.
    Stuck {
        /// 1-based.
        stage: u32,
    },
}

/// What came of one rollout.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// How it ended.
    pub ended: Ended,
    /// Seconds from entering the first stage to the end.
    pub seconds: i64,
    /// Requests (users, user-hours) of the harmed metric that were exposed by then.
    pub exposed: f64,
    /// Bad events among them that would not have been without the harm.
    pub excess: f64,
}

impl Setting {
    /// The plan that is simulated.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The same plan with the harmed guardrail alone.
    #[must_use]
    pub fn alone(&self) -> Plan {
        Plan {
            guardrails: vec![self.plan.guardrails[self.harmed].clone()],
            ..self.plan.clone()
        }
    }

    /// What disturbs the metrics.
    #[must_use]
    pub const fn noise(&self) -> Noise {
        self.noise
    }

    /// The guardrail whose metric is harmed.
    #[must_use]
    pub fn harmed(&self) -> &str {
        &self.plan.guardrails[self.harmed].name
    }

    /// The harmed metric's traffic.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.traffic[self.harmed]
    }

    /// Guardrails that are not simulated, because they are not counted or have no known traffic.
    #[must_use]
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }
}

//! One plan of a report as JSON: decided, or failed. A record keeps the former.

use serde::Serialize;

use crate::decide::{Gate, GateState, Reason};
use crate::judge::{Finding, Misassigned, Obstacle};

use super::super::{Change, Decided, Failure, Outcome, PlanReport};
use super::guardrail::GuardrailPart;
use super::number::{Keyword, finite, rfc3339};
use super::ramp::RampPart;

/// One plan of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PlanPart {
    /// It was judged and decided.
    Decided(Box<DecidedPart>),
    /// There is no decision.
    Failed(FailedPart),
}

/// A plan that was judged and decided.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecidedPart {
    pub(super) plan: String,
    pub(super) file: String,
    pub(super) status: Keyword,
    pub(super) stage: u32,
    pub(super) stages: u32,
    pub(super) exposure: f64,
    pub(super) next_exposure: f64,
    pub(super) entered_at: Option<String>,
    pub(super) decision: Keyword,
    pub(super) exit: u8,
    pub(super) reasons: Vec<String>,
    pub(super) reason_codes: Vec<Keyword>,
    /// What stands in the way before the first user; left out where nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) obstacles: Vec<ObstaclePart>,
    pub(super) gates: Vec<GatePart>,
    pub(super) log_e_rollback: Option<f64>,
    pub(super) assignment_broken: Option<String>,
    pub(super) assignment_code: Option<Keyword>,
    pub(super) guardrails: Vec<GuardrailPart>,
    pub(super) change: Option<ChangePart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ramp: Option<RampPart>,
}

/// A plan without a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FailedPart {
    plan: String,
    file: String,
    /// Always null: whoever looks for a decision finds that there is none.
    decision: Option<Keyword>,
    exit: u8,
    reasons: [String; 1],
    error: String,
    help: Option<String>,
    /// Always empty.
    guardrails: [GuardrailPart; 0],
}

/// One rule's answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct GatePart {
    gate: Keyword,
    state: Keyword,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Keyword>,
}

/// Something that stands between a guardrail and its evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ObstaclePart {
    guardrail: String,
    column: Option<String>,
    code: Keyword,
    text: String,
}

/// What became of the plan's file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct ChangePart {
    applied: bool,
    evidence: Option<String>,
    commit: Option<String>,
}

/// One plan of a report.
#[must_use]
pub fn plan(report: &PlanReport) -> PlanPart {
    let PlanReport {
        plan,
        file,
        outcome,
    } = report;
    match outcome {
        Outcome::Decided(value) => PlanPart::Decided(Box::new(decided(plan, file, value))),
        Outcome::Failed(Failure {
            exit,
            problem,
            cure,
        }) => PlanPart::Failed(FailedPart {
            plan: plan.clone(),
            file: file.clone(),
            decision: None,
            exit: exit.code(),
            reasons: [problem.clone()],
            error: problem.clone(),
            help: cure.clone(),
            guardrails: [],
        }),
    }
}

/// A plan with a decision, as evidence records keep it.
#[must_use]
pub fn decided(name: &str, file: &str, value: &Decided) -> DecidedPart {
    let Decided {
        plan,
        judgement,
        decision,
        change,
        targets: _,
    } = value;
    let judgement = judgement.as_ref();
    let findings: &[Finding] = judgement.map_or(&[], |judgement| &judgement.findings);
    let broken = judgement.and_then(|judgement| judgement.assignment_broken.as_ref());
    DecidedPart {
        plan: name.to_owned(),
        file: file.to_owned(),
        status: plan.status().key().into(),
        stage: value.stage(),
        stages: value.stages(),
        exposure: value.exposure().percent(),
        next_exposure: value.next_exposure().percent(),
        entered_at: plan.state.as_ref().map(|state| rfc3339(state.entered_at)),
        decision: decision.action.key().into(),
        exit: decision.exit.code(),
        reasons: decision.reasons.iter().map(ToString::to_string).collect(),
        reason_codes: decision
            .reasons
            .iter()
            .map(|reason| reason.code().into())
            .collect(),
        obstacles: decision
            .reasons
            .iter()
            .flat_map(Reason::obstacles)
            .map(ObstaclePart::from)
            .collect(),
        gates: decision.gates.iter().map(GatePart::from).collect(),
        log_e_rollback: judgement.and_then(|judgement| finite(judgement.log_e_rollback.0)),
        assignment_broken: broken.map(ToString::to_string),
        assignment_code: broken.map(|broken: &Misassigned| broken.code().into()),
        guardrails: findings.iter().map(GuardrailPart::from).collect(),
        change: change.as_ref().map(ChangePart::from),
        ramp: RampPart::of(plan, judgement),
    }
}

impl From<&Gate> for GatePart {
    fn from(gate: &Gate) -> Self {
        let Gate { name, state } = gate;
        let (state, reason) = match state {
            GateState::Open => ("open", None),
            GateState::NotApplicable => ("not_applicable", None),
            GateState::Closed(reason) => ("closed", Some(reason)),
        };
        Self {
            gate: name.key().into(),
            state: state.into(),
            reason: reason.map(ToString::to_string),
            code: reason.map(|reason| reason.code().into()),
        }
    }
}

impl From<&Obstacle> for ObstaclePart {
    fn from(obstacle: &Obstacle) -> Self {
        let Obstacle {
            guardrail,
            column,
            what,
        } = obstacle;
        Self {
            guardrail: guardrail.clone(),
            column: column.map(|column| column.key().to_owned()),
            code: what.code().into(),
            text: what.to_string(),
        }
    }
}

impl From<&Change> for ChangePart {
    fn from(change: &Change) -> Self {
        let Change {
            before: _,
            after: _,
            applied,
            evidence,
            commit,
        } = change;
        Self {
            applied: *applied,
            evidence: evidence.clone(),
            commit: commit.clone(),
        }
    }
}

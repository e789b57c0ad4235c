//! What people decide. Pure like the rules, and stronger: automation never undoes it. Each function
//! gives the state to write, `None` when it is already so, or says why not and what to do instead.

use std::collections::BTreeMap;

use crate::plan::{Actor, Intervention, Plan, Restart, State, Status};
use crate::units::{Digest, Exposure, Instant};

use super::next::{fresh, settle, taken_back};
use super::{Decision, GateName, GateState, Reason};

/// Who, when and why.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    /// The person.
    pub person: &'a str,
    /// The instant of the command.
    pub now: Instant,
    /// `--reason`.
    pub reason: Option<&'a str>,
}

impl Operator<'_> {
    fn record(self) -> Intervention {
        Intervention {
            by: Actor::Person(self.person.to_owned()),
            at: self.now,
            reason: self.reason.map(str::to_owned),
        }
    }
}

/// Where a plan stands: all that a stop has to know of it. What else is wrong with the plan keeps
/// nobody from being spared.
#[derive(Debug, Clone, Copy)]
pub struct Footing<'a> {
    /// The plan's name.
    pub name: &'a str,
    /// Its state; none is pending.
    pub state: Option<&'a State>,
    /// The digest of what is declared.
    pub declared: &'a Digest,
}

impl<'a> From<&'a Plan> for Footing<'a> {
    fn from(plan: &'a Plan) -> Self {
        Self {
            name: &plan.name,
            state: plan.state.as_ref(),
            declared: &plan.declared,
        }
    }
}

impl Footing<'_> {
    fn status(&self) -> Status {
        self.state.map_or(Status::Pending, |state| state.status)
    }

    /// The state as it is; for a plan that never had one, that of a plan waiting for its first stage.
    fn present(&self, now: Instant) -> State {
        self.state.cloned().unwrap_or_else(|| State {
            status: Status::Pending,
            stage: 1,
            exposure: Exposure::NONE,
            entered_at: now,
            declared: self.declared.clone(),
            evidence: None,
            definitions: BTreeMap::new(),
            restarts: BTreeMap::new(),
            judge: crate::judge::VERSION,
            carried: BTreeMap::new(),
            dispersion: BTreeMap::new(),
            pause: None,
            approval: None,
            rollback: None,
            ramp: None,
        })
    }
}

/// Why a command of a person is not carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// A rolled-back or complete plan has nothing to pause.
    NothingToPause {
        /// The plan.
        plan: String,
        /// Where it stands.
        status: Status,
    },
    /// A rolled-back plan is not paused; it is latched.
    ResumeLatched {
        /// The plan.
        plan: String,
    },
    /// Only a rolled-back plan can be retried.
    NotRolledBack {
        /// The plan.
        plan: String,
        /// Where it stands.
        status: Status,
    },
    /// The plan has no such stage.
    NoSuchStage {
        /// The plan.
        plan: String,
        /// The stage asked for.
        stage: u32,
        /// It has so many.
        stages: u32,
    },
    /// The stage does not ask for approval.
    NoApprovalAsked {
        /// The plan.
        plan: String,
    },
    /// Other gates are closed: an approval now would be given blindly.
    GatesClosed {
        /// The plan.
        plan: String,
        /// What else is in the way.
        reasons: Vec<Reason>,
    },
}

impl Refusal {
    /// A short name that stays, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NothingToPause { .. } => "nothing-to-pause",
            Self::ResumeLatched { .. } => "resume-latched",
            Self::NotRolledBack { .. } => "not-rolled-back",
            Self::NoSuchStage { .. } => "no-such-stage",
            Self::NoApprovalAsked { .. } => "no-approval-asked",
            Self::GatesClosed { .. } => "gates-closed",
        }
    }
}

impl std::error::Error for Refusal {}

/// Back to nobody, latched. Needs neither metrics nor an exposed plan: rolling back a pending plan
/// keeps it from ever being entered.
///
/// # Errors
/// Never: whoever wants nobody to see the change gets that.
pub fn rollback(footing: Footing<'_>, hand: Operator<'_>) -> Result<Option<State>, Refusal> {
    if footing.status() == Status::RolledBack {
        return Ok(None);
    }
    let present = footing.present(hand.now);
    Ok(Some(taken_back(&present, Exposure::NONE, hand.record())))
}

/// Stop until a person resumes; rollbacks still happen. A pending plan can be paused too.
///
/// # Errors
/// When the plan is rolled back or complete.
pub fn pause(footing: Footing<'_>, hand: Operator<'_>) -> Result<Option<State>, Refusal> {
    match footing.status() {
        Status::Paused => Ok(None),
        status @ (Status::RolledBack | Status::Complete) => Err(Refusal::NothingToPause {
            plan: footing.name.to_owned(),
            status,
        }),
        Status::Pending | Status::Progressing => Ok(Some(State {
            status: Status::Paused,
            pause: Some(hand.record()),
            ..footing.present(hand.now)
        })),
    }
}

/// Go on after a pause. Where a guardrail paused the plan, its evidence starts again: a breach
/// once proven stays proven, so that without this the next run would pause at once. Whether the
/// harm goes on is then decided on what happens from now on.
///
/// # Errors
/// When the plan is rolled back.
pub fn resume(plan: &Plan, hand: Operator<'_>) -> Result<Option<State>, Refusal> {
    match plan.status() {
        Status::RolledBack => {
            return Err(Refusal::ResumeLatched {
                plan: plan.name.clone(),
            });
        }
        Status::Pending | Status::Progressing | Status::Complete => return Ok(None),
        Status::Paused => {}
    }
    let mut state = Footing::from(plan).present(hand.now);
    let paused_by = state.pause.take().map(|pause| pause.by);
    state.status = if state.exposure > Exposure::NONE {
        Status::Progressing
    } else {
        Status::Pending
    };
    let guardrail = match paused_by {
        Some(Actor::Guardrail(name)) => plan.guardrails.iter().find(|g| g.name == name),
        Some(Actor::Person(_)) | None => None,
    };
    if let Some(guardrail) = guardrail {
        state.restarts.insert(
            guardrail.name.clone(),
            Restart {
                at: hand.now,
                definition: guardrail.definition.clone(),
            },
        );
        state.carried.remove(&guardrail.name);
        if let Some(climb) = &mut state.ramp {
            settle(climb);
        }
    }
    Ok(Some(state))
}

/// Let the plan leave its present stage. `decision` is what the rules say now.
///
/// # Errors
/// When the stage asks for no approval, or anything but the approval is in the way.
pub fn approve(
    plan: &Plan,
    decision: &Decision,
    hand: Operator<'_>,
) -> Result<Option<State>, Refusal> {
    let asked = decision
        .gates
        .iter()
        .find(|gate| gate.name == GateName::Approval);
    match asked.map(|gate| &gate.state) {
        None | Some(GateState::NotApplicable) => {
            return Err(Refusal::NoApprovalAsked {
                plan: plan.name.clone(),
            });
        }
        Some(GateState::Open) => return Ok(None),
        Some(GateState::Closed(_)) => {}
    }
    let others: Vec<Reason> = decision
        .gates
        .iter()
        .filter_map(|gate| match &gate.state {
            GateState::Closed(Reason::ApprovalNeeded { .. })
            | GateState::Open
            | GateState::NotApplicable => None,
            GateState::Closed(reason) => Some(reason.clone()),
        })
        .collect();
    if !others.is_empty() {
        return Err(Refusal::GatesClosed {
            plan: plan.name.clone(),
            reasons: others,
        });
    }
    Ok(Some(State {
        approval: Some(hand.record()),
        ..Footing::from(plan).present(hand.now)
    }))
}

/// Clear the latch. Nobody is exposed by it: the next advance enters the stage (1 unless named),
/// once windows, freezes and `after` allow. What earlier stages proved is forgotten: what comes now
/// is another release.
///
/// # Errors
/// When the plan is not rolled back, or has no such stage.
pub fn retry(
    plan: &Plan,
    from_stage: Option<u32>,
    hand: Operator<'_>,
) -> Result<Option<State>, Refusal> {
    let stages = u32::try_from(plan.stages().len())
        .unwrap_or(u32::MAX)
        .max(1);
    let stage = from_stage.unwrap_or(1);
    if stage == 0 || stage > stages {
        return Err(Refusal::NoSuchStage {
            plan: plan.name.clone(),
            stage,
            stages,
        });
    }
    match plan.status() {
        Status::RolledBack => {}
        // Already retried; naming another stage changes where it starts.
        Status::Pending
            if plan.state.as_ref().map_or(1, |state| state.stage) == stage
                || from_stage.is_none() =>
        {
            return Ok(None);
        }
        Status::Pending => {}
        status @ (Status::Progressing | Status::Paused | Status::Complete) => {
            return Err(Refusal::NotRolledBack {
                plan: plan.name.clone(),
                status,
            });
        }
    }
    Ok(Some(State {
        status: Status::Pending,
        definitions: BTreeMap::new(),
        ..fresh(plan, stage, Exposure::NONE, hand.now)
    }))
}

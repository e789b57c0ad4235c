//! Where one plan stands: what it waits for, who is needed, how long it takes. Without Prometheus as far as
//! the plan itself says it, else with what was decided on its answer.

use crate::decide::{
    Action, Decision, Environment, Exit, GateState, Reason, TargetStanding, decide,
};
use crate::judge::Judgement;
use crate::plan::{Plan, Schedule, Status};
use crate::units::{Exposure, Period};

use super::super::{Way, numbers, ramp};
use super::attention::{Attention, is_about_evidence, left, needs_person};
use super::nearest::Nearest;

/// One plan's line.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The plan.
    pub plan: String,
    /// Where it stands, or `None` when its file has mistakes.
    pub status: Option<Status>,
    /// Who or what is needed.
    pub attention: Attention,
    /// The stage, 1-based; 0 before the first.
    pub stage: u32,
    /// Of so many.
    pub stages: u32,
    /// Moves made, where the plan is a ramp.
    pub moves: Option<u32>,
    /// Its way, or `None` when its file has mistakes.
    pub way: Option<Way>,
    /// The exposure, or `None` when its file has mistakes: whoever reads it must not take a typing
    /// error for "nobody".
    pub exposure: Option<Exposure>,
    /// Time in the stage.
    pub age: Option<Period>,
    /// The time after which it may go on, as far as that is known.
    pub left: Option<Period>,
    /// The guardrail that is nearest to deciding; `None` where nothing was measured.
    pub nearest: Option<Nearest>,
    /// How its targets stand.
    pub targets: Vec<TargetStanding>,
    /// What it waits for, as far as that is known.
    pub waits_for: String,
    /// What the decision on Prometheus' answer came to; `None` where it was not asked.
    pub exit: Option<Exit>,
}

impl Row {
    /// True where the plan needs a person, or the next advance moves it.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        match self.attention {
            Attention::Mistakes | Attention::Harm | Attention::Person | Attention::Moves => true,
            Attention::Waits | Attention::NotBegun | Attention::Done => false,
        }
    }

    /// True where the plan's file says the same of both.
    #[must_use]
    pub fn stands_as(&self, other: &Self) -> bool {
        (self.status, self.stage, self.exposure) == (other.status, other.stage, other.exposure)
    }
}

/// The line of a valid plan, without asking.
#[must_use]
pub fn row(plan: &Plan, around: &Environment) -> Row {
    let decision = decide(plan, None, around);
    let closed = closed(&decision, |reason| !is_about_evidence(reason));
    let mut known: Vec<String> = closed.iter().map(|reason| brief(reason)).collect();
    if plan.status() != Status::Complete {
        known.extend(ramp::spent(plan, None).filter(|_| plan.is_exposed()));
    }
    let waits_for = match plan.status() {
        Status::Complete => String::new(),
        Status::Pending if known.is_empty() => "the next advance".into(),
        Status::Progressing if known.is_empty() => {
            "its evidence: `rollout check` asks for it".into()
        }
        Status::Pending | Status::Progressing | Status::Paused | Status::RolledBack => {
            known.join("; ")
        }
    };
    let moves = plan.status() == Status::Pending && closed.is_empty();
    line(plan, around, &closed, Action::Hold, moves, waits_for)
}

/// The same with what was decided on Prometheus' answer.
#[must_use]
pub fn decided(
    plan: &Plan,
    judgement: Option<&Judgement>,
    decision: &Decision,
    around: &Environment,
) -> Row {
    let closed = closed(decision, |_| true);
    let first = || decision.reasons.first().map_or_else(String::new, brief);
    let text = match decision.action {
        Action::Advance { exposure, .. } => {
            format!("the next advance: {} -> {exposure}", plan.exposure())
        }
        Action::Rollback { exposure } => {
            format!(
                "rolls back to {exposure} with the next advance: {}",
                first()
            )
        }
        Action::Pause => format!("pauses with the next advance: {}", first()),
        Action::Complete => "the next advance: complete".into(),
        Action::Hold => {
            let reasons: Vec<String> = closed.iter().map(|reason| brief(reason)).collect();
            reasons.join("; ")
        }
    };
    let waits_for = match plan.status() {
        Status::Complete => String::new(),
        Status::Pending | Status::Progressing | Status::Paused | Status::RolledBack => text,
    };
    let moves = match decision.action {
        Action::Advance { .. } | Action::Complete => true,
        Action::Hold | Action::Pause | Action::Rollback { .. } => false,
    };
    Row {
        nearest: judgement.and_then(Nearest::of),
        exit: Some(decision.exit),
        ..line(plan, around, &closed, decision.action, moves, waits_for)
    }
}

fn line(
    plan: &Plan,
    around: &Environment,
    closed: &[&Reason],
    action: Action,
    moves: bool,
    waits_for: String,
) -> Row {
    let is_person = closed
        .iter()
        .any(|reason| needs_person(reason, closed.len()));
    let harms = match action {
        Action::Rollback { .. } | Action::Pause => true,
        Action::Advance { .. } | Action::Hold | Action::Complete => false,
    };
    let attention = match plan.status() {
        Status::RolledBack => Attention::Harm,
        Status::Complete => Attention::Done,
        Status::Paused => Attention::Person,
        Status::Pending | Status::Progressing if harms => Attention::Harm,
        Status::Pending | Status::Progressing if is_person => Attention::Person,
        Status::Pending | Status::Progressing if moves => Attention::Moves,
        Status::Progressing => Attention::Waits,
        Status::Pending => Attention::NotBegun,
    };
    Row {
        plan: plan.name.clone(),
        status: Some(plan.status()),
        attention,
        stage: plan.state.as_ref().map_or(0, |state| state.stage),
        stages: u32::try_from(plan.stages().len())
            .unwrap_or(u32::MAX)
            .max(1),
        moves: match &plan.course {
            Schedule::Stages(_) => None,
            Schedule::Ramp(_) => {
                let climb = plan.state.as_ref().and_then(|state| state.ramp);
                Some(climb.map_or(0, |climb| climb.moves))
            }
        },
        way: Some(Way::of(plan)),
        exposure: Some(plan.exposure()),
        age: plan
            .state
            .as_ref()
            .filter(|_| plan.needs_data())
            .map(|state| Period::between(state.entered_at, around.now)),
        left: closed
            .iter()
            .filter_map(|reason| left(reason, around.now))
            .max(),
        nearest: None,
        targets: around.targets.clone(),
        waits_for,
        exit: None,
    }
}

/// Why gates are closed, in the order of the rules.
fn closed(decision: &Decision, told: impl Fn(&Reason) -> bool) -> Vec<&Reason> {
    decision
        .gates
        .iter()
        .filter_map(|gate| match &gate.state {
            GateState::Closed(reason) => Some(reason),
            GateState::Open | GateState::NotApplicable => None,
        })
        .filter(|reason| told(reason))
        .collect()
}

/// The line of a plan whose file has mistakes.
#[must_use]
pub fn broken(plan: &str, mistakes: usize) -> Row {
    let mistakes = numbers::counted(mistakes, "mistake");
    invalid(plan, format!("{mistakes}: `rollout validate {plan}`"))
}

/// The line of a plan whose file cannot be read.
#[must_use]
pub fn unreadable(plan: &str, why: &str) -> Row {
    invalid(plan, format!("cannot be read: {why}"))
}

fn invalid(plan: &str, waits_for: String) -> Row {
    Row {
        plan: plan.to_owned(),
        status: None,
        attention: Attention::Mistakes,
        stage: 0,
        stages: 0,
        moves: None,
        way: None,
        exposure: None,
        age: None,
        left: None,
        nearest: None,
        targets: Vec::new(),
        waits_for,
        exit: None,
    }
}

/// A latch and a pause in short: the whole story is in `rollout check` and `rollout history`.
fn brief(reason: &Reason) -> String {
    match reason {
        Reason::Latched { plan, .. } => format!("when it is mended, `rollout retry {plan}`"),
        Reason::Paused { plan, .. } => format!("`rollout resume {plan}` lets it go on"),
        Reason::ApprovalNeeded { plan, .. } => format!("needs approval: `rollout approve {plan}`"),
        other => other.to_string(),
    }
}

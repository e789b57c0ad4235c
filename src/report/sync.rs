//! How the targets of plans stand, as text and as JSON.

use serde::Serialize;

use crate::decide::{Exit, TargetStanding, TargetState};

use super::words::target::cure;

/// The targets of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanTargets {
    /// The plan.
    pub plan: String,
    /// Its targets; `None` for a plan with mistakes.
    pub targets: Option<Vec<TargetStanding>>,
}

impl PlanTargets {
    /// Whether all show what the plan says.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let Some(targets) = &self.targets else {
            return Exit::Invalid;
        };
        let exit = |target: &TargetStanding| match target.state {
            TargetState::AsTold => Exit::Go,
            TargetState::Lags { .. }
            | TargetState::Braked { .. }
            | TargetState::Off
            | TargetState::Raised { .. }
            | TargetState::Overruled { .. }
            | TargetState::Changed { .. } => Exit::Hold,
            TargetState::Unreadable { .. } => Exit::Invalid,
        };
        // A flag that is switched off shows nobody, where nobody is to be shown.
        let waits = |target: &&TargetStanding| {
            target.state != TargetState::Off || target.told.hundredths() > 0
        };
        targets
            .iter()
            .filter(waits)
            .map(exit)
            .fold(Exit::Go, Exit::worse)
    }
}

/// One line a target, and its cure.
#[must_use]
pub fn text(plans: &[PlanTargets]) -> String {
    let mut out = String::new();
    for PlanTargets { plan, targets } in plans {
        let Some(targets) = targets else {
            out.push_str(&format!(
                "{plan}: the plan has mistakes, and raises no target: `rollout validate {plan}`\n"
            ));
            continue;
        };
        for target in targets {
            out.push_str(&format!("{plan}: {target}\n"));
            if let Some(cure) = cure(plan, target) {
                out.push_str(&format!("  {cure}\n"));
            }
        }
    }
    if out.is_empty() {
        out.push_str("no targets: a plan names them with `[[targets]]`\n");
    }
    out
}

/// The same as JSON.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    format: &'static str,
    exit: u8,
    plans: Vec<PlanPart<'a>>,
}

#[derive(Debug, Serialize)]
struct PlanPart<'a> {
    plan: &'a str,
    targets: Option<Vec<TargetPart>>,
}

/// A target in JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct TargetPart {
    file: String,
    kind: &'static str,
    state: &'static str,
    told: f64,
    shown: Option<f64>,
    why: Option<String>,
}

impl From<&TargetStanding> for TargetPart {
    fn from(target: &TargetStanding) -> Self {
        let TargetStanding {
            file,
            kind,
            told,
            state,
        } = target;
        Self {
            file: file.clone(),
            kind: kind.key(),
            state: state.key(),
            told: told.percent(),
            shown: state.shown(*told).map(crate::units::Exposure::percent),
            why: (*state != TargetState::AsTold).then(|| target.to_string()),
        }
    }
}

/// The document.
#[must_use]
pub fn document(plans: &[PlanTargets], exit: Exit) -> Document<'_> {
    Document {
        format: "rollout-sync/1",
        exit: exit.code(),
        plans: plans
            .iter()
            .map(|PlanTargets { plan, targets }| PlanPart {
                plan,
                targets: targets
                    .as_ref()
                    .map(|targets| targets.iter().map(TargetPart::from).collect()),
            })
            .collect(),
    }
}

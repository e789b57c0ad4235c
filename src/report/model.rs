//! What is reported, as values: one entry a plan, decided or failed. Rendering is elsewhere.

use crate::decide::{Action, Decision, Exit, TargetStanding, TargetState};
use crate::judge::Judgement;
use crate::plan::Plan;
use crate::units::{Exposure, Instant};

/// The answer of one run.
#[derive(Debug, Clone, PartialEq)]
#[must_use = "an unread report is not actionable"]
pub struct Report {
    /// The evaluation instant.
    pub now: Instant,
    /// The process's outcome: the worst of the plans' after `--ok`.
    pub exit: Exit,
    /// Whether the outcomes were asked for, or only to be shown: then none but errors and mistakes is the
    /// process's.
    pub is_gate: bool,
    /// In the order asked.
    pub plans: Vec<PlanReport>,
}

impl Report {
    /// The report of these plans. Outcomes in `ok` count as [`Exit::Go`]; rollbacks, errors and
    /// mistakes always count.
    pub fn new(now: Instant, plans: Vec<PlanReport>, ok: &[Exit]) -> Self {
        let exit = plans
            .iter()
            .map(|plan| plan.exit().excused(ok))
            .fold(Exit::Go, Exit::worse);
        Self {
            now,
            exit,
            is_gate: true,
            plans,
        }
    }

    /// The report of plans that are only looked at: what waits, is paused or would be rolled back is
    /// shown, and is not the process's outcome.
    pub fn shown(now: Instant, plans: Vec<PlanReport>) -> Self {
        let exit = plans
            .iter()
            .map(|plan| match plan.exit() {
                exit @ (Exit::Error | Exit::Invalid) => exit,
                Exit::Go | Exit::Hold | Exit::NoGo | Exit::Rollback | Exit::Inconclusive => {
                    Exit::Go
                }
            })
            .fold(Exit::Go, Exit::worse);
        Self {
            now,
            exit,
            is_gate: false,
            plans,
        }
    }
}

/// What is reported of one plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanReport {
    /// Its name.
    pub plan: String,
    /// Its file, as people would type it.
    pub file: String,
    /// What came of it.
    pub outcome: Outcome,
}

impl PlanReport {
    /// The outcome of this plan alone.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match &self.outcome {
            Outcome::Decided(decided) => decided.decision.exit,
            Outcome::Failed(failure) => failure.exit,
        }
    }
}

/// What came of one plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was judged and decided.
    Decided(Box<Decided>),
    /// There was no decision, or it could not be applied.
    Failed(Failure),
}

/// A plan that was judged and decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The plan as it was when the decision was made.
    pub plan: Plan,
    /// `None` where nothing had to be asked.
    pub judgement: Option<Judgement>,
    /// What is done.
    pub decision: Decision,
    /// What it changes in the plan's file; `None` when nothing changes.
    pub change: Option<Change>,
    /// The plan's targets, in its order.
    pub targets: Vec<SeenTarget>,
}

/// A target of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenTarget {
    /// What it showed when the decision was made, where that could be told.
    pub was: Option<Exposure>,
    /// How it stands at the end of the run.
    pub now: TargetStanding,
}

impl SeenTarget {
    /// A target to which nothing has happened yet.
    #[must_use]
    pub fn seen(now: TargetStanding) -> Self {
        let was = now.state.shown(now.told);
        Self { was, now }
    }

    /// `flagd in ../flags.json: 5 % -> 0 %`, where this run has changed what it shows; in a rolled-back
    /// plan also where its numbers are lowered and do not bound who is exposed.
    #[must_use]
    pub fn moved(&self) -> Option<String> {
        let TargetStanding { file, kind, .. } = &self.now;
        if let TargetState::Overruled { .. } = self.now.state
            && self.now.told == Exposure::NONE
        {
            return Some(format!(
                "{} in {file}: numbers at {}, and more users exposed beside them",
                kind.key(),
                self.now.told
            ));
        }
        let shown = self.now.state.shown(self.now.told);
        let to = shown.filter(|_| shown != self.was)?;
        let was = self
            .was
            .map_or_else(|| "unknown".to_owned(), |was| was.to_string());
        Some(format!("{} in {file}: {was} -> {to}", kind.key()))
    }
}

impl Decided {
    /// The exposure now.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        self.plan.exposure()
    }

    /// The exposure after the decision.
    #[must_use]
    pub fn next_exposure(&self) -> Exposure {
        match self.decision.action {
            Action::Advance { exposure, .. } | Action::Rollback { exposure } => exposure,
            Action::Hold | Action::Pause | Action::Complete => self.exposure(),
        }
    }

    /// The present stage, 1-based; 0 while nobody has been exposed.
    #[must_use]
    pub fn stage(&self) -> u32 {
        self.plan.state.as_ref().map_or(0, |state| state.stage)
    }

    /// The number of stages; a ramp is one.
    #[must_use]
    pub fn stages(&self) -> u32 {
        u32::try_from(self.plan.stages().len())
            .unwrap_or(u32::MAX)
            .max(1)
    }

    /// True when the decision is in the plan's file now.
    #[must_use]
    pub fn applied(&self) -> bool {
        self.change.as_ref().is_some_and(|change| change.applied)
    }
}

/// What a decision changes in the plan's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file's text before.
    pub before: String,
    /// The file's text after.
    pub after: String,
    /// Written; `false` is a preview.
    pub applied: bool,
    /// The record of the decision, relative to the directory.
    pub evidence: Option<String>,
    /// The commit that holds it.
    pub commit: Option<String>,
}

/// Why there is no decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// [`Exit::Error`] or [`Exit::Invalid`].
    pub exit: Exit,
    /// What is wrong; may have several lines.
    pub problem: String,
    /// What to do about it.
    pub cure: Option<String>,
}

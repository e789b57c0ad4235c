//! What came of one plan, as its part of a report.

use crate::decide::Action;
use crate::plan::Status;
use crate::report::notify::Notice;
use crate::report::{self, Change, Decided, PlanReport, SeenTarget};
use crate::units::{Instant, one_line};
use crate::workspace::git::Moved;

use super::evaluation::Evaluation;
use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::moved::followed;
use super::plan_set::PlanSet;

/// One plan's part of the answer.
pub(crate) struct Answered {
    report: PlanReport,
    /// The instant it was decided at.
    pub(crate) at: Option<Instant>,
}

impl Answered {
    /// A plan with a decision, and what it changes.
    pub(crate) fn decided(evaluation: Evaluation<'_>, change: Option<Change>) -> Self {
        let at = Some(evaluation.now);
        let seen = evaluation.around.targets.iter().cloned();
        let seen = seen.map(SeenTarget::seen);
        Self {
            report: PlanReport {
                plan: evaluation.plan.name.clone(),
                file: evaluation.loaded.shown.clone(),
                outcome: report::Outcome::Decided(Box::new(Decided {
                    plan: evaluation.plan.clone(),
                    judgement: evaluation.judgement,
                    decision: evaluation.decision,
                    change,
                    targets: seen.collect(),
                })),
            },
            at,
        }
    }

    /// Looks at the targets again where this run may have moved them.
    pub(crate) fn look_again(&mut self, plan_set: &PlanSet) {
        let report::Outcome::Decided(decided) = &mut self.report.outcome else {
            return;
        };
        if decided.targets.is_empty() {
            return;
        }
        let written = decided.change.as_ref().filter(|change| change.applied);
        if let (Some(change), Some(loaded)) = (written, plan_set.named(&self.report.plan)) {
            let now = plan_set.targets_in(loaded, &change.after);
            for (target, now) in decided.targets.iter_mut().zip(now) {
                target.now = now;
            }
        }
    }

    /// A plan without one.
    pub(crate) fn failed(loaded: &LoadedPlan, failure: Failure) -> Self {
        Self::lost(&loaded.file.name, &loaded.shown, failure)
    }

    /// Somebody is spared by this.
    pub(crate) fn rolled_back(&self) -> bool {
        match &self.report.outcome {
            report::Outcome::Decided(decided) => {
                matches!(decided.decision.action, Action::Rollback { .. })
            }
            report::Outcome::Failed(_) => false,
        }
    }

    /// This failure stands in its part.
    pub(crate) fn reports(&self, failure: &Failure) -> bool {
        match &self.report.outcome {
            report::Outcome::Decided(_) => false,
            report::Outcome::Failed(failed) => failed.problem.starts_with(&failure.message),
        }
    }

    /// What people want to hear of it; nothing where nothing was written.
    pub(crate) fn notice(&self) -> Option<Notice> {
        match &self.report.outcome {
            report::Outcome::Decided(decided) => Notice::of(&self.report, decided, self.at?),
            report::Outcome::Failed(_) => None,
        }
    }

    /// Nothing was written to a plan that an earlier round of this run rolled back.
    pub(crate) fn waits_after(&self, before: &Self) -> bool {
        match &self.report.outcome {
            report::Outcome::Decided(decided) => {
                self.report.plan == before.report.plan
                    && decided.plan.status() == Status::RolledBack
                    && !decided.applied()
            }
            report::Outcome::Failed(_) => false,
        }
    }

    /// Goes with the branch, where this plan's commit was taken along.
    pub(crate) fn follow(&mut self, moved: &Moved, plan_set: &PlanSet) -> bool {
        let name = &self.report.plan;
        let loaded = plan_set.named(name);
        let change = match &mut self.report.outcome {
            report::Outcome::Decided(decided) => decided.change.as_mut(),
            report::Outcome::Failed(_) => None,
        };
        let (Some(loaded), Some(change)) = (loaded, change) else {
            return false;
        };
        let commit = change.commit.as_ref();
        let carried = commit.is_some_and(|commit| moved.now(commit).is_some());
        followed(change, moved, &plan_set.directory, &loaded.file);
        carried
    }

    /// Puts a failure in place of what was written to one of these plans and taken back.
    pub(crate) fn withdraw(&mut self, taken_back: &[String], failure: &Failure) -> bool {
        let written = match &self.report.outcome {
            report::Outcome::Decided(decided) => decided.applied(),
            report::Outcome::Failed(_) => false,
        };
        let withdrawn = written && taken_back.contains(&self.report.plan);
        if withdrawn {
            let PlanReport { plan, file, .. } = &self.report;
            *self = Self::lost(plan, file, failure.clone());
        }
        withdrawn
    }

    /// The plan's part of a report.
    pub(crate) fn into_report(self) -> PlanReport {
        self.report
    }

    /// A name and a file without a plan.
    pub(crate) fn lost(name: &str, file: &str, failure: Failure) -> Self {
        let Failure {
            exit,
            preface: _,
            message,
            causes,
            help,
        } = failure;
        let mut problem = one_line(&message).into_owned();
        for cause in causes {
            problem.push_str("\ncaused by: ");
            problem.push_str(&one_line(&cause));
        }
        let help: Vec<_> = help.iter().map(|line| one_line(line)).collect();
        Self {
            report: PlanReport {
                plan: name.to_owned(),
                file: file.to_owned(),
                outcome: report::Outcome::Failed(report::Failure {
                    exit,
                    problem,
                    cure: (!help.is_empty()).then(|| help.join("\n")),
                }),
            },
            at: None,
        }
    }
}

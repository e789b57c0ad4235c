//! From what came of the plans to the answer on stdout and the exit code.

use serde_json::Value;

use crate::decide::{Action, Exit};
use crate::plan::{Status, place_of_state};
use crate::report::notify::Notice;
use crate::report::{self, Change, Decided, Look, PlanReport, Report};
use crate::units::Instant;
use crate::workspace::git::Moved;

use super::args::Format;
use super::context::Context;
use super::desk::{Desk, Sheet};
use super::failure::Failure;
use super::mistakes::{annotations, announce, documents, position, summarise, summary};
use super::pipeline::Trial;
use super::recorder::followed;

/// Outcomes that count as success.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct OkArgs {
    /// Exit 0 for these outcomes too: hold, no-go, inconclusive
    #[arg(long, value_name = "OUTCOMES", value_delimiter = ',', value_parser = outcome)]
    pub(super) ok: Vec<Exit>,
}

/// A name of an outcome that may be excused. Rollbacks, errors and mistakes never are: a job that
/// stays green through them is a job nobody reads.
fn outcome(text: &str) -> Result<Exit, String> {
    match text.trim().to_ascii_lowercase().replace('_', "-").as_str() {
        "go" | "0" => Ok(Exit::Go),
        "hold" | "3" => Ok(Exit::Hold),
        "no-go" | "nogo" | "pause" | "4" => Ok(Exit::NoGo),
        "inconclusive" | "6" => Ok(Exit::Inconclusive),
        "error" | "invalid" | "rollback" | "1" | "2" | "5" => Err(
            "errors, mistakes and rollbacks are never success; hold, no-go and inconclusive may be"
                .into(),
        ),
        _ => Err("the outcomes are hold, no-go and inconclusive".into()),
    }
}

/// One plan's part of the answer.
pub(super) struct Answered {
    report: PlanReport,
    at: Option<Instant>,
}

impl Answered {
    /// A plan with a decision, and what it changes.
    pub(super) fn decided(trial: Trial<'_>, change: Option<Change>) -> Self {
        let at = Some(trial.now);
        Self {
            report: PlanReport {
                plan: trial.plan.name.clone(),
                file: trial.sheet.shown.clone(),
                outcome: report::Outcome::Decided(Box::new(Decided {
                    plan: trial.plan.clone(),
                    judgement: trial.judgement,
                    decision: trial.decision,
                    change,
                })),
            },
            at,
        }
    }

    /// A plan without one.
    pub(super) fn failed(sheet: &Sheet, failure: Failure) -> Self {
        Self::lost(&sheet.file.name, &sheet.shown, failure)
    }

    /// Somebody is spared by this.
    pub(super) fn rolled_back(&self) -> bool {
        match &self.report.outcome {
            report::Outcome::Decided(decided) => {
                matches!(decided.decision.action, Action::Rollback { .. })
            }
            report::Outcome::Failed(_) => false,
        }
    }

    /// This failure is told in its part.
    pub(super) fn says(&self, failure: &Failure) -> bool {
        match &self.report.outcome {
            report::Outcome::Decided(_) => false,
            report::Outcome::Failed(failed) => failed.problem.starts_with(&failure.message),
        }
    }

    /// What people want to hear of it; nothing where nothing was written.
    pub(super) fn notice(&self) -> Option<Notice> {
        match &self.report.outcome {
            report::Outcome::Decided(decided) => Notice::of(&self.report, decided, self.at?),
            report::Outcome::Failed(_) => None,
        }
    }

    /// Nothing was written to a plan that an earlier round of this run rolled back.
    pub(super) fn waits_after(&self, before: &Self) -> bool {
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
    pub(super) fn follow(&mut self, moved: &Moved, desk: &Desk) -> bool {
        let name = &self.report.plan;
        let sheet = desk.sheets.iter().find(|sheet| sheet.file.name == *name);
        let change = match &mut self.report.outcome {
            report::Outcome::Decided(decided) => decided.change.as_mut(),
            report::Outcome::Failed(_) => None,
        };
        let (Some(sheet), Some(change)) = (sheet, change) else {
            return false;
        };
        let commit = change.commit.as_ref();
        let carried = commit.is_some_and(|commit| moved.now(commit).is_some());
        followed(change, moved, &desk.directory, &sheet.file);
        carried
    }

    /// Puts a failure in place of what was written to one of these plans and taken back.
    pub(super) fn withdraw(&mut self, taken_back: &[String], failure: &Failure) -> bool {
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
    pub(super) fn into_report(self) -> PlanReport {
        self.report
    }

    /// A name and a file without a plan.
    fn lost(name: &str, file: &str, failure: Failure) -> Self {
        let Failure {
            exit,
            preface: _,
            message,
            causes,
            help,
            broken_pipe: _,
        } = failure;
        let mut problem = message;
        for cause in causes {
            problem.push_str("\ncaused by: ");
            problem.push_str(&cause);
        }
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

/// Prints the answer in the form asked for. With `--quiet`, only where something changed or is
/// wrong: cron mails what it prints.
///
/// # Errors
/// When the stream or the summary's file cannot be written.
pub(super) fn answer(
    answered: Vec<Answered>,
    now: Instant,
    desk: &Desk,
    ok: &OkArgs,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let now = answered
        .iter()
        .filter_map(|one| one.at)
        .max()
        .unwrap_or(now);
    let mut plans: Vec<PlanReport> = answered.into_iter().map(|one| one.report).collect();
    for (name, error) in &desk.unreadable {
        let failure = Failure::workspace(error);
        plans.push(Answered::lost(name, name, failure).report);
    }
    let report = Report::new(now, plans, &ok.ok);
    let exit = report.exit;
    let changed = report.plans.iter().any(|plan| match &plan.outcome {
        report::Outcome::Decided(decided) => decided.applied(),
        report::Outcome::Failed(_) => true,
    });
    if context.global.format != Format::Github {
        for notice in desk.notices() {
            context.ui.note(&format!("note: {notice}"))?;
        }
    }
    match context.global.format {
        Format::Text if context.ui.quiet && !changed && uneventful(&report) => {}
        Format::Text => {
            mistakes(&report, desk, context)?;
            let look = context.look();
            if report.plans.is_empty() {
                writeln!(context.ui.answer(), "{}", desk.nothing())?;
            }
            report::text::render(&report, &look, context.ui.answer())?;
        }
        Format::Json => {
            let mut document = report::json::document(&report);
            explain(&mut document, desk);
            writeln!(context.ui.answer(), "{document:#}")?;
        }
        Format::Github => {
            announce(desk, context.ui.answer())?;
            for sheet in spoken_of(&report, desk) {
                annotations(sheet, context.ui.answer())?;
            }
            let place = |name: &str| place(name, desk);
            report::github::render(&report, &place, context.ui.answer())?;
            let table = summary(spoken_of(&report, desk).into_iter());
            summarise(
                &format!("{}{table}", report::github::summary(&report)),
                context,
            )?;
        }
    }
    Ok(exit)
}

/// Nothing that anybody has to look at: plans that move on, or wait for something foreseen.
fn uneventful(report: &Report) -> bool {
    report.exit == Exit::Go
        || report.plans.iter().all(|plan| match plan.exit() {
            Exit::Go | Exit::Hold => true,
            Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback | Exit::Inconclusive => false,
        })
}

/// The mistakes of the plans reported on, with their places, before the answer.
fn mistakes(report: &Report, desk: &Desk, context: &mut Context<'_>) -> Result<(), Failure> {
    let (color, width) = (context.ui.color_messages, context.ui.width);
    for sheet in spoken_of(report, desk) {
        if !(sheet.mistakes.is_empty() && sheet.change.is_empty()) {
            let text = sheet.render(color, width);
            writeln!(context.ui.messages(), "{text}")?;
        }
    }
    Ok(())
}

/// The plans reported on, and what the gate judges besides.
fn spoken_of<'d>(report: &Report, desk: &'d Desk) -> Vec<&'d Sheet> {
    let reported = |sheet: &&Sheet| report.plans.iter().any(|plan| plan.plan == sheet.file.name);
    desk.sheets
        .iter()
        .filter(reported)
        .chain(desk.besides())
        .collect()
}

/// Adds the mistakes to the plans of a document.
fn explain(document: &mut Value, desk: &Desk) {
    let Some(plans) = document.get_mut("plans").and_then(Value::as_array_mut) else {
        return;
    };
    for plan in plans {
        let name = plan.get("plan").and_then(Value::as_str);
        let sheet = desk
            .sheets
            .iter()
            .chain(desk.besides())
            .find(|sheet| Some(sheet.file.name.as_str()) == name);
        if let (Some(sheet), Some(plan)) = (sheet, plan.as_object_mut()) {
            plan.insert("mistakes".into(), documents(sheet).into());
        }
    }
}

/// Where a decision on a plan is shown: at its state, or at the top where it has none.
fn place(name: &str, desk: &Desk) -> Option<(usize, usize)> {
    let sheet = desk.sheets.iter().find(|sheet| sheet.file.name == name)?;
    let at = place_of_state(&sheet.file.text).map_or(0, |header| header.start);
    Some(position(&sheet.file.text, at))
}

impl Context<'_> {
    /// How the answer looks.
    pub(super) fn look(&self) -> Look {
        Look {
            color: self.ui.color,
            width: self.ui.width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_waiting_outcomes_can_be_excused() {
        assert_eq!(outcome("hold"), Ok(Exit::Hold));
        assert_eq!(outcome("no-go"), Ok(Exit::NoGo));
        assert_eq!(outcome("inconclusive"), Ok(Exit::Inconclusive));
        for never in ["error", "invalid", "rollback", "5", "everything"] {
            assert!(outcome(never).is_err(), "{never}");
        }
    }
}

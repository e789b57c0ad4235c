//! From what came of the plans to the answer on stdout and the exit code.

use std::collections::BTreeSet;

use crate::decide::Exit;
use crate::plan::place_of_state;
use crate::report::mistakes::{MistakePart, annotations, announce, parts, position, summary};
use crate::report::text::Detail;
use crate::report::{self, PlanReport, Report};
use crate::session::{Answered, Context, Failure, Format, LoadedPlan, PlanSet};
use crate::units::{Foreign, Instant};

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

/// Prints the answer in the form asked for. With `--quiet`, only where something changed or is
/// wrong: cron mails what it prints.
///
/// # Errors
/// When the stream or the summary's file cannot be written.
pub(super) fn answer(
    answered: Vec<Answered>,
    now: Instant,
    plan_set: &PlanSet,
    ok: &OkArgs,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let (now, plans) = reports(answered, now, plan_set);
    print(&Report::new(now, plans, &ok.ok), plan_set, context)
}

/// Prints the same of plans that are only shown: what waits, or would be rolled back, is no outcome of the
/// command.
///
/// # Errors
/// When the stream or the summary's file cannot be written.
pub(super) fn show(
    answered: Vec<Answered>,
    now: Instant,
    plan_set: &PlanSet,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let (now, plans) = reports(answered, now, plan_set);
    print(&Report::shown(now, plans), plan_set, context)
}

/// The same as Markdown, with the outcome of a command that only shows.
pub(super) fn shown_as_markdown(
    answered: Vec<Answered>,
    now: Instant,
    plan_set: &PlanSet,
) -> (String, Exit) {
    let (now, plans) = reports(answered, now, plan_set);
    let report = Report::shown(now, plans);
    (markdown(&report, plan_set), report.exit)
}

/// One entry a plan, those that could not be read last, and the instant that they speak of.
fn reports(
    answered: Vec<Answered>,
    now: Instant,
    plan_set: &PlanSet,
) -> (Instant, Vec<PlanReport>) {
    let now = answered
        .iter()
        .filter_map(|one| one.at)
        .max()
        .unwrap_or(now);
    let report = |mut one: Answered| {
        one.look_again(plan_set);
        one.into_report()
    };
    let mut plans: Vec<PlanReport> = answered.into_iter().map(report).collect();
    for (name, error) in &plan_set.unreadable {
        let failure = Failure::workspace(error);
        plans.push(Answered::lost(name, name, failure).into_report());
    }
    (now, plans)
}

fn print(report: &Report, plan_set: &PlanSet, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let changed = report.plans.iter().any(|plan| match &plan.outcome {
        report::Outcome::Decided(decided) => decided.applied(),
        report::Outcome::Failed(_) => true,
    });
    if context.global.format != Format::Github {
        for notice in plan_set.notices() {
            context.ui.note(&format!("note: {notice}"))?;
        }
    }
    match context.global.format {
        Format::Text if context.ui.quiet && !changed && uneventful(report) => {}
        Format::Text => {
            mistakes(report, plan_set, context)?;
            let output = context.output_style();
            if report.plans.is_empty() {
                writeln!(context.ui.answer(), "{}", Foreign(plan_set.nothing()))?;
            }
            let detail = if context.global.verbose {
                Detail::Full
            } else {
                Detail::Brief
            };
            report::text::render(report, detail, &output, context.ui.answer())?;
        }
        Format::Json => {
            let mistakes = |plan: &PlanReport| mistakes_of(&plan.plan, plan_set);
            let document = report::json::mistaken(report, mistakes);
            report::json::print(&document, context.ui.answer())?;
        }
        Format::Markdown if context.ui.quiet && !changed && uneventful(report) => {}
        Format::Markdown => {
            write!(context.ui.answer(), "{}", markdown(report, plan_set))?;
        }
        Format::Github => {
            announce_settings(plan_set, context)?;
            for loaded in reported_plans(report, plan_set) {
                annotations(&loaded.marked(), context.ui.annotations())?;
            }
            let place = |name: &str| place(name, plan_set);
            report::github::render(report, &place, context.ui.annotations())?;
            let summary = markdown(report, plan_set);
            // What was decided is done by now, and stays the outcome.
            if let Err(failure) = context.summarise(&summary) {
                let color = context.ui.color_messages;
                failure.render(context.ui.messages(), color)?;
                return Ok(report.exit.worse(failure.exit));
            }
        }
    }
    Ok(report.exit)
}

/// The report as Markdown, with the mistakes of its plans.
fn markdown(report: &Report, plan_set: &PlanSet) -> String {
    let mistakes = summary(
        reported_plans(report, plan_set)
            .into_iter()
            .map(LoadedPlan::marked),
    );
    let text = format!("{}{mistakes}", report::summary::summary(report));
    format!("{}\n", text.trim_end_matches('\n'))
}

/// What a reviewer should know of the shared settings, as notices.
///
/// # Errors
/// When the stream cannot be written.
pub(super) fn announce_settings(
    plan_set: &PlanSet,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    if let Some(gate) = &plan_set.gate {
        announce(
            &gate.config_path,
            plan_set.notices(),
            context.ui.annotations(),
        )?;
    }
    Ok(())
}

/// Nothing that anybody has to look at: plans that move on, or wait for something foreseen.
fn uneventful(report: &Report) -> bool {
    report.is_gate && report.exit == Exit::Go
        || report.plans.iter().all(|plan| match plan.exit() {
            Exit::Go | Exit::Hold => true,
            Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback | Exit::Inconclusive => false,
        })
}

/// The mistakes of the plans reported on, with their places, before the answer.
fn mistakes(report: &Report, plan_set: &PlanSet, context: &mut Context<'_>) -> Result<(), Failure> {
    let (color, width) = (context.ui.color_messages, context.ui.width);
    for loaded in reported_plans(report, plan_set) {
        if !(loaded.mistakes.is_empty() && loaded.change.is_empty()) {
            let text = loaded.render(color, width);
            writeln!(context.ui.messages(), "{text}")?;
        }
    }
    Ok(())
}

/// The plans reported on, and what the gate judges besides.
fn reported_plans<'d>(report: &Report, plan_set: &'d PlanSet) -> Vec<&'d LoadedPlan> {
    let names: BTreeSet<&str> = report.plans.iter().map(|plan| plan.plan.as_str()).collect();
    let reported = |loaded: &&LoadedPlan| names.contains(loaded.file.name.as_str());
    plan_set
        .plans
        .iter()
        .filter(reported)
        .chain(plan_set.besides())
        .collect()
}

/// The mistakes of a plan; `None` where its file could not be read.
fn mistakes_of(name: &str, plan_set: &PlanSet) -> Option<Vec<MistakePart>> {
    let besides = || {
        let mut besides = plan_set.besides().iter();
        besides.find(|loaded| loaded.file.name == name)
    };
    let loaded = plan_set.named(name).or_else(besides)?;
    Some(parts(&loaded.marked()))
}

/// Where a decision on a plan is shown: at its state, or at the top where it has none.
fn place(name: &str, plan_set: &PlanSet) -> Option<(usize, usize)> {
    let loaded = plan_set.named(name)?;
    let at = place_of_state(&loaded.file.text).map_or(0, |header| header.start);
    Some(position(&loaded.file.text, at))
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

//! `rollout validate`: the plans and the settings without network. What is wrong is the answer.

use crate::decide::Exit;
use crate::judge::planning::unprovable;
use crate::plan::{Mistake, MistakeCode, Severity, Status, place_of_margin, place_of_rule_out};
use crate::power::{doubts, forecast};
use crate::report::json::print;
use crate::report::mistakes::{self, FilePart, validation};
use crate::report::numbers::counted;
use crate::session::{
    Context, Failure, Format, KeptOut, LoadedPlan, PlanSet, checked_targets, exit_of, open_change,
};
use crate::units::Foreign;

use super::answer::announce_settings;
use super::args::{BaseArgs, PlansArgs};
use super::traffic::{TrafficArgs, given_or_recorded, recorded};

/// Check plans and settings, offline
///
/// Shows every mistake of every file with its place and its cure. Exit 0 when there is none, else
/// 2. Warnings do not fail unless `--strict` is given. Whether the stages can rule out what they must
/// is checked at the traffic last recorded, or at `--rps` and `--baseline`. With `--base`, what the
/// change takes from a running rollout is a mistake too, unless the plan says why: `reason = "..."`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: PlansArgs,
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    base: BaseArgs,
    #[command(flatten)]
    traffic: TrafficArgs,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut plan_set = open_change(args.base.base.as_deref(), &args.which.plans, context)?;
    let indices = plan_set.select(&args.which.plans)?;
    let mut files = Vec::new();
    let of_these = indices.iter().map(|&index| &plan_set.plans[index]);
    let kept_out = KeptOut::of(&plan_set.directory, of_these);
    for &index in &indices {
        let mut found = infeasible(&plan_set, &plan_set.plans[index], args.traffic);
        let (mut unfit, mut of_plan) =
            checked_targets(&plan_set.directory, &plan_set.plans[index], &kept_out);
        files.append(&mut of_plan);
        found.append(&mut unfit);
        plan_set.plans[index].mistakes.append(&mut found);
    }
    let chosen: Vec<&LoadedPlan> = indices
        .iter()
        .map(|&index| &plan_set.plans[index])
        .chain(&files)
        .chain(plan_set.besides())
        .collect();
    let of_targets = files.len();
    // What the change gives a reason for is shown and not refused, also by `--strict`.
    let mut exit = chosen
        .iter()
        .map(|loaded| exit_of(&loaded.mistakes, args.strict).worse(exit_of(&loaded.change, false)))
        .fold(Exit::Go, Exit::worse);
    if context.global.format != Format::Github {
        for notice in plan_set.notices() {
            context.ui.note(&format!("note: {notice}"))?;
        }
    }
    exit = exit.worse(plan_set.tell_unreadable(&args.which.plans, context)?);
    match context.global.format {
        Format::Text | Format::Markdown => {
            text(&chosen, of_targets, exit, &plan_set.nothing(), context)?
        }
        Format::Json => {
            print(&validation(exit, parts(&chosen)), context.ui.answer())?;
        }
        Format::Github => {
            announce_settings(&plan_set, context)?;
            for loaded in &chosen {
                mistakes::annotations(&loaded.marked(), context.ui.annotations())?;
            }
            let table = mistakes::summary(chosen.iter().map(|loaded| loaded.marked()));
            let summary = format!("## rollout validate: {}\n{table}", exit.name());
            context.summarise(&summary)?;
        }
    }
    Ok(exit)
}

/// A warning for each stage that will probably not rule out what it must, at the traffic given or
/// last recorded, and for each margin that the buckets last recorded cannot prove; none where nothing
/// is known.
fn infeasible(plan_set: &PlanSet, loaded: &LoadedPlan, given: TrafficArgs) -> Vec<Mistake> {
    let Some(plan) = &loaded.plan else {
        return Vec::new();
    };
    let text = &loaded.file.text;
    let recorded = match plan.status() {
        // Of what everybody has nothing is to be shown any more, and most plans of a directory are there.
        Status::Complete => None,
        Status::Pending | Status::Progressing | Status::Paused | Status::RolledBack => {
            recorded(plan_set, loaded)
        }
    };
    let refused = recorded.as_ref().map(|snapshot| unprovable(plan, snapshot));
    let margins = refused.into_iter().flatten().map(|(name, refused)| {
        let problem = format!("as last measured, {} (`{name}`)", refused.problem());
        let place = place_of_margin(text, &name);
        Mistake::warning(MistakeCode::MarginOutOfReach, place, problem).cure(refused.cure())
    });
    let traffic = given_or_recorded(given, recorded.as_ref(), plan);
    let stages = traffic.map(|traffic| doubts(&forecast(plan, &traffic, &[])));
    let stages = stages.into_iter().flatten().map(|doubt| {
        let place = place_of_rule_out(text, doubt.stage);
        Mistake::warning(MistakeCode::RuleOutOutOfReach, place, doubt.problem()).cure(doubt.cure())
    });
    margins.chain(stages).collect()
}

fn text(
    chosen: &[&LoadedPlan],
    of_targets: usize,
    exit: Exit,
    nothing: &str,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let (color, width, quiet) = (context.ui.color, context.ui.width, context.ui.quiet);
    let out = context.ui.answer();
    for loaded in chosen {
        out.write_all(loaded.render(color, width).as_bytes())?;
        if !(loaded.mistakes.is_empty() && loaded.change.is_empty()) {
            writeln!(out)?;
        }
    }
    if quiet && exit == Exit::Go {
        return Ok(());
    }
    if chosen.is_empty() {
        writeln!(out, "{}", Foreign(nothing))?;
        return Ok(());
    }
    let count = |severity| {
        chosen
            .iter()
            .flat_map(|loaded| loaded.mistakes.iter().chain(&loaded.change))
            .filter(|mistake| mistake.severity == severity)
            .count()
    };
    let plans = chosen.iter().filter(|loaded| !loaded.is_settings()).count();
    let plans = counted(plans.saturating_sub(of_targets), "plan");
    let drafts = drafts(chosen);
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match (errors, warnings) {
        (0, 0) => writeln!(out, "{plans}: no mistakes{drafts}")?,
        (0, _) => writeln!(out, "{plans}: {}{drafts}", counted(warnings, "warning"))?,
        (_, 0) => writeln!(out, "{plans}: {}{drafts}", counted(errors, "mistake"))?,
        (_, _) => writeln!(
            out,
            "{plans}: {}, {}{drafts}",
            counted(errors, "mistake"),
            counted(warnings, "warning")
        )?,
    }
    Ok(())
}

/// Which of them wait for somebody to finish them.
fn drafts(chosen: &[&LoadedPlan]) -> String {
    let names: Vec<String> = chosen
        .iter()
        .filter_map(|loaded| loaded.plan.as_ref())
        .filter(|plan| plan.draft.is_some())
        .map(|plan| plan.name.clone())
        .collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("; {one} is a draft, held until its line `draft = ...` is removed"),
        several => format!(
            "; {} are drafts, held until their lines `draft = ...` are removed",
            several.join(", ")
        ),
    }
}

fn parts(chosen: &[&LoadedPlan]) -> Vec<FilePart> {
    let part = |loaded: &&LoadedPlan| {
        let name = &loaded.file.name;
        FilePart::of((!loaded.is_settings()).then_some(name), &loaded.marked())
    };
    chosen.iter().map(part).collect()
}

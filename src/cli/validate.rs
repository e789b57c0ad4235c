//! `rollout validate`: the plans and the settings without network. What is wrong is the answer.

use serde_json::{Value, json};

use crate::decide::Exit;
use crate::judge::planning::unprovable;
use crate::plan::{Mistake, Severity, place_of_margin, place_of_rule_out};
use crate::power::{doubts, forecast};
use crate::report::mistakes;
use crate::report::numbers::counted;
use crate::session::{Context, Desk, Failure, Format, Sheet, exit_of, open_change};

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
    let mut desk = open_change(args.base.base.as_deref(), &args.which.plans, context)?;
    let indices = desk.select(&args.which.plans)?;
    for &index in &indices {
        let mut found = infeasible(&desk, &desk.sheets[index], args.traffic);
        desk.sheets[index].mistakes.append(&mut found);
    }
    let chosen: Vec<&Sheet> = indices
        .iter()
        .map(|&index| &desk.sheets[index])
        .chain(desk.besides())
        .collect();
    // What the change gives a reason for is shown and not refused, also by `--strict`.
    let mut exit = chosen
        .iter()
        .map(|sheet| exit_of(&sheet.mistakes, args.strict).worse(exit_of(&sheet.change, false)))
        .fold(Exit::Go, Exit::worse);
    if context.global.format != Format::Github {
        for notice in desk.notices() {
            context.ui.note(&format!("note: {notice}"))?;
        }
    }
    if args.which.plans.is_empty() {
        for (_, error) in &desk.unreadable {
            let failure = Failure::workspace(error);
            let color = context.ui.color_messages;
            failure.render(context.ui.messages(), color)?;
            exit = exit.worse(Exit::Error);
        }
    }
    match context.global.format {
        Format::Text => text(&chosen, exit, &desk.nothing(), context)?,
        Format::Json => {
            let document = document(&chosen, exit);
            writeln!(context.ui.answer(), "{document:#}")?;
        }
        Format::Github => {
            announce_settings(&desk, context)?;
            for sheet in &chosen {
                mistakes::annotations(&sheet.marked(), context.ui.answer())?;
            }
            let table = mistakes::summary(chosen.iter().map(|sheet| sheet.marked()));
            let summary = format!("## rollout validate: {}\n{table}", exit.name());
            context.summarise(&summary)?;
        }
    }
    Ok(exit)
}

/// A warning for each stage that will probably not rule out what it must, at the traffic given or
/// last recorded, and for each margin that the buckets last recorded cannot prove; none where nothing
/// is known.
fn infeasible(desk: &Desk, sheet: &Sheet, given: TrafficArgs) -> Vec<Mistake> {
    let Some(plan) = &sheet.plan else {
        return Vec::new();
    };
    let text = &sheet.file.text;
    let recorded = recorded(desk, sheet);
    let refused = recorded.as_ref().map(|snapshot| unprovable(plan, snapshot));
    let margins = refused.into_iter().flatten().map(|(name, refused)| {
        let problem = format!("as last measured, {} (`{name}`)", refused.problem());
        let place = place_of_margin(text, &name);
        Mistake::warning("margin-out-of-reach", place, problem).cure(refused.cure())
    });
    let traffic = given_or_recorded(given, recorded.as_ref(), plan);
    let stages = traffic.map(|traffic| doubts(&forecast(plan, &traffic, &[])));
    let stages = stages.into_iter().flatten().map(|doubt| {
        let place = place_of_rule_out(text, doubt.stage);
        Mistake::warning("rule-out-out-of-reach", place, doubt.problem()).cure(doubt.cure())
    });
    margins.chain(stages).collect()
}

fn text(
    chosen: &[&Sheet],
    exit: Exit,
    nothing: &str,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let (color, width, quiet) = (context.ui.color, context.ui.width, context.ui.quiet);
    let out = context.ui.answer();
    for sheet in chosen {
        out.write_all(sheet.render(color, width).as_bytes())?;
        if !(sheet.mistakes.is_empty() && sheet.change.is_empty()) {
            writeln!(out)?;
        }
    }
    if quiet && exit == Exit::Go {
        return Ok(());
    }
    if chosen.is_empty() {
        writeln!(out, "{nothing}")?;
        return Ok(());
    }
    let count = |severity| {
        chosen
            .iter()
            .flat_map(|sheet| sheet.mistakes.iter().chain(&sheet.change))
            .filter(|mistake| mistake.severity == severity)
            .count()
    };
    let plans = chosen.iter().filter(|sheet| !sheet.is_settings()).count();
    let plans = counted(plans, "plan");
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match (errors, warnings) {
        (0, 0) => writeln!(out, "{plans}: no mistakes")?,
        (0, _) => writeln!(out, "{plans}: {}", counted(warnings, "warning"))?,
        (_, 0) => writeln!(out, "{plans}: {}", counted(errors, "mistake"))?,
        (_, _) => writeln!(
            out,
            "{plans}: {}, {}",
            counted(errors, "mistake"),
            counted(warnings, "warning")
        )?,
    }
    Ok(())
}

fn document(chosen: &[&Sheet], exit: Exit) -> Value {
    let files: Vec<Value> = chosen
        .iter()
        .map(|sheet| {
            json!({
                "plan": (!sheet.is_settings()).then_some(&sheet.file.name), "file": sheet.shown,
                "mistakes": mistakes::documents(&sheet.marked()),
            })
        })
        .collect();
    json!({"format": "rollout-validation/1", "exit": exit.code(), "files": files})
}

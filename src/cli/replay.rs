//! `rollout replay`: makes recorded decisions again from their records, and says where they differ.

use std::path::Path;

use crate::decide::Exit;
use crate::files;
use crate::report::numbers::counted;
use crate::session::{
    Context, Failure, PlanSet, Replayed, decided_by_newer, read_text, replay_differences,
};
use crate::units::Foreign;
use crate::workspace::{Record, evidence_of};

/// Not a broken chain: a person may change what is declared between two decisions. But whoever reads
/// plan and records side by side must know that they do not belong together.
const DECLARED_CHANGED: &str =
    "its declared part is not the one that the latest decision was made on";

/// Make recorded decisions again, and fail on any difference
///
/// Takes record files, or names of plans, whose whole chain of records is followed; without any,
/// all plans. Needs no network: a record holds everything its decision was made from.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Record files, or names of plans [default: every plan]
    #[arg(value_name = "EVIDENCE")]
    evidence: Vec<String>,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let (files, plans): (Vec<String>, Vec<String>) = args
        .evidence
        .iter()
        .cloned()
        .partition(|name| Path::new(name).extension().is_some_and(|e| e == "json"));
    let mut seen = 0;
    let mut wrong = 0;
    let mut broken = 0;
    let mut older = 0;
    for name in files {
        let text = read_text(&context.directory.join(&name), files::RECORD)?;
        seen += 1;
        wrong += match Record::read(&text) {
            Ok(record) => compared(&name, &record, &mut older, context)?,
            Err(why) => tell(&name, &[why], context)?,
        };
    }
    if !plans.is_empty() || args.evidence.is_empty() {
        let plan_set = PlanSet::open(context, &plans)?;
        if plans.is_empty() {
            for (name, error) in &plan_set.unreadable {
                broken += tell(name, &[error.to_string()], context)?;
            }
        }
        for index in plan_set.select(&plans)? {
            let loaded = &plan_set.plans[index];
            let chain = evidence_of(&plan_set.directory, &loaded.file);
            for link in &chain.links {
                seen += 1;
                wrong += compared(&link.path, &link.record, &mut older, context)?;
            }
            let mut problems: Vec<String> = chain.breaks.iter().map(ToString::to_string).collect();
            if chain.declared_changed {
                problems.push(DECLARED_CHANGED.to_owned());
            }
            for problem in problems {
                broken += tell(&loaded.shown, &[problem], context)?;
            }
        }
    }
    let count = counted(seen, "record");
    if wrong + broken == 0 {
        let same = if older == 0 {
            "every decision is the same again".to_owned()
        } else {
            format!(
                "{older} of an older judge, whole as {} written; every other decision is the same again",
                if older == 1 { "it was" } else { "they were" }
            )
        };
        writeln!(context.ui.answer(), "{count}: {same}")?;
        return Ok(Exit::Go);
    }
    let mut problems_found = Vec::new();
    if wrong > 0 {
        problems_found.push(format!("{wrong} of {count} cannot be replayed"));
    }
    if broken > 0 {
        problems_found.push(format!(
            "{} between plans and records",
            counted(broken, "difference")
        ));
    }
    Err(Failure::error(problems_found.join("; ")).help(
        "somebody changed a file, or another version decided otherwise: `git log -p` of it tells",
    ))
}

/// Makes one record's decision again, tells, and counts those of older judges; how many are wrong.
fn compared(
    name: &str,
    record: &Record,
    older: &mut usize,
    context: &mut Context<'_>,
) -> Result<usize, Failure> {
    match replay_differences(record) {
        Replayed::Same => tell(name, &[], context),
        Replayed::Differs(problems) => tell(name, &problems, context),
        Replayed::Newer { judge } => tell(name, &[decided_by_newer(judge)], context),
        Replayed::Older { judge, today } => {
            *older += 1;
            if !context.ui.quiet {
                let out = context.ui.answer();
                let today = if today.is_empty() {
                    "today's would decide the same".to_owned()
                } else {
                    format!("today's would differ: {}", today.join("; "))
                };
                writeln!(
                    out,
                    "older    {name}: whole; judge {judge} decided, {today}"
                )?;
            }
            Ok(0)
        }
    }
}

/// One line a record; how many are wrong.
fn tell(name: &str, problems: &[String], context: &mut Context<'_>) -> Result<usize, Failure> {
    let styles = context.output_style().styles();
    let quiet = context.ui.quiet;
    let out = context.ui.answer();
    if problems.is_empty() {
        let style = styles.good;
        if !quiet {
            writeln!(out, "{style}same{style:#}     {}", Foreign(name))?;
        }
        return Ok(0);
    }
    let style = styles.bad;
    for problem in problems {
        writeln!(
            out,
            "{style}DIFFERS{style:#}  {}: {}",
            Foreign(name),
            Foreign(problem)
        )?;
    }
    Ok(1)
}

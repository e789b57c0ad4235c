//! `rollout replay`: makes recorded decisions again from their records, and says where they differ.

use std::path::Path;

use crate::decide::Exit;
use crate::workspace::{Record, evidence_of};

use super::context::Context;
use super::desk::{Desk, counted};
use super::failure::Failure;
use super::rederive::again;

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
    for name in files {
        let text = fs_err::read_to_string(context.directory.join(&name))?;
        seen += 1;
        let problems = match Record::read(&text) {
            Ok(record) => again(&record),
            Err(why) => vec![why],
        };
        wrong += tell(&name, &problems, context)?;
    }
    if !plans.is_empty() || args.evidence.is_empty() {
        let desk = Desk::open(context, &plans)?;
        for index in desk.select(&plans)? {
            let sheet = &desk.sheets[index];
            let chain = evidence_of(&desk.directory, &sheet.file);
            for link in &chain.links {
                seen += 1;
                wrong += tell(&link.path, &again(&link.record), context)?;
            }
            for broken in &chain.breaks {
                seen += 1;
                wrong += tell(&sheet.file.name, &[broken.to_string()], context)?;
            }
        }
    }
    let count = counted(seen, "record");
    if wrong == 0 {
        writeln!(
            context.ui.answer(),
            "{count}: every decision is the same again"
        )?;
        return Ok(Exit::Go);
    }
    Err(Failure::error(format!("{wrong} of {count} cannot be replayed"))
        .help("a record that was changed, or made by a version that decided otherwise: `git log` of the file tells"))
}

/// One line a record; how many are wrong.
fn tell(name: &str, problems: &[String], context: &mut Context<'_>) -> Result<usize, Failure> {
    let styles = context.look().styles();
    let quiet = context.ui.quiet;
    let out = context.ui.answer();
    if problems.is_empty() {
        let style = styles.good;
        if !quiet {
            writeln!(out, "{style}same{style:#}     {name}")?;
        }
        return Ok(0);
    }
    let style = styles.bad;
    for problem in problems {
        writeln!(out, "{style}DIFFERS{style:#}  {name}: {problem}")?;
    }
    Ok(1)
}

//! A decision of the past as its record has it: what was done, by whom, why. It needs nothing but the
//! record, and says as much of one that this program cannot make again.

use std::io::{self, Write};

use anstyle::Style;

use crate::decide::{RecordedAction, RecordedActor};
use crate::judge::VERSION;
use crate::units::{Exposure, Instant, one_line};

use super::super::numbers::date_and_time;
use super::super::wrapped::paragraph;
use super::super::{OutputStyle, Styles};

/// A past decision, as its record has it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The plan's name.
    pub plan: &'a str,
    /// The record's file, as people would type it.
    pub path: &'a str,
    /// When.
    pub at: Instant,
    /// The version of the judge that decided.
    pub judge: u32,
    /// What was done.
    pub action: &'a RecordedAction,
    /// Who did it.
    pub actor: &'a RecordedActor,
    /// What the person said.
    pub said: Option<&'a str>,
    /// Why, as sentences; the first one decided.
    pub reasons: &'a [String],
    /// The exposure before.
    pub from: Exposure,
    /// The exposure after.
    pub to: Exposure,
    /// The stage before, 1-based; 0 where nobody was exposed.
    pub stage: u32,
}

/// Writes what a record says where there is no decision to be made again: a person decided without asking,
/// or this program cannot, and `why` says what is in the way. `numbers` are lines of what was measured.
///
/// # Errors
/// When the writer fails.
pub fn render_facts(
    recorded: &Recorded<'_>,
    numbers: &[String],
    why: Option<&str>,
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let styles = output.styles();
    head(recorded, "recorded in", *output, &styles, out)?;
    for line in numbers {
        paragraph(line, "  ", "    ", Style::new(), *output, out)?;
    }
    if numbers.is_empty() {
        writeln!(out, "  nothing was measured for it")?;
    }
    if let Some(next) = next(recorded.plan, recorded.action) {
        writeln!(out)?;
        paragraph(
            &format!("to go on: {next}"),
            "  ",
            "    ",
            Style::new(),
            *output,
            out,
        )?;
    }
    let Some(why) = why else {
        return Ok(());
    };
    let text = format!("the record alone is shown, since {why}");
    paragraph(&text, "  ", "  ", styles.doubt, *output, out)
}

/// What a person types for a plan to go on after this; `None` where it goes on by itself.
pub(super) fn next(plan: &str, action: &RecordedAction) -> Option<String> {
    match action {
        RecordedAction::Rollback => Some(format!(
            "find the cause; after the fix, `rollout retry {plan}` starts again"
        )),
        RecordedAction::Pause => Some(format!(
            "find the cause; then `rollout resume {plan}`, or `rollout rollback {plan}`"
        )),
        RecordedAction::Advance
        | RecordedAction::Hold
        | RecordedAction::Complete
        | RecordedAction::Resume
        | RecordedAction::Retry
        | RecordedAction::Approve
        | RecordedAction::Freeze
        | RecordedAction::Unfreeze
        | RecordedAction::Init
        | RecordedAction::Sync
        | RecordedAction::New
        | RecordedAction::Other(_) => None,
    }
}

/// What was done, in one line, and under it why and where that is recorded, which `source` introduces.
pub(super) fn head(
    recorded: &Recorded<'_>,
    source: &str,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Recorded {
        plan,
        path,
        at,
        judge,
        action,
        actor,
        said,
        reasons,
        from,
        to,
        stage,
    } = recorded;
    let style = match action {
        RecordedAction::Rollback => styles.bad,
        RecordedAction::Pause => styles.doubt,
        RecordedAction::Hold => styles.wait,
        RecordedAction::Advance
        | RecordedAction::Complete
        | RecordedAction::Resume
        | RecordedAction::Retry
        | RecordedAction::Approve
        | RecordedAction::Freeze
        | RecordedAction::Unfreeze
        | RecordedAction::Init
        | RecordedAction::Sync
        | RecordedAction::New
        | RecordedAction::Other(_) => styles.good,
    };
    let way = if from == to {
        format!("at {from}")
    } else {
        format!("from {from} to {to}")
    };
    let by = match actor {
        RecordedActor::Automation { run_by: None } => "by itself".to_owned(),
        RecordedActor::Automation {
            run_by: Some(person),
        } => format!("by itself, run by {person}"),
        RecordedActor::Person(person) => format!("by {person}"),
        RecordedActor::Other(other) => format!("by {other}"),
    };
    let place = match stage {
        0 => String::new(),
        stage => format!(" in stage {stage}"),
    };
    let what = format!(
        "{plan}: {} {way}{place}, {}, {by}",
        done(action),
        date_and_time(*at)
    );
    paragraph(&one_line(&what), "", "  ", style, output, out)?;
    if let Some(said) = said {
        let text = format!("\"{said}\"");
        paragraph(&text, "  ", "  ", Style::new(), output, out)?;
    }
    for reason in *reasons {
        paragraph(reason, "  ", "    ", Style::new(), output, out)?;
    }
    let numbers = if *judge == VERSION {
        String::new()
    } else {
        format!("; judge {judge} decided, and the numbers are those of judge {VERSION}")
    };
    let text = format!("{source} {path}{numbers}");
    paragraph(&text, "  ", "  ", styles.dim, output, out)?;
    writeln!(out)
}

/// What was done, as the loudest words of the page.
fn done(action: &RecordedAction) -> String {
    match action {
        RecordedAction::Advance => "ADVANCED",
        RecordedAction::Hold => "HELD",
        RecordedAction::Pause => "PAUSED",
        RecordedAction::Rollback => "ROLLED BACK",
        RecordedAction::Complete => "COMPLETED",
        RecordedAction::Resume => "RESUMED",
        RecordedAction::Retry => "STARTED AGAIN",
        RecordedAction::Approve => "APPROVED",
        RecordedAction::Freeze
        | RecordedAction::Unfreeze
        | RecordedAction::Init
        | RecordedAction::Sync
        | RecordedAction::New
        | RecordedAction::Other(_) => return action.key().to_uppercase(),
    }
    .to_owned()
}

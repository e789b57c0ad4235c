//! The report for GitHub Actions: workflow commands that annotate files. Text from outside is escaped: a
//! plan's name can not end a command.

use std::io::{self, Write};

use crate::decide::Exit;
use crate::judge::Verdict;
use crate::units::one_line;

use super::{Decided, Outcome, PlanReport, Report};

/// How loud an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Fails nothing.
    Notice,
    /// Wants a look.
    Warning,
    /// Something is wrong.
    Error,
}

/// An annotation of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// How loud.
    pub level: Level,
    /// Path from the root of the repository.
    pub file: &'a str,
    /// Line and column, 1-based.
    pub at: Option<(usize, usize)>,
    /// A few words.
    pub title: &'a str,
    /// The rest; may have several lines.
    pub message: &'a str,
}

/// Writes one workflow command.
///
/// # Errors
/// When the writer fails.
pub fn annotate(annotation: &Annotation<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Annotation {
        level,
        file,
        at,
        title,
        message,
    } = annotation;
    let command = match level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    let place = at.map_or_else(String::new, |(line, column)| {
        format!(",line={line},col={column}")
    });
    writeln!(
        out,
        "::{command} file={}{place},title={}::{}",
        property(file),
        property(title),
        data(message)
    )
}

/// Where in its file a plan's decision is shown: line and column, 1-based.
pub type Place<'a> = dyn Fn(&str) -> Option<(usize, usize)> + 'a;

/// Writes one annotation a plan, and one for each breached guardrail, at the plan's place.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report, place: &Place<'_>, out: &mut dyn Write) -> io::Result<()> {
    for PlanReport {
        plan,
        file,
        outcome,
    } in &report.plans
    {
        let (exit, message) = match outcome {
            Outcome::Decided(decided) => (decided.decision.exit, sentences(decided)),
            Outcome::Failed(failure) => (
                failure.exit,
                failure.cure.as_ref().map_or_else(
                    || failure.problem.clone(),
                    |cure| format!("{}\nhelp: {cure}", failure.problem),
                ),
            ),
        };
        annotate(
            &Annotation {
                level: level(exit),
                file,
                at: place(plan),
                title: &format!("{plan}: {}", exit.name()),
                message: &message,
            },
            out,
        )?;
        if let Outcome::Decided(decided) = outcome {
            breaches(decided, (plan, file, place(plan)), out)?;
        }
    }
    Ok(())
}

fn breaches(
    decided: &Decided,
    (plan, file, at): (&str, &str, Option<(usize, usize)>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings = decided.judgement.iter().flat_map(|j| &j.findings);
    for finding in findings.filter(|finding| finding.verdict == Verdict::Breach) {
        annotate(
            &Annotation {
                level: Level::Error,
                file,
                at,
                title: &format!("{plan}: {} is breached", finding.name),
                message: &finding.why.to_string(),
            },
            out,
        )?;
    }
    Ok(())
}

fn sentences(decided: &Decided) -> String {
    let reasons: Vec<String> = decided.decision.told().map(ToString::to_string).collect();
    format!("{}: {}", decided.decision.action.key(), reasons.join("\n"))
}

const fn level(exit: Exit) -> Level {
    match exit {
        Exit::Go | Exit::Hold => Level::Notice,
        Exit::Inconclusive => Level::Warning,
        Exit::Error | Exit::Invalid | Exit::NoGo | Exit::Rollback => Level::Error,
    }
}

/// The escapes of workflow commands: without them a line break would start a new command.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(one_line).collect();
    let text = lines.join("\n");
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&one_line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

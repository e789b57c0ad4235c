//! What the table of guardrails has no room for: why a verdict is not a pass, and what is wrong with the data.
//! What is wrong with several guardrails alike is said once, with their names.

use std::io::{self, Write};

use anstyle::Style;

use crate::judge::{Finding, Verdict};

use super::told::told;
use super::words::list;
use super::wrapped::paragraph;
use super::{OutputStyle, Styles};

/// What is wrong with the data of these guardrails, in one sentence.
struct Note {
    issue: String,
    guardrails: Vec<String>,
    style: Style,
}

pub(super) fn remarks(
    findings: &[Finding],
    decides: impl Fn(Verdict) -> bool,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let findings: Vec<&Finding> = findings
        .iter()
        .filter(|finding| decides(finding.verdict))
        .collect();
    let notes = notes(&findings, styles);
    let (shared, own): (Vec<&Note>, Vec<&Note>) =
        notes.iter().partition(|note| note.guardrails.len() > 1);
    for (place, finding) in findings.iter().enumerate() {
        let is_remarked = is_remarked(finding);
        let like = |other: &&&Finding| is_remarked && other.why == finding.why;
        if is_remarked && !findings[..place].iter().any(|other| like(&other)) {
            let alike = findings[place..].iter().filter(like);
            let names: Vec<String> = alike.map(|other| other.name.clone()).collect();
            let text = format!("{}: {}", list(&names), finding.why);
            let style = styles.verdict(finding.verdict);
            paragraph(&text, "  ", "    ", style, output, out)?;
        }
        for note in own.iter().filter(|note| note.guardrails[0] == finding.name) {
            // Beside a passing guardrail there is no line that says whose it is.
            let text = if is_remarked {
                note.issue.clone()
            } else {
                format!("{}: {}", finding.name, note.issue)
            };
            let first = if is_remarked { "    " } else { "  " };
            paragraph(&text, first, "    ", note.style, output, out)?;
        }
    }
    for note in shared {
        let text = format!("{}: {}", list(&note.guardrails), note.issue);
        paragraph(&text, "  ", "    ", note.style, output, out)?;
    }
    Ok(())
}

/// Whether its verdict needs to be explained.
const fn is_remarked(finding: &Finding) -> bool {
    match finding.verdict {
        Verdict::Breach | Verdict::NoData(_) | Verdict::Inconclusive => true,
        Verdict::Pass | Verdict::NotApplicable => false,
    }
}

/// Every issue once, unless its guardrail's verdict says it.
fn notes(findings: &[&Finding], styles: &Styles) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for finding in findings {
        let why = finding.why.to_string();
        let issues = told(finding).map(ToString::to_string);
        for issue in issues.filter(|issue| !why.contains(issue)) {
            match notes.iter_mut().find(|note| note.issue == issue) {
                Some(note) if note.guardrails.contains(&finding.name) => {}
                Some(note) => note.guardrails.push(finding.name.clone()),
                None => notes.push(Note {
                    issue,
                    guardrails: vec![finding.name.clone()],
                    style: styles.verdict(finding.verdict),
                }),
            }
        }
    }
    notes
}

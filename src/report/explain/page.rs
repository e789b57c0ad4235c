//! The page: which guardrails, then the gates, and how a line looks. The steps of one guardrail are
//! in `steps`. It repeats what the judge and the rules said and works out nothing of its own.

use std::io::{self, Write};

use anstyle::Style;

use crate::decide::{Decision, Gate, GateState};
use crate::judge::{Judgement, VERSION};
use crate::plan::Plan;
use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::super::wrapped::{paragraph, wrap};
use super::super::{OutputStyle, Styles, ramp};

/// What is explained.
#[derive(Debug, Clone, Copy)]
pub struct Explained<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What Prometheus said; `None` where nothing had to be asked.
    pub snapshot: Option<&'a Snapshot>,
    /// What the judge said of it.
    pub judgement: Option<&'a Judgement>,
    /// What the rules said of that.
    pub decision: &'a Decision,
    /// Only this guardrail; `None` is all of them.
    pub guardrail: Option<&'a str>,
    /// The evaluation instant.
    pub now: Instant,
    /// The record that all of it is from; `None` where it is of now.
    pub recorded: Option<Recorded<'a>>,
}

/// Where a past decision is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The record's file, relative to the directory.
    pub path: &'a str,
    /// The version of the judge that decided.
    pub judge: u32,
}

/// Writes the explanation.
///
/// # Errors
/// When the writer fails.
pub fn render(
    explained: &Explained<'_>,
    output: &OutputStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Explained {
        plan,
        snapshot,
        judgement,
        decision,
        guardrail: only,
        now,
        recorded,
    } = explained;
    let styles = output.styles();
    let mut page = Page {
        out,
        output: *output,
        styles,
    };
    if let Some(Recorded { path, judge }) = recorded {
        let by = if *judge == VERSION {
            String::new()
        } else {
            format!("; judge {judge} decided, and the numbers are those of judge {VERSION}")
        };
        let at = super::super::numbers::date_and_time(*now);
        let text = format!("Rolled back at {at}; what was seen then, from {path}{by}");
        paragraph(&text, "", "", page.styles.title, page.output, page.out)?;
        writeln!(page.out)?;
    }
    for guardrail in &plan.guardrails {
        if only.is_some_and(|only| only != guardrail.name) {
            continue;
        }
        page.title(guardrail)?;
        let finding = judgement.and_then(|judgement| {
            judgement
                .findings
                .iter()
                .find(|finding| finding.name == guardrail.name)
        });
        match finding {
            Some(finding) => {
                page.asked(finding)?;
                page.counted(plan, guardrail, finding, *snapshot, *now)?;
                page.compared(guardrail, finding)?;
                page.harm(plan, guardrail, finding)?;
                page.absence(plan, guardrail, finding)?;
                page.limit(plan, finding)?;
                page.verdict(plan, finding)?;
            }
            None => page.line(
                "not asked",
                "nobody is exposed, so there is nothing to measure",
            )?,
        }
    }
    if only.is_none() {
        page.gates(decision, *judgement)?;
        if let Some(spent) = ramp::spent(plan, *judgement) {
            writeln!(page.out, "  {spent}")?;
        }
    }
    Ok(())
}

/// Column at which the explanations begin.
const INDENT: usize = 16;

pub(super) struct Page<'a> {
    pub(super) out: &'a mut dyn Write,
    pub(super) output: OutputStyle,
    pub(super) styles: Styles,
}

impl Page<'_> {
    fn gates(&mut self, decision: &Decision, judgement: Option<&Judgement>) -> io::Result<()> {
        let title = self.styles.title;
        writeln!(
            self.out,
            "{title}Gates{title:#}, in order; the first that is closed decides"
        )?;
        let mut others: Vec<&str> = Vec::new();
        for Gate { name, state } in &decision.gates {
            let name = name.key();
            let (style, mark, text) = match state {
                GateState::Open => (self.styles.good, "open", String::new()),
                GateState::Closed(reason) => (self.styles.wait, "closed", reason.to_string()),
                GateState::NotApplicable => {
                    if !others.contains(&name) {
                        others.push(name);
                    }
                    continue;
                }
            };
            let name = format!("{name:<14}");
            let lines = wrap(&text, self.output.width.saturating_sub(INDENT + 10));
            for (index, line) in lines.iter().enumerate() {
                let text = if index == 0 {
                    format!("  {name}{style}{mark:<8}{style:#}{line}")
                } else {
                    format!("{:24}{line}", "")
                };
                writeln!(self.out, "{}", text.trim_end())?;
            }
        }
        if !others.is_empty() {
            let text = format!("Not asked here: {}", others.join(", "));
            paragraph(&text, "  ", "  ", self.styles.dim, self.output, self.out)?;
        }
        if let Some(judgement) = judgement {
            writeln!(self.out)?;
            self.line(
                "rollback",
                &format!(
                    "evidence of all rollback guardrails together, over the whole rollout: {}",
                    judgement.log_e_rollback
                ),
            )?;
        }
        let style = self.styles.exit(decision.exit);
        writeln!(
            self.out,
            "\n  {style}{}{style:#}, exit {} ({})",
            decision.action.key(),
            decision.exit.code(),
            decision.exit.name()
        )
    }

    pub(super) fn section(&mut self, name: &str) -> io::Result<()> {
        let dim = self.styles.dim;
        writeln!(self.out, "  {dim}{name}{dim:#}")
    }

    pub(super) fn line(&mut self, label: &str, text: &str) -> io::Result<()> {
        self.styled(label, text, Style::new())
    }

    pub(super) fn styled(&mut self, label: &str, text: &str, style: Style) -> io::Result<()> {
        let width = self.output.width.saturating_sub(INDENT + 4);
        for (index, line) in wrap(text, width).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            writeln!(self.out, "    {label:<INDENT$}{style}{line}{style:#}")?;
        }
        Ok(())
    }
}

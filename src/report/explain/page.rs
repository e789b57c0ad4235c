//! The page: which guardrails, then the gates, and how a line looks. The steps of one guardrail are
//! in `steps`. It repeats what the judge and the rules said and works out nothing of its own.

use std::io::{self, Write};

use anstyle::Style;

use crate::decide::{Decision, Gate, GateState};
use crate::judge::{Judgement, VERSION};
use crate::plan::Plan;
use crate::snapshot::Snapshot;
use crate::units::Instant;

use super::super::text::answer;
use super::super::wrapped::{paragraph, wrap};
use super::super::{Decided, OutputStyle, Styles, guardrails, ramp};
use super::outlook::outlook;
use super::recorded::{Recorded, head};

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
    match recorded {
        Some(recorded) => head(
            recorded,
            "what was seen then, from",
            page.output,
            &page.styles,
            page.out,
        )?,
        None => page.answer(explained)?,
    }
    page.pictures(explained)?;
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
        page.outlook(explained)?;
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
    /// What happens now and because of what, as `rollout check` says it.
    fn answer(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        let decided = Decided {
            plan: explained.plan.clone(),
            judgement: None,
            decision: explained.decision.clone(),
            change: None,
            targets: Vec::new(),
        };
        let (name, now) = (&explained.plan.name, explained.now);
        answer(name, &decided, now, self.output, &self.styles, self.out)?;
        writeln!(self.out)
    }

    /// The guardrails that are explained, with a bar each.
    fn pictures(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        let Some(judgement) = explained.judgement else {
            return Ok(());
        };
        let mut shown = judgement.clone();
        if let Some(only) = explained.guardrail {
            shown.findings.retain(|finding| finding.name == only);
        }
        let lines = guardrails::lines(explained.plan, &shown, self.output);
        for line in &lines {
            writeln!(self.out, "{line}")?;
        }
        if !lines.is_empty() {
            writeln!(self.out)?;
        }
        Ok(())
    }

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

    /// What stands in the way, and of the past whether today's rules decide the same.
    fn outlook(&mut self, explained: &Explained<'_>) -> io::Result<()> {
        let Explained {
            plan,
            judgement,
            decision,
            recorded,
            ..
        } = explained;
        if let Some(recorded) = recorded
            && recorded.actor.person().is_none()
            && *recorded.action != decision.action.into()
        {
            let text = format!(
                "judge {} decided {} then; judge {VERSION} decides {} on the same numbers",
                recorded.judge,
                recorded.action,
                decision.action.key()
            );
            paragraph(&text, "  ", "  ", self.styles.doubt, self.output, self.out)?;
        }
        let lines = outlook(plan, *judgement, decision, recorded.as_ref());
        if lines.is_empty() {
            return Ok(());
        }
        let title = self.styles.title;
        let text = match recorded {
            Some(_) => "What it would have taken to go on",
            None => "What it takes to go on",
        };
        writeln!(self.out, "\n{title}{text}{title:#}")?;
        for (label, text) in lines {
            self.line(&label, &text)?;
        }
        Ok(())
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

//! The report as text for people: per plan a header, the table, the decision and its reasons, and
//! what changes in the file; for several plans a last line that counts them.

use std::io::{self, Write};

use anstyle::Style;
use similar::{ChangeTag, TextDiff};

use crate::decide::{Action, Exit, Reason};
use crate::judge::Verdict;
use crate::plan::{RampProgress, Schedule, Status};
use crate::units::{Exposure, Foreign, Instant, Period};

use super::guardrails;
use super::remarks::remarks;
use super::wrapped::{paragraph, wrap};
use super::{
    Change, Decided, Failure, Outcome, OutputStyle, PlanReport, Report, SeenTarget, Styles,
};

/// Writes the whole report.
///
/// # Errors
/// When the writer fails.
pub fn render(report: &Report, output: &OutputStyle, out: &mut dyn Write) -> io::Result<()> {
    let styles = output.styles();
    let Report {
        now,
        exit,
        is_gate,
        plans,
    } = report;
    for (index, plan) in plans.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        plan_report(plan, *now, *output, &styles, out)?;
    }
    if plans.len() > 1 {
        write!(out, "\n{} plans: {}.", plans.len(), tally(plans))?;
        // Of plans that are only shown, only what went wrong is the command's outcome.
        if *is_gate || *exit != Exit::Go {
            let style = styles.exit(*exit);
            write!(
                out,
                " {style}{}{style:#} (exit {})",
                exit.name(),
                exit.code()
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn plan_report(
    report: &PlanReport,
    now: Instant,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let PlanReport {
        plan: name,
        file,
        outcome,
    } = report;
    let title = styles.title;
    match outcome {
        Outcome::Failed(Failure {
            exit,
            problem,
            cure,
        }) => {
            let style = styles.exit(*exit);
            let (name, file) = (Foreign(name), Foreign(file));
            writeln!(out, "{title}{name}{title:#}  {file}")?;
            writeln!(
                out,
                "  {style}{}{style:#}: {}",
                exit.name(),
                indented(problem)
            )?;
            if let Some(cure) = cure {
                writeln!(out, "  help: {}", indented(cure))?;
            }
            Ok(())
        }
        Outcome::Decided(decided) => {
            writeln!(out, "{title}{name}{title:#}  {}", standing(decided, now))?;
            if let Some(judgement) = decided
                .judgement
                .as_ref()
                .filter(|judgement| !judgement.findings.is_empty())
            {
                let lines = guardrails::lines(&decided.plan, judgement, output);
                if !lines.is_empty() {
                    writeln!(out)?;
                }
                for line in lines {
                    writeln!(out, "{line}")?;
                }
                let mut remarked = Vec::new();
                if let Some(idle) = guardrails::idle(judgement) {
                    paragraph(&idle, "  ", "    ", styles.dim, output, &mut remarked)?;
                }
                let decides = decisive(decided);
                remarks(&judgement.findings, decides, output, styles, &mut remarked)?;
                if !remarked.is_empty() {
                    writeln!(out)?;
                    out.write_all(&remarked)?;
                }
            }
            writeln!(out)?;
            if let Some(spent) = super::ramp::spent(&decided.plan, decided.judgement.as_ref()) {
                paragraph(&spent, "  ", "    ", Style::new(), output, out)?;
            }
            decision(decided, output, styles, out)?;
            match &decided.change {
                Some(change) => changed(file, change, output, styles, out)?,
                None => return Ok(()),
            }
            let dim = styles.dim;
            for moved in decided.targets.iter().filter_map(SeenTarget::moved) {
                writeln!(out, "  {dim}target{dim:#} {moved}")?;
            }
            Ok(())
        }
    }
}

/// Whether what is remarked on a verdict matters to the decision: on the way back nobody asks when the others
/// would have passed.
fn decisive(decided: &Decided) -> impl Fn(Verdict) -> bool + use<> {
    let returns = matches!(decided.decision.action, Action::Rollback { .. });
    move |verdict| !returns || matches!(verdict, Verdict::Breach | Verdict::NoData(_))
}

/// `stage 1 of 4, 1 % exposed for 20h 50m`.
fn standing(decided: &Decided, now: Instant) -> String {
    let Some(state) = &decided.plan.state else {
        return "pending, nobody exposed".into();
    };
    let stage = match &decided.plan.course {
        Schedule::Stages(_) => format!("stage {} of {}", decided.stage(), decided.stages()),
        Schedule::Ramp(ramp) => match state.ramp {
            Some(RampProgress { moves: 1, .. }) => format!("first move of a ramp to {}", ramp.to),
            Some(RampProgress { moves, .. }) => format!("move {moves} of a ramp to {}", ramp.to),
            None => format!("on a ramp to {}", ramp.to),
        },
    };
    // A ramp is as old as its first exposure; the present one is as old as its latest move.
    let since = state.ramp.map_or(state.entered_at, |climb| climb.moved_at);
    let since = Period::between(since, now).rough();
    match state.status {
        Status::Pending => format!("pending before stage {}, nobody exposed", state.stage),
        Status::Progressing => format!("{stage}, {} exposed for {since}", state.exposure),
        Status::Paused if state.exposure == Exposure::NONE => {
            format!("paused before stage {}, nobody exposed", state.stage)
        }
        Status::Paused => format!("paused, {stage}, {} exposed for {since}", state.exposure),
        Status::RolledBack => format!("rolled back in {stage}, {} exposed", state.exposure),
        Status::Complete => format!("complete, {} exposed", state.exposure),
    }
}

fn decision(
    decided: &Decided,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = styles.exit(decided.decision.exit);
    let headline = headline(decided);
    let mut reasons = decided.decision.told();
    let first = reasons
        .next()
        .filter(|reason| !says_only_the_step(reason))
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let (head, tail) = (headline, first);
    // The headline carries the colour; the reason does not need it.
    let wrapped = wrap(&format!("{head}{tail}"), output.width.saturating_sub(2));
    for (index, line) in wrapped.iter().enumerate() {
        match line.strip_prefix(&head).filter(|_| index == 0) {
            Some(rest) => writeln!(out, "  {style}{head}{style:#}{rest}")?,
            None => writeln!(out, "  {line}")?,
        }
    }
    for reason in reasons {
        paragraph(
            &format!("also: {reason}"),
            "  ",
            "        ",
            Style::new(),
            output,
            out,
        )?;
    }
    Ok(())
}

/// True where the headline says it all.
const fn says_only_the_step(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::Entering { .. } | Reason::Climbing { curve: None, .. } | Reason::AlreadyComplete
    )
}

/// `Advanced from 1 % to 10 %, stage 2 of 4`, or what would happen.
fn headline(decided: &Decided) -> String {
    let now = decided.exposure();
    let next = decided.next_exposure();
    let applied = decided.applied();
    let say = |done: &str, would: &str| {
        if applied {
            done.to_owned()
        } else {
            would.to_owned()
        }
    };
    match decided.decision.action {
        Action::Advance { stage, .. } => {
            let moved = format!("{} from {now} to {next}", say("Advanced", "Would advance"));
            match &decided.plan.course {
                Schedule::Stages(stages) => format!("{moved}, stage {stage} of {}", stages.len()),
                Schedule::Ramp(ramp) => format!("{moved} on a ramp to {}", ramp.to),
            }
        }
        Action::Hold => format!("Hold at {now}"),
        Action::Pause => format!("{} at {now}", say("Paused", "Would pause")),
        Action::Rollback { .. } => format!(
            "{} from {now} to {next}",
            say("Rolled back", "Would roll back")
        ),
        Action::Complete if decided.plan.status() == Status::Complete => {
            "Complete: nothing is left to do".into()
        }
        Action::Complete => format!("{} at {now}", say("Complete", "Would complete")),
    }
}

/// The changed lines of the plan's file, and where the record is.
fn changed(
    file: &str,
    change: &Change,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Change {
        before,
        after,
        applied,
        evidence,
        commit,
    } = change;
    let (dim, added, removed) = (styles.dim, styles.added, styles.removed);
    let diff = TextDiff::from_lines(before.as_str(), after.as_str());
    writeln!(out)?;
    let heading = if *applied { "" } else { " (not written)" };
    writeln!(out, "  {dim}{}{heading}{dim:#}", Foreign(file))?;
    for hunk in diff.unified_diff().context_radius(1).iter_hunks() {
        let header = hunk.header();
        writeln!(out, "  {dim}{header}{dim:#}")?;
        for line in hunk.iter_changes() {
            let text = line.value().trim_end_matches(['\r', '\n']);
            // Digests are long and say nothing to people: the file has them whole. Nor does what
            // did not change; it is there for orientation.
            let shown = match line.tag() {
                ChangeTag::Delete | ChangeTag::Insert if !text.contains("sha256:") => text.into(),
                ChangeTag::Delete | ChangeTag::Insert | ChangeTag::Equal => {
                    cut(text, output.width.saturating_sub(3))
                }
            };
            match line.tag() {
                ChangeTag::Delete => writeln!(out, "  {removed}-{shown}{removed:#}")?,
                ChangeTag::Insert => writeln!(out, "  {added}+{shown}{added:#}")?,
                ChangeTag::Equal => writeln!(out, "   {shown}")?,
            }
        }
    }
    if let Some(evidence) = evidence {
        writeln!(out, "  {dim}evidence {evidence}{dim:#}")?;
    }
    if let Some(commit) = commit {
        writeln!(out, "  {dim}commit {commit}{dim:#}")?;
    }
    Ok(())
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    kept + "..."
}

/// `1 advanced, 2 held, 1 rolled back`, the good first.
fn tally(plans: &[PlanReport]) -> String {
    let mut counts: Vec<(&str, usize)> =
        ["advance", "complete", "hold", "pause", "rollback", "failed"]
            .map(|key| (key, 0))
            .to_vec();
    for plan in plans {
        let key = match &plan.outcome {
            Outcome::Decided(decided) => decided.decision.action.key(),
            Outcome::Failed(_) => "failed",
        };
        if let Some((_, count)) = counts.iter_mut().find(|(name, _)| *name == key) {
            *count += 1;
        }
    }
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| format!("{count} {key}"))
        .collect();
    parts.join(", ")
}

/// Later lines of a message stand under its first.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

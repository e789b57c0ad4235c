//! What a decision changes: in a few words, or as the lines of the plan's file.

use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use crate::decide::Action;
use crate::plan::Schedule;
use crate::units::Foreign;

use super::super::{Change, Decided, OutputStyle, SeenTarget, Styles};
use super::detail::Detail;

/// Writes what changes, nothing where nothing does.
pub(super) fn written(
    file: &str,
    decided: &Decided,
    detail: Detail,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(change) = &decided.change else {
        return Ok(());
    };
    let mut lines = vec![format!("{}: {}", Foreign(file), in_words(decided))];
    lines.extend(decided.targets.iter().filter_map(SeenTarget::moved));
    let record = change.evidence.iter();
    lines.extend(record.map(|record| format!("evidence {record}")));
    let commit = change.commit.iter();
    lines.extend(commit.map(|commit| format!("commit {commit}")));
    let dim = styles.dim;
    let heading = if change.applied {
        "written"
    } else {
        "not written"
    };
    for (index, line) in lines.iter().enumerate() {
        let label = if index == 0 { heading } else { "" };
        let columns = heading.len();
        writeln!(out, "  {dim}{label:columns$}{dim:#}  {line}")?;
    }
    match detail {
        Detail::Brief => Ok(()),
        Detail::Full => lines_of(change, output, styles, out),
    }
}

/// `1 % -> 10 %, stage 1 -> 2`.
fn in_words(decided: &Decided) -> String {
    let (now, next) = (decided.exposure(), decided.next_exposure());
    match decided.decision.action {
        Action::Advance { stage, .. } => match &decided.plan.course {
            Schedule::Stages(_) => {
                format!("{now} -> {next}, stage {} -> {stage}", decided.stage())
            }
            Schedule::Ramp(_) => format!("{now} -> {next}"),
        },
        Action::Rollback { .. } => format!("{now} -> {next}, rolled back"),
        Action::Pause => format!("paused at {now}"),
        Action::Complete => format!("complete at {now}"),
        Action::Hold => format!("[state] brought up to date at {now}"),
    }
}

/// The changed lines of the plan's file.
fn lines_of(
    change: &Change,
    output: OutputStyle,
    styles: &Styles,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (dim, added, removed) = (styles.dim, styles.added, styles.removed);
    let diff = TextDiff::from_lines(change.before.as_str(), change.after.as_str());
    writeln!(out)?;
    for hunk in diff.unified_diff().context_radius(1).iter_hunks() {
        writeln!(out, "  {dim}{}{dim:#}", hunk.header())?;
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
    Ok(())
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    kept + "..."
}

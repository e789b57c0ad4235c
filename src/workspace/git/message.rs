//! What a transition's commit says: a sentence for people, trailers for programs.

use std::fmt::Write as _;

use crate::decide::{RecordedAction, RecordedActor};
use crate::plan::Status;
use crate::units;
use crate::workspace::{Link, Standing};

/// Names the plan.
pub(super) const PLAN: &str = "Rollout-Plan";
/// Names the actor.
pub(super) const ACTOR: &str = "Rollout-Actor";

/// Names what was decided.
pub(super) const DECISION: &str = "Rollout-Decision";

/// The message of one commit for these records of one plan, oldest first. More than one is a
/// commit that earlier runs owed.
pub(super) fn message(links: &[Link]) -> String {
    let (Some(first), Some(last)) = (links.first(), links.last()) else {
        return String::new();
    };
    let from = first.record.before.as_ref().map(Standing::from);
    let to = Standing::from(&last.record.after);
    let grounds = &last.record.grounds;
    let mut text = format!(
        "{}: {} from {} to {}\n",
        one_line(&last.record.plan),
        one_line(grounds.decision.key()),
        from.map_or_else(|| "pending".to_owned(), |from| from.exposure.to_string()),
        to.exposure
    );
    let sentences: Vec<String> = links
        .iter()
        .flat_map(|link| &link.record.grounds.reasons)
        .map(|reason| one_line(reason))
        .collect();
    if !sentences.is_empty() {
        text += &format!("\n{}\n", sentences.join("\n"));
    }
    if let Some(reason) = &grounds.reason {
        text += &format!("\n{}\n", in_lines(reason));
    }
    text.push('\n');
    let from = from.map_or_else(|| "pending".to_owned(), standing);
    for (name, value) in [
        (PLAN, last.record.plan.clone()),
        (DECISION, grounds.decision.to_string()),
        ("Rollout-From", from),
        ("Rollout-To", standing(to)),
        ("Rollout-Evidence", last.path.clone()),
        (ACTOR, grounds.actor.to_string()),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {}", one_line(&value));
    }
    units::page(&text).into_owned()
}

/// What a commit says of a person's command that is not about one plan's state.
#[derive(Debug, Clone)]
pub struct CommitMessage<'a> {
    /// The command.
    pub verb: RecordedAction,
    /// What it does, for the first line.
    pub does: &'a str,
    /// `--reason`.
    pub reason: Option<&'a str>,
    /// Who gives it.
    pub actor: RecordedActor,
}

/// The text of such a message.
pub(super) fn text_of(message: &CommitMessage<'_>) -> String {
    let CommitMessage {
        verb,
        does,
        reason,
        actor,
    } = message;
    let body = reason.map_or_else(String::new, |reason| format!("{}\n\n", in_lines(reason)));
    let text = format!(
        "{}\n\n{body}{DECISION}: {}\n{ACTOR}: {}\n",
        one_line(does),
        one_line(verb.key()),
        one_line(&actor.to_string())
    );
    units::page(&text).into_owned()
}

fn standing(standing: Standing) -> String {
    let Standing {
        status,
        stage,
        exposure,
    } = standing;
    match status {
        Status::Pending => format!("pending (stage {stage})"),
        Status::Progressing | Status::Paused | Status::RolledBack | Status::Complete => {
            format!("{exposure} (stage {stage}, {})", status.key())
        }
    }
}

/// A trailer, a subject and a sentence have one line.
fn one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().map(units::one_line).collect();
    words.join(" ")
}

/// A reason may have several lines. Trailers stand in the last paragraph, and that is ours.
fn in_lines(reason: &str) -> String {
    let lines: Vec<_> = reason.trim().lines().map(units::one_line).collect();
    lines.join("\n")
}

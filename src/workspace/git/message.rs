//! What a transition's commit says: a sentence for people, trailers for programs.

use std::fmt::Write as _;

use crate::plan::Status;
use crate::workspace::{Link, Standing};

/// Names the plan.
pub(super) const PLAN: &str = "Rollout-Plan";
/// Names the actor.
pub(super) const ACTOR: &str = "Rollout-Actor";

/// Names what was decided.
pub(super) const DECISION: &str = "Rollout-Decision";

/// True for an actor that is nobody, `rollout` or `rollout, run by ...`: decisions of this kind are
/// made again from fresh data. A person's are theirs.
pub(super) fn is_automation(actor: &str) -> bool {
    actor == "rollout" || actor.starts_with("rollout,")
}

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
        one_line(&grounds.decision),
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
        text += &format!("\n{}\n", reason.trim());
    }
    text.push('\n');
    let from = from.map_or_else(|| "pending".to_owned(), standing);
    for (name, value) in [
        (PLAN, last.record.plan.clone()),
        (DECISION, grounds.decision.clone()),
        ("Rollout-From", from),
        ("Rollout-To", standing(to)),
        ("Rollout-Evidence", last.path.clone()),
        (ACTOR, grounds.actor.clone()),
    ] {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {}", one_line(&value));
    }
    text
}

/// What a commit says of a person's command that is not about one plan's state.
#[derive(Debug, Clone, Copy)]
pub struct CommitMessage<'a> {
    /// The command, such as `freeze`.
    pub verb: &'a str,
    /// What it does, for the first line.
    pub does: &'a str,
    /// `--reason`.
    pub reason: Option<&'a str>,
    /// Who gives it.
    pub actor: &'a str,
}

/// The text of such a message.
pub(super) fn text_of(message: &CommitMessage<'_>) -> String {
    let CommitMessage {
        verb,
        does,
        reason,
        actor,
    } = message;
    let body = reason.map_or_else(String::new, |reason| format!("{}\n\n", reason.trim()));
    format!(
        "{}\n\n{body}{DECISION}: {}\n{ACTOR}: {}\n",
        one_line(does),
        one_line(verb),
        one_line(actor)
    )
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

/// A trailer and a subject have one line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

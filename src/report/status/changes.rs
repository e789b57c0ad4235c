//! What has changed between two looks at the same plans.

use crate::plan::Status;

use super::super::numbers::NONE;
use super::row::Row;

/// What has changed of one plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The plan.
    pub plan: String,
    /// What, as a fragment.
    pub what: String,
}

/// What has changed from one look to the next, in the order of the later one; plans that are gone last.
#[must_use]
pub fn changes(before: &[Row], after: &[Row]) -> Vec<Change> {
    let was = |plan: &str| before.iter().find(|row| row.plan == plan);
    let mut changes: Vec<Change> = after
        .iter()
        .filter_map(|row| {
            let what = match was(&row.plan) {
                None => Some("new here".to_owned()),
                Some(was) => change(was, row),
            };
            Some((row, what?))
        })
        .map(|(row, what)| Change {
            plan: row.plan.clone(),
            what,
        })
        .collect();
    let gone = before
        .iter()
        .filter(|was| after.iter().all(|row| row.plan != was.plan));
    changes.extend(gone.map(|was| Change {
        plan: was.plan.clone(),
        what: "no longer there".to_owned(),
    }));
    changes
}

fn change(was: &Row, row: &Row) -> Option<String> {
    let mut parts = Vec::new();
    if was.exposure != row.exposure {
        let show = |row: &Row| {
            row.exposure
                .map_or_else(|| NONE.to_owned(), |e| e.to_string())
        };
        parts.push(format!("{} -> {}", show(was), show(row)));
    }
    if was.status != row.status {
        parts.push(status(row.status).to_owned());
    } else if was.stage != row.stage {
        parts.push(format!("stage {} of {}", row.stage, row.stages));
    }
    // A plan that needs somebody now, or nobody any more, has changed although it stands where it stood.
    if parts.is_empty() && was.attention != row.attention {
        parts.push(match row.waits_for.as_str() {
            "" => row.attention.counted(1),
            waits_for => waits_for.to_owned(),
        });
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// In words.
pub(super) const fn status(status: Option<Status>) -> &'static str {
    match status {
        None => "invalid",
        Some(Status::Pending) => "pending",
        Some(Status::Progressing) => "progressing",
        Some(Status::Paused) => "paused",
        Some(Status::RolledBack) => "rolled back",
        Some(Status::Complete) => "complete",
    }
}

//! A commit that waits here for a push: whose it is, and what it holds.

use crate::decide::{RecordedAction, RecordedActor};
use crate::workspace::records::EVIDENCE;

/// A commit that the upstream does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) commit: String,
    /// `None` where nobody of this program made it.
    pub(super) actor: Option<RecordedActor>,
    pub(super) plan: String,
    pub(super) decision: RecordedAction,
    /// The files in it.
    pub(super) paths: Vec<String>,
}

/// What a waiting commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WaitingKind {
    /// It spares users, whoever decided it.
    Rollback,
    /// A person's, and no rollback.
    Person,
    /// Decided from data, which can be done again.
    Automation,
    /// Not a commit of this program.
    Other,
}

impl Waiting {
    pub(super) fn kind(&self) -> WaitingKind {
        match (&self.actor, &self.decision) {
            (None, _) => WaitingKind::Other,
            (Some(_), RecordedAction::Rollback) => WaitingKind::Rollback,
            (Some(RecordedActor::Automation { .. }), _) => WaitingKind::Automation,
            (Some(RecordedActor::Person(_) | RecordedActor::Other(_)), _) => WaitingKind::Person,
        }
    }

    pub(super) fn subject(&self) -> &str {
        if self.plan.is_empty() {
            self.decision.key()
        } else {
            &self.plan
        }
    }

    /// What shares the fate of this commit: all that waits for the same file. A freeze and a new plan
    /// have nothing to do with each other.
    pub(super) fn file(&self) -> &str {
        self.plan_file().unwrap_or(&self.plan)
    }

    /// The plan's file, as git names it; the shared settings' for a freeze.
    pub(super) fn plan_file(&self) -> Option<&str> {
        let records = format!("{}/", EVIDENCE);
        let is_record = |path: &&String| path.contains(&records);
        // The plan lies beside its records, unless it is a link; targets lie anywhere.
        let folder = self.paths.iter().find(is_record);
        let folder = folder.and_then(|path| path.split_once(&records));
        let own = folder.map(|(folder, _)| format!("{folder}{}.toml", self.plan));
        let mut files = self.paths.iter().filter(|path| !is_record(path));
        let first = files.clone().find(|path| path.ends_with(".toml"));
        let own = files.clone().find(|path| Some(*path) == own.as_ref());
        own.or(first).or(files.next()).map(String::as_str)
    }

    /// What the commit holds besides the plan and its records.
    pub(super) fn targets(&self) -> impl Iterator<Item = &String> {
        let records = format!("{}/", EVIDENCE);
        let plan = self.plan_file();
        let is_other =
            move |path: &&String| !path.contains(&records) && Some(path.as_str()) != plan;
        self.paths.iter().filter(is_other)
    }
}

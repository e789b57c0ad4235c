//! Applying one decision: the evidence first, then the plan, or neither.
//!
//! Evidence comes first because a plan must never name a record that is not there. A run that is
//! killed in between leaves a record nobody names ([`super::orphans`]); the next run writes its own.

use std::path::{Path, PathBuf};

use crate::plan::{State, declared_digest, declared_part, revise, state_of};
use crate::units::{Digest, Instant};

use super::atomic::{create_folder, create_like, replace, sweep, sweep_folder};
use super::{Directory, Grounds, Lock, Pinned, PlanFile, Record, WorkspaceError};

/// The folder of the records.
pub(super) const EVIDENCE: &str = ".evidence";

/// Records of one plan that may carry the same second in their names. Each needs a transition of
/// its own, so more than a few are a loop that must end.
const MOST_IN_A_SECOND: u32 = 1_000;

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The record, relative to the directory, as the state names it.
    pub evidence_path: String,
    /// The plan as it is now.
    pub plan: PlanFile,
    /// The state as it is now, with the record's path.
    pub state: State,
}

/// Writes the next state of a plan with its evidence; `None` when the plan already says so, and
/// nothing was touched.
///
/// # Errors
/// When another run holds the lock, when the file is not the one that was read
/// ([`WorkspaceError::Stale`]: decide again), or when it cannot be written. Nothing is changed then.
pub fn apply(
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &Grounds,
    now: Instant,
) -> Result<Option<Applied>, WorkspaceError> {
    apply_if(directory, plan, state, grounds, now, &ALWAYS)
}

/// What else must hold at the moment of writing, asked while nobody else can write.
pub type Still<'a> = &'a dyn Fn() -> Result<(), WorkspaceError>;

/// Nothing else has to hold.
pub const ALWAYS: fn() -> Result<(), WorkspaceError> = || Ok(());

/// As [`apply`], if something else still holds: what is decided on one plan may depend on another,
/// which has a file of its own.
///
/// # Errors
/// As [`apply`], and when it does not hold any more.
pub fn apply_if(
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &Grounds,
    now: Instant,
    still: Still<'_>,
) -> Result<Option<Applied>, WorkspaceError> {
    let lock = directory.lock()?;
    still()?;
    apply_locked(&lock, directory, plan, state, grounds, now)
}

/// As [`apply`], for who holds the lock of this directory already.
pub(super) fn apply_locked(
    _lock: &Lock,
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &Grounds,
    now: Instant,
) -> Result<Option<Applied>, WorkspaceError> {
    let text = reread(&plan.path, &plan.shown, &plan.digest)?;
    sweep(&plan.path);
    let folder = directory.root().join(EVIDENCE).join(&plan.name);
    sweep_folder(&folder);

    let before = state_of(&text).value.flatten();
    if before.as_ref().is_some_and(|before| same(before, state)) {
        return Ok(None);
    }
    let metadata = std::fs::metadata(&plan.path).map_err(|source| WorkspaceError::Read {
        path: plan.shown.clone(),
        source,
    })?;
    let previous = before
        .as_ref()
        .and_then(|before| before.evidence.as_deref())
        .and_then(|path| std::fs::read_to_string(directory.root().join(path)).ok())
        .map(|text| Record::file_digest(&text));
    let mut record = Record {
        plan: plan.name.clone(),
        at: now,
        judge: crate::judge::VERSION,
        grounds: grounds.clone(),
        plan_digest_before: plan.digest.clone(),
        declared: Pinned {
            digest: declared_digest(&text),
            text: declared_part(&text).to_owned(),
        },
        before,
        after: state.clone(),
        previous,
    };

    for attempt in 1..=MOST_IN_A_SECOND {
        let evidence_path = evidence_path(&plan.name, now, &grounds.decision, attempt);
        let file = directory.root().join(&evidence_path);
        record.after.evidence = Some(evidence_path.clone());
        let bytes = record.to_text();
        // The very same record is there when a run was killed after it wrote it.
        let ours = match std::fs::read(&file) {
            Ok(there) if there == bytes.as_bytes() => false,
            Ok(_) => continue,
            Err(_) => true,
        };
        // Revised before anything is written: a plan that cannot take the state leaves no trace.
        let revised = revise(&text, &record.after).map_err(|source| WorkspaceError::Revise {
            path: plan.shown.clone(),
            source,
        })?;
        if ours {
            create_folder(&folder)
                .and_then(|()| create_like(&file, bytes.as_bytes(), Some(&metadata)))
                .map_err(|error| shown_as(error, &directory.show(&file)))?;
        }
        if let Err(error) = replace(&plan.path, &plan.digest, revised.as_bytes()) {
            if ours {
                // A record that stays because it cannot be removed is an orphan, and harmless.
                drop(std::fs::remove_file(&file));
            }
            return Err(shown_as(error, &plan.shown));
        }
        let digest = Digest::of(revised.as_bytes());
        return Ok(Some(Applied {
            evidence_path,
            plan: PlanFile {
                text: revised,
                digest,
                ..plan.clone()
            },
            state: record.after,
        }));
    }
    Err(WorkspaceError::Exists {
        path: directory.show(&folder),
    })
}

/// The states agree in everything but the record they name.
fn same(before: &State, after: &State) -> bool {
    let without = |state: &State| State {
        evidence: None,
        ..state.clone()
    };
    without(before) == without(after)
}

pub(super) fn reread(
    path: &Path,
    shown: &Path,
    expected: &Digest,
) -> Result<String, WorkspaceError> {
    let bytes = std::fs::read(path).map_err(|source| WorkspaceError::Read {
        path: shown.to_owned(),
        source,
    })?;
    String::from_utf8(bytes)
        .ok()
        .filter(|text| Digest::of(text.as_bytes()) == *expected)
        .ok_or_else(|| WorkspaceError::Stale {
            path: shown.to_owned(),
        })
}

fn evidence_path(plan: &str, at: Instant, decision: &str, attempt: u32) -> String {
    let stamp = at.format("%Y-%m-%dT%H%M%SZ");
    let again = if attempt == 1 {
        String::new()
    } else {
        format!("-{attempt}")
    };
    format!("{EVIDENCE}/{plan}/{stamp}-{decision}{again}.json")
}

/// The error with the path as people know it.
pub(super) fn shown_as(error: WorkspaceError, shown: &Path) -> WorkspaceError {
    let path = PathBuf::from(shown);
    match error {
        WorkspaceError::Read { source, .. } => WorkspaceError::Read { path, source },
        WorkspaceError::Write { source, .. } => WorkspaceError::Write { path, source },
        WorkspaceError::Stale { .. } => WorkspaceError::Stale { path },
        WorkspaceError::Exists { .. } => WorkspaceError::Exists { path },
        other @ (WorkspaceError::NoDirectory { .. }
        | WorkspaceError::NotADirectory { .. }
        | WorkspaceError::Locked { .. }
        | WorkspaceError::NoLock { .. }
        | WorkspaceError::Revise { .. }) => other,
    }
}

/// Puts a plan back as it was before [`apply_locked`] and removes the record.
pub(super) fn take_back(
    directory: &Directory,
    before: &PlanFile,
    applied: &Applied,
) -> Result<(), WorkspaceError> {
    replace(&before.path, &applied.plan.digest, before.text.as_bytes())
        .map_err(|error| shown_as(error, &before.shown))?;
    let file = directory.root().join(&applied.evidence_path);
    std::fs::remove_file(&file).map_err(|source| WorkspaceError::Write {
        path: directory.show(&file),
        source,
    })
}

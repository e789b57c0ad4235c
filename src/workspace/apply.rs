//! Applying one decision: the evidence first, then the plan, or neither.
//!
//! Evidence comes first because a plan must never name a record that is not there. A run that is
//! killed in between leaves a record nobody names ([`super::orphans`]); the next run writes its own.

use std::path::Path;

use crate::decide::RecordedAction;
use crate::files;
use crate::plan::{PlanText, ReviseError, State, Status, standing_of};
use crate::units::{Digest, Exposure, Instant};

use super::along::{self, Along, Projection};
use super::atomic::{Unconfirmed, create_folder, create_like, replace, sweep, sweep_folder};
use super::error::shown_as;
use super::hold::{ALWAYS, Hold, With, spares};
use super::records::{self, EVIDENCE};
use super::same_stage::referred;
use super::{DecisionContext, Directory, Pinned, PlanFile, Record, Trouble, WorkspaceError};

/// Records of one plan that may carry the same second in their names. Each needs a transition of
/// its own, so more than a few are a loop that must end.
const MOST_IN_A_SECOND: u32 = 1_000;

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The record, relative to the directory, as the state names it; `None` where a rollback had to
    /// do without one.
    pub evidence_path: Option<String>,
    /// The plan as it is now.
    pub plan: PlanFile,
    /// What the record says, or would have said.
    pub record: Record,
    /// What is owed, or may not last.
    pub troubles: Vec<Trouble>,
    /// The targets that were written with it.
    pub along: Vec<Along>,
}

impl Applied {
    /// The state as it is now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.record.after
    }
}

/// Writes the next state of a plan with its evidence; `None` when the plan already says so, and
/// nothing was touched.
///
/// A rollback is written whatever becomes of its record, of the lock and of the disk's word that it
/// will last: users come first. [`Applied::troubles`] tells.
///
/// # Errors
/// When another run holds the lock, when the file is not the one that was read
/// ([`WorkspaceError::Stale`]: decide again), or when it cannot be written. Nothing is changed then.
pub fn apply(
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &DecisionContext,
    now: Instant,
) -> Result<Option<Applied>, WorkspaceError> {
    apply_if(directory, plan, state, grounds, now, &ALWAYS)
}

/// As [`apply`], if something else still holds: what is decided on one plan may depend on another,
/// which has a file of its own.
///
/// # Errors
/// As [`apply`], and when it does not hold any more.
pub fn apply_if(
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &DecisionContext,
    now: Instant,
    with: &With<'_>,
) -> Result<Option<Applied>, WorkspaceError> {
    let hold = Hold::of(directory, plan, state)?;
    (with.still)()?;
    apply_held(
        &hold,
        directory,
        plan,
        state,
        (grounds, now),
        with.projection,
    )
}

/// As [`apply`], for who holds this directory already. Users come before files: what is lowered is lowered
/// in the targets first, and then in the plan, whatever becomes of that; what is raised is raised in the
/// plan first.
pub(super) fn apply_held(
    hold: &Hold,
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    (grounds, now): (&DecisionContext, Instant),
    projection: Projection,
) -> Result<Option<Applied>, WorkspaceError> {
    // Without targets nothing is lowered or raised, and the text is not parsed for it.
    let before = if (projection.files)(&plan.text).is_empty() {
        None
    } else {
        standing_of(&plan.text).flatten()
    };
    let from = before.map_or(Exposure::NONE, |before| before.exposure);
    let to = state.exposure;
    let (lowered, troubles) = if spares(state) || to < from {
        along::lower(directory, plan, projection, to)
    } else {
        (Vec::new(), Vec::new())
    };
    let raised = if to > from {
        along::prepare_raise(directory, plan, projection, (from, to))?
    } else {
        Vec::new()
    };
    let Some(mut applied) = apply_plan(hold, directory, plan, state, grounds, now)? else {
        return Ok(None);
    };
    applied.troubles.extend(troubles);
    applied.along = lowered;
    match along::raise(&raised) {
        Ok(troubles) => {
            applied.troubles.extend(troubles);
            applied.along.extend(raised);
            Ok(Some(applied))
        }
        Err(error) => {
            take_back(directory, plan, &applied)?;
            Err(error)
        }
    }
}

/// Writes the plan and its record.
fn apply_plan(
    hold: &Hold,
    directory: &Directory,
    plan: &PlanFile,
    state: &State,
    grounds: &DecisionContext,
    now: Instant,
) -> Result<Option<Applied>, WorkspaceError> {
    let text = reread(&plan.path, &plan.shown, &plan.digest)?;
    let mut troubles = Vec::new();
    match hold {
        Hold::Alone { _lock } => {
            sweep(&plan.path);
        }
        Hold::Beside(trouble) => troubles.push(trouble.clone()),
    }

    let parsed = PlanText::parse(&text);
    let before = parsed.standing().unwrap_or_else(|| parsed.salvaged(now));
    if before.as_ref().is_some_and(|before| same(before, state)) {
        return Ok(None);
    }
    let metadata = std::fs::metadata(&plan.path).map_err(|source| WorkspaceError::Read {
        path: plan.shown.clone(),
        source,
    })?;
    let named = before
        .as_ref()
        .and_then(|before| before.evidence.as_deref());
    let (previous, unread) = match named.map(|path| records::before(directory, path)) {
        None => (None, None),
        Some(Ok(previous)) => (previous, None),
        // A record that does not name the one before it would begin another chain.
        Some(Err(error)) if spares(state) => (None, Some(error)),
        Some(Err(error)) => return Err(error),
    };
    let mut grounds = grounds.clone();
    if let (None, Some(before), Some((path, text))) = (&grounds.history, &before, &previous) {
        grounds.history = referred(before, state, path, text);
    }
    let previous = previous.map(|(_, text)| Record::file_digest(&text));
    let mut record = Record {
        plan: plan.name.clone(),
        at: now,
        judge: crate::judge::VERSION,
        grounds,
        plan_digest_before: plan.digest.clone(),
        declared: Pinned {
            digest: parsed.declared_digest(),
            text: parsed.declared_part().to_owned(),
        },
        before,
        after: state.clone(),
        previous,
    };

    if let Some(error) = unread {
        troubles.push(Trouble::no_record(&plan.name, &error));
        return unrecorded(plan, &parsed, record, troubles).map(Some);
    }
    let folder = match records::folder(directory, &plan.name) {
        Ok(folder) => folder,
        Err(error) if spares(state) => {
            troubles.push(Trouble::no_record(&plan.name, &error));
            return unrecorded(plan, &parsed, record, troubles).map(Some);
        }
        Err(error) => return Err(error),
    };
    if matches!(hold, Hold::Alone { .. }) {
        sweep_folder(&folder);
    }
    for attempt in 1..=MOST_IN_A_SECOND {
        let evidence_path = evidence_path(&plan.name, now, &record.grounds.decision, attempt);
        let file = directory.root().join(&evidence_path);
        record.after.evidence = Some(evidence_path.clone());
        let bytes = record.to_text();
        // The very same record is there when a run was killed after it wrote it.
        let ours = match records::read(directory, &evidence_path) {
            Ok(there) if there == bytes.as_bytes() => false,
            Ok(_) => continue,
            Err(_) => true,
        };
        // Revised before anything is written: a plan that cannot take the state leaves no trace.
        let revised = revised(&parsed, &record.after, plan)?;
        if ours {
            let written = create_folder(&folder)
                .and_then(|()| create_like(&file, bytes.as_bytes(), Some(&metadata)));
            match written {
                Ok(landed) => troubles.extend(Trouble::of(landed, &directory.show(&file))),
                Err(WorkspaceError::Exists { .. }) => continue,
                Err(error) => {
                    let error = shown_as(error, &directory.show(&file));
                    if !spares(state) {
                        return Err(error);
                    }
                    troubles.push(Trouble::no_record(&plan.name, &error));
                    return unrecorded(plan, &parsed, record, troubles).map(Some);
                }
            }
        }
        match replace(&plan.path, &plan.digest, revised.as_bytes(), confirm(state)) {
            Ok(landed) => troubles.extend(Trouble::of(landed, &plan.shown)),
            Err(error) => {
                if ours {
                    // A record that stays because it cannot be removed is an orphan, and harmless.
                    drop(std::fs::remove_file(&file));
                }
                let error = shown_as(error, &plan.shown);
                // The record may have taken the room that the plan needs.
                return match &error {
                    WorkspaceError::Write { .. } if spares(state) && ours => {
                        troubles.push(Trouble::no_record(&plan.name, &error));
                        unrecorded(plan, &parsed, record, troubles).map(Some)
                    }
                    _ => Err(error),
                };
            }
        }
        return Ok(Some(Applied {
            evidence_path: Some(evidence_path),
            plan: with_text(plan, revised),
            record,
            troubles,
            along: Vec::new(),
        }));
    }
    Err(WorkspaceError::Exists {
        path: directory.show(&folder),
    })
}

/// Writes a rollback without its record. The plan goes on naming the record before it, from which the
/// missing one can be told ([`super::owed`]); where there was none, it names the one that is missing.
fn unrecorded(
    plan: &PlanFile,
    text: &PlanText<'_>,
    mut record: Record,
    mut troubles: Vec<Trouble>,
) -> Result<Applied, WorkspaceError> {
    let before = record.before.as_ref();
    if let Some(named) = before.and_then(|before| before.evidence.clone()) {
        record.after.evidence = Some(named);
    }
    let revised = revised(text, &record.after, plan)?;
    let confirm = confirm(&record.after);
    let landed = replace(&plan.path, &plan.digest, revised.as_bytes(), confirm)
        .map_err(|error| shown_as(error, &plan.shown))?;
    troubles.extend(Trouble::of(landed, &plan.shown));
    Ok(Applied {
        evidence_path: None,
        plan: with_text(plan, revised),
        record,
        troubles,
        along: Vec::new(),
    })
}

fn confirm(state: &State) -> Unconfirmed {
    if spares(state) {
        Unconfirmed::Write
    } else {
        Unconfirmed::Refuse
    }
}

/// The text with this state. A stop is written whatever else the file says.
fn revised(text: &PlanText<'_>, state: &State, plan: &PlanFile) -> Result<String, WorkspaceError> {
    put_into(text, state).map_err(|source| WorkspaceError::Revise {
        path: plan.shown.clone(),
        source,
    })
}

/// As [`PlanText::revise`]; a stop is put into any text that is TOML.
pub(super) fn put_into(text: &PlanText<'_>, state: &State) -> Result<String, ReviseError> {
    match state.status {
        Status::RolledBack | Status::Paused => text.overrule(state),
        Status::Pending | Status::Progressing | Status::Complete => text.revise(state),
    }
}

pub(super) fn with_text(plan: &PlanFile, text: String) -> PlanFile {
    PlanFile {
        digest: Digest::of(text.as_bytes()),
        text,
        ..plan.clone()
    }
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
    let bytes = files::read(path, files::SMALL).map_err(|source| WorkspaceError::Read {
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

pub(super) fn evidence_path(
    plan: &str,
    at: Instant,
    decision: &RecordedAction,
    attempt: u32,
) -> String {
    let stamp = at.format("%Y-%m-%dT%H%M%SZ");
    let again = if attempt == 1 {
        String::new()
    } else {
        format!("-{attempt}")
    };
    format!("{EVIDENCE}/{plan}/{stamp}-{decision}{again}.json")
}

/// Puts targets and plan back as they were before [`apply_held`] and removes the record.
pub(super) fn take_back(
    directory: &Directory,
    before: &PlanFile,
    applied: &Applied,
) -> Result<(), WorkspaceError> {
    along::take_back(&applied.along)?;
    let (expected, old) = (&applied.plan.digest, before.text.as_bytes());
    // What is put back is what the disk held already.
    let _lasts = replace(&before.path, expected, old, Unconfirmed::Write)
        .map_err(|error| shown_as(error, &before.shown))?;
    let Some(evidence) = &applied.evidence_path else {
        return Ok(());
    };
    let file = directory.root().join(evidence);
    std::fs::remove_file(&file).map_err(|source| WorkspaceError::Write {
        path: directory.show(&file),
        source,
    })
}

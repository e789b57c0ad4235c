//! The record that a rollback owes which had to be written without it: because its disk was full, or
//! nobody may write there. What was measured is lost with the run that measured it; what was decided,
//! by whom, when and why stands in the plan, and is recorded as soon as it can be.

use crate::decide::{Neighbour, RecordedAction, taken_back};
use crate::plan::{Intervention, PlanText, State, standing_of};

use super::apply::{evidence_path, put_into, reread, with_text};
use super::atomic::{Unconfirmed, create_folder, create_like, replace};
use super::chain::read_link;
use super::error::shown_as;
use super::records;
use super::{
    Applied, Break, DecisionContext, Directory, Pinned, PlanFile, Record, Trouble, WorkspaceError,
};

/// What is missing, as far as the plan tells.
struct Missing {
    ruling: Intervention,
    /// The state as it is.
    now: State,
    /// The state before; unknown where no record says it.
    before: Option<State>,
    previous: Option<crate::units::Digest>,
}

/// Writes the record that a rolled-back plan owes, and names it in the plan; `None` where none is
/// owed. `before` is what else is known of the plan's state before the rollback, as from git.
///
/// # Errors
/// When it still cannot be written. The plan stays as it is.
pub fn make_up(
    directory: &Directory,
    plan: &PlanFile,
    before: impl FnOnce() -> Option<State>,
    config_text: &str,
    neighbours: Vec<Neighbour>,
) -> Result<Option<Applied>, WorkspaceError> {
    if missing(directory, plan).is_none() {
        return Ok(None);
    }
    let _lock = directory.lock()?;
    let text = reread(&plan.path, &plan.shown, &plan.digest)?;
    let Some(missing) = missing(directory, plan) else {
        return Ok(None);
    };
    let parsed = PlanText::parse(&text);
    let known = missing.before.or_else(before);
    let mut record = Record {
        plan: plan.name.clone(),
        at: missing.ruling.at,
        judge: crate::judge::VERSION,
        grounds: DecisionContext {
            decision: RecordedAction::Rollback,
            reasons: vec![
                "rolled back; the record could not be written then and is made up for".to_owned(),
            ],
            reason_codes: vec![Record::MADE_UP_FOR.to_owned()],
            actor: (&missing.ruling.by).into(),
            reason: missing.ruling.reason.clone(),
            config_text: config_text.to_owned(),
            neighbours,
            snapshot: None,
            history: None,
            report: None,
        },
        plan_digest_before: plan.digest.clone(),
        declared: Pinned {
            digest: parsed.declared_digest(),
            text: parsed.declared_part().to_owned(),
        },
        before: known,
        after: missing.now,
        previous: missing.previous,
    };
    let folder = records::folder(directory, &plan.name)?;
    let metadata = std::fs::metadata(&plan.path).map_err(|source| WorkspaceError::Read {
        path: plan.shown.clone(),
        source,
    })?;
    for attempt in 1.. {
        let path = evidence_path(&plan.name, record.at, &record.grounds.decision, attempt);
        let file = directory.root().join(&path);
        let shown = directory.show(&file);
        record.after.evidence = Some(path.clone());
        let revised =
            put_into(&parsed, &record.after).map_err(|source| WorkspaceError::Revise {
                path: plan.shown.clone(),
                source,
            })?;
        let bytes = record.to_text();
        let written = create_folder(&folder)
            .and_then(|()| create_like(&file, bytes.as_bytes(), Some(&metadata)));
        let mut troubles = Vec::new();
        match written {
            Ok(landed) => troubles.extend(Trouble::of(landed, &shown)),
            Err(WorkspaceError::Exists { .. }) => {
                // The very same record is there when a run was killed after it wrote it.
                if records::read(directory, &path).is_ok_and(|there| there != bytes.as_bytes()) {
                    continue;
                }
            }
            Err(error) => return Err(shown_as(error, &shown)),
        }
        if revised != text {
            let landed = replace(
                &plan.path,
                &plan.digest,
                revised.as_bytes(),
                Unconfirmed::Write,
            )
            .map_err(|error| shown_as(error, &plan.shown))?;
            troubles.extend(Trouble::of(landed, &plan.shown));
        }
        return Ok(Some(Applied {
            evidence_path: Some(path),
            plan: with_text(plan, revised),
            record,
            troubles,
            along: Vec::new(),
        }));
    }
    Ok(None)
}

/// A rollback whose record is not there. Either the plan names the record before it, from whose state
/// a rollback leads to the present one; or it names the record that is missing, by the instant of the
/// rollback.
fn missing(directory: &Directory, plan: &PlanFile) -> Option<Missing> {
    let now = standing_of(&plan.text)??;
    let ruling = now.rollback.clone()?;
    let path = now.evidence.clone()?;
    match read_link(directory, plan, &path, None) {
        Ok(link) => {
            let from = link.record.after.clone();
            let led = taken_back(&from, now.exposure, ruling.clone());
            (from != now && led == now).then(|| Missing {
                ruling,
                now,
                before: Some(from),
                previous: Some(Record::file_digest(&link.record.to_text())),
            })
        }
        Err(Break::Missing { .. }) if is_its_record(&plan.name, &ruling, &path) => Some(Missing {
            ruling,
            now,
            before: None,
            previous: None,
        }),
        Err(
            Break::Missing { .. }
            | Break::Changed { .. }
            | Break::StateChanged { .. }
            | Break::NoState,
        ) => None,
    }
}

/// True for the name that the record of this rollback would have been given.
fn is_its_record(plan: &str, ruling: &Intervention, path: &str) -> bool {
    let first = evidence_path(plan, ruling.at, &RecordedAction::Rollback, 1);
    let stem = first.strip_suffix(".json").unwrap_or(&first);
    path.strip_prefix(stem)
        .is_some_and(|rest| rest == ".json" || rest.starts_with('-'))
}

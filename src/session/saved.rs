//! Snapshots in files: evidence that was saved, read in place of asking, and evidence to be saved.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::decide::Exit;
use crate::files;
use crate::plan::Plan;
use crate::snapshot::{self, Snapshot};
use crate::units::Instant;
use crate::workspace::write_file;

use super::context::Context;
use super::failure::{Failure, read_text};
use super::plan_set::PlanSet;

/// What was said of plans, by their places in the directory.
pub(crate) type Snapshots = Vec<(usize, Result<Snapshot, Failure>)>;

/// Whether a decision on this plan needs anything from Prometheus.
pub(crate) fn is_measured(plan: &Plan) -> bool {
    plan.needs_data() || plan.needs_traffic() || plan.needs_preflight()
}

/// The snapshots of a file, and the instant they speak of. A plan that needs data and is not in the
/// file has no evidence here, which is a failure, never a pass.
///
/// # Errors
/// When the file cannot be read or holds no snapshot.
pub(crate) fn saved(
    file: &Path,
    plan_set: &PlanSet,
    chosen: &[usize],
    context: &Context<'_>,
) -> Result<(Instant, Snapshots), Failure> {
    let text = read_text(&context.directory.join(file), files::SNAPSHOT)?;
    let snapshots = snapshot::read(&text).map_err(|error| {
        let mut failure = Failure::from_error(Exit::Error, &error);
        failure.message = format!("{}: {}", file.display(), failure.message);
        failure
    })?;
    let latest = snapshots.iter().map(|snapshot| snapshot.taken_at).max();
    let now = context
        .global
        .now
        .or(latest)
        .ok_or_else(|| Failure::error(format!("{} holds no snapshot", file.display())))?;
    // Of two of one plan the first counts.
    let by_plan: BTreeMap<&str, &Snapshot> = snapshots
        .iter()
        .rev()
        .map(|snapshot| (snapshot.plan.as_str(), snapshot))
        .collect();
    let found = chosen
        .iter()
        .filter_map(|place| Some((*place, plan_set.plans[*place].plan.as_ref()?)))
        .filter(|(_, plan)| is_measured(plan))
        .map(|(place, plan)| {
            let answer = match by_plan.get(plan.name.as_str()) {
                None => Err(Failure::error(format!(
                    "{} holds no snapshot of {}",
                    file.display(),
                    plan.name
                ))),
                Some(snapshot) => match snapshot.fits(plan) {
                    Ok(()) => Ok((*snapshot).clone()),
                    Err(error) => Err(Failure::from_error(Exit::Error, &error)),
                },
            };
            (place, answer)
        })
        .collect();
    Ok((now, found))
}

/// Which plans a saved snapshot speaks of.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn plans_in_snapshot(
    file: &Path,
    context: &Context<'_>,
) -> Result<Vec<String>, Failure> {
    let text = read_text(&context.directory.join(file), files::SNAPSHOT)?;
    let snapshots = snapshot::read(&text).map_err(|e| Failure::from_error(Exit::Error, &e))?;
    Ok(snapshots
        .into_iter()
        .map(|snapshot| snapshot.plan)
        .collect())
}

/// Writes the snapshots that were got: one as an object, several as an array.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn save<'a>(
    file: &Path,
    snapshots: impl Iterator<Item = &'a Snapshot>,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let mut documents: Vec<Value> = snapshots.map(Snapshot::to_json).collect();
    if documents.is_empty() {
        context.ui.warn(&format!(
            "no snapshot was saved to {}: no plan here was measured",
            file.display()
        ))?;
        return Ok(());
    }
    let document = if documents.len() == 1 {
        documents.remove(0)
    } else {
        Value::Array(documents)
    };
    write_file(
        &context.directory.join(file),
        format!("{document}\n").as_bytes(),
    )?;
    Ok(())
}

//! Targets of plans: how they stand, and bringing them to what the plans say.
//!
//! ```text
//! plan text ──> salvaged targets ──┬─> files, look, write: PROJECTION, which `workspace` follows when a
//!                                  │   state changes (raising: plan, then target; lowering: the reverse)
//! target's file (bounded, inside) ─┴─> TargetStanding (pure: targets::standing) ─┬─> Environment: rule 8
//!                                                                                └─> bring: what is owed
//! ```
//!
//! Nothing marks what a killed run left behind. A target below its plan lags where it shows what the latest
//! record began with, that record is in no commit, and nobody wrote the target after the plan. Any
//! other one below is a person's brake. One above is lowered where the plan is rolled back, else told.

use std::path::Path;

use crate::decide::{TargetStanding, TargetState};
use crate::files;
use crate::plan::{Plan, Status, Target, salvaged_targets, standing_of};
use crate::targets;
use crate::units::Exposure;
use crate::workspace::git::Repository;
use crate::workspace::{Along, Directory, Look, PlanFile, Projection, Record, project};

use super::failure::Failure;
use super::loaded::LoadedPlan;
use super::plan_set::PlanSet;

/// How targets are written and seen.
pub(crate) const PROJECTION: Projection = Projection { files, look, write };

fn files(plan: &str) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for target in salvaged_targets(plan) {
        let file = target.normal_file();
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

fn of_file(plan: &str, file: &str) -> Vec<Target> {
    let mut all = salvaged_targets(plan);
    all.retain(|target| target.normal_file() == file);
    all
}

fn look(plan: &str, file: &str, text: Option<&str>, told: Exposure) -> Look {
    let look = |target: &Target| match targets::standing(target, Ok(text), told, |_| false).state {
        TargetState::AsTold => Look::Same,
        TargetState::Lags { .. } | TargetState::Braked { .. } => Look::Less,
        // A flag that is switched off may have any numbers, and be switched on.
        TargetState::Off
        | TargetState::Raised { .. }
        | TargetState::Changed { .. }
        | TargetState::Unreadable { .. } => Look::More,
        TargetState::Overruled { why } => Look::Open { why },
    };
    let looks = of_file(plan, file);
    let looks = looks.iter().map(look);
    looks.max_by_key(Look::rank).unwrap_or(Look::Same)
}

fn write(plan: &str, file: &str, text: Option<&str>, to: Exposure) -> Result<String, String> {
    let mut new = text.map(ToOwned::to_owned);
    for target in of_file(plan, file) {
        new = Some(written(&target, new.as_deref(), to)?);
    }
    new.ok_or_else(|| ABSENT.to_owned())
}

const ABSENT: &str = "there is no such file";

/// The text of one target.
fn written(target: &Target, text: Option<&str>, to: Exposure) -> Result<String, String> {
    let text = match text {
        Some(text) => text,
        None if target.is_whole_file() => "",
        None => return Err(ABSENT.to_owned()),
    };
    targets::write(target, text, to).map_err(|mistake| mistake.message)
}

impl PlanSet {
    /// How the plan's targets stand.
    pub(crate) fn targets_of(&self, plan: &Plan) -> Vec<TargetStanding> {
        if plan.targets.is_empty() {
            return Vec::new();
        }
        let loaded = self.named(&plan.name);
        loaded.map_or_else(Vec::new, |loaded| {
            standings(&self.directory, &loaded.file, plan)
        })
    }

    /// Whether a plan has targets, and each of them shows what it says.
    pub(crate) fn shows_what_it_says(&self, loaded: &LoadedPlan) -> bool {
        let targets = loaded.plan.as_ref().map(|plan| self.targets_of(plan));
        let as_told = |target: &TargetStanding| target.state == TargetState::AsTold;
        targets.is_some_and(|targets| !targets.is_empty() && targets.iter().all(as_told))
    }

    /// How the targets that a plan's file names stand, once it has this text; of a plan with mistakes, too.
    pub(crate) fn targets_in(&self, loaded: &LoadedPlan, text: &str) -> Vec<TargetStanding> {
        let file = PlanFile {
            text: text.to_owned(),
            ..loaded.file.clone()
        };
        standings_of_text(&self.directory, &file)
    }
}

/// How the targets of a plan stand.
fn standings(directory: &Directory, file: &PlanFile, plan: &Plan) -> Vec<TargetStanding> {
    let told = plan.exposure();
    let stand = |target: &Target| stands(directory, file, target, told);
    plan.targets.iter().map(stand).collect()
}

/// The same by the text of a plan that may have mistakes.
fn standings_of_text(directory: &Directory, file: &PlanFile) -> Vec<TargetStanding> {
    let state = standing_of(&file.text).flatten();
    let told = state.map_or(Exposure::NONE, |state| state.exposure);
    let stand = |target: &Target| stands(directory, file, target, told);
    salvaged_targets(&file.text).iter().map(stand).collect()
}

fn stands(
    directory: &Directory,
    file: &PlanFile,
    target: &Target,
    told: Exposure,
) -> TargetStanding {
    let read = Along::place(directory, file, &target.normal_file()).and_then(|(path, shown)| {
        let text = Along::read(&path, &shown)?;
        Ok((path, text))
    });
    match &read {
        Err(error) => targets::standing(target, Err(error.to_string()), told, |_| false),
        Ok((path, text)) => targets::standing(target, Ok(text.as_deref()), told, |shown| {
            left_behind(directory, file, path).is_some_and(|before| match text {
                Some(text) => targets::attainable_in(target, text, before) == Ok(shown),
                None => before == shown,
            })
        }),
    }
}

/// The exposure that the latest transition of a plan began with, where it may have been killed before it
/// wrote this file.
fn left_behind(directory: &Directory, plan: &PlanFile, target: &Path) -> Option<Exposure> {
    let state = standing_of(&plan.text)??;
    let record_path = directory.root().join(state.evidence.as_ref()?);
    let text = files::read_text(&record_path, files::RECORD).ok()?;
    let record = Record::read(&text).ok()?;
    let before = record.before.map_or(Exposure::NONE, |state| state.exposure);
    if record.after != state || before >= state.exposure {
        return None;
    }
    let touched = |path: &Path| {
        std::fs::metadata(path)
            .and_then(|found| found.modified())
            .ok()
    };
    if touched(target) > touched(&plan.path) {
        return None;
    }
    let repository = Repository::open(directory, &[]).ok()?;
    repository
        .misses(directory, &record_path)
        .ok()?
        .map(|_| before)
}

/// What is said beside a rollback that could not be written, where users are spared all the same.
pub(crate) fn spared(file: &PlanFile, directory: &Directory) -> Option<String> {
    let files = files(&file.text);
    let is_nobody = |name: &String| {
        let (path, shown) = Along::place(directory, file, name).ok()?;
        let text = Along::read(&path, &shown).ok()?;
        Some(look(&file.text, name, text.as_deref(), Exposure::NONE) == Look::Same)
    };
    let all = files.iter().all(|name| is_nobody(name) == Some(true));
    (all && !files.is_empty()).then(|| {
        format!(
            "the targets of {} show {} all the same: nobody is exposed by them",
            file.name,
            Exposure::NONE
        )
    })
}

/// Whose brakes are let go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brakes {
    /// Nobody's.
    Respected,
    /// A person said so.
    Released,
}

/// One target, and what became of it.
pub(crate) struct Brought {
    /// How it stood.
    pub(crate) before: TargetStanding,
    /// Whether it was written, or why it could not be.
    pub(crate) written: Result<bool, Failure>,
}

/// Brings the targets of a plan to what it says, where that is owed: what a killed run left behind, what
/// still shows more than a rolled-back plan and, where brakes are released, what somebody lowered.
pub(crate) fn bring(directory: &Directory, loaded: &LoadedPlan, brakes: Brakes) -> Vec<Brought> {
    let (all, status, told) = match &loaded.plan {
        Some(plan) => (plan.targets.clone(), plan.status(), plan.exposure()),
        // A plan with mistakes raises nothing.
        None => match standing_of(&loaded.file.text).flatten() {
            Some(state) if state.status == Status::RolledBack => {
                let all = salvaged_targets(&loaded.file.text);
                (all, state.status, state.exposure)
            }
            Some(_) | None => return Vec::new(),
        },
    };
    let mut brought = Vec::new();
    for target in &all {
        let before = stands(directory, &loaded.file, target, told);
        let mut written = if is_owed(&before.state, status, brakes) {
            let write = |text: Option<&str>| written(target, text, told);
            project(directory, &loaded.file, &target.normal_file(), &write)
                .map(|along| along.is_some())
                .map_err(|error| Failure::workspace(&error))
        } else {
            Ok(false)
        };
        // Its numbers are not all that exposes users.
        if let TargetState::Overruled { .. } = &before.state
            && status == Status::RolledBack
            && written.is_ok()
        {
            written = Err(Failure::error(before.to_string()));
        }
        brought.push(Brought { before, written });
    }
    brought
}

fn is_owed(state: &TargetState, status: Status, brakes: Brakes) -> bool {
    let rolled_back = status == Status::RolledBack;
    match state {
        TargetState::AsTold => false,
        TargetState::Lags { .. } => true,
        TargetState::Braked { .. } | TargetState::Off => brakes == Brakes::Released,
        TargetState::Raised { .. }
        | TargetState::Overruled { .. }
        | TargetState::Unreadable { .. } => rolled_back,
        TargetState::Changed { .. } => rolled_back || brakes == Brakes::Released,
    }
}

//! The merge gate: what a change does to the plans since a revision, found through git. The rules
//! are [`crate::review`]; here are both sides of the change, and whom it may make us trust.
//!
//! The change under review is hostile until proven otherwise. Whom Prometheus is, and with which
//! credentials it is asked, is read from the revision ([`super::trust`]); links that lead a reader
//! elsewhere are refused before a line of a file can be shown; nothing in the change is run.

use std::path::{Path, PathBuf};

use crate::plan;
use crate::workspace::git::{GitError, Repository};
use crate::workspace::{CONFIG, Directory, PlanFile, USUAL_NAME};

use super::compare::{
    Sides, changed_records, compare_change, deleted_plans, former, looked_at, settings,
};
use super::context::{Context, Format};
use super::failure::Failure;
use super::names::locate;
use super::plan_set::PlanSet;
use super::reviewed::ReviewedChange;
use super::trust::Connection;

/// Opens the directory with the change weighed: what it refuses stands among the mistakes.
///
/// # Errors
/// As [`PlanSet::open`], and when git cannot say what the change is.
pub(crate) fn open(
    base: Option<&str>,
    asked: &[String],
    context: &Context<'_>,
) -> Result<PlanSet, Failure> {
    let Some(rev) = base else {
        return PlanSet::open(context, asked);
    };
    let found = locate(context, asked);
    let (directory, vanished) = match found {
        Ok(directory) => (directory, false),
        Err(failure) => (vanished(rev, context)?.ok_or(failure)?, true),
    };
    let repository = Repository::open(&directory, &[])?;
    refuse_another_repository(&directory, &repository, context)?;
    let tip = repository.resolve(rev)?;
    let base = repository.merge_base(rev)?;
    let mut plan_set = if vanished {
        PlanSet::bare(directory)
    } else {
        PlanSet::open(context, asked)?
    };
    refuse_links(
        plan_set.plans.iter().map(|loaded| &loaded.file),
        "the gate compares files",
    )?;
    let old_config = repository.text_at(&base, &repository.config_path())?;
    let old_config = old_config.unwrap_or_default();
    let changes = repository.changes_since(&base)?;
    let records = repository.records_changed_since(&base)?;
    let names = looked_at(&repository, &plan_set, &changes, &records)?;
    let sides = Sides {
        repository: &repository,
        past: repository.past(&base, &names)?,
        config: plan::parse_config(&old_config).value,
        config_text: &old_config,
    };
    let former = former(&changes);
    let mut touched = Vec::new();
    let mut users = Vec::new();
    for index in 0..plan_set.plans.len() {
        let weighed = compare_change(&sides, &former, &mut plan_set, index)?;
        if weighed.touched {
            touched.push(index);
        }
        if weighed.under_way {
            users.push(plan_set.plans[index].file.name.clone());
        }
    }
    let mut besides = deleted_plans(&sides, &changes, &plan_set)?;
    besides.extend(changed_records(&sides, &plan_set, &records, rev)?);
    let connection = Connection::at(&repository, &tip, rev)?;
    let mut notices = Vec::new();
    if vanished {
        notices.push(format!(
            "the change deletes {} as a whole",
            plan_set.directory.shown().display()
        ));
    } else {
        besides.extend(settings(&sides, &plan_set, &users, context.now()));
    }
    if !vanished && connection.differs_from(&plan_set.config.prometheus) {
        notices.push(format!(
            "the change edits [prometheus]; that takes effect after the merge, and until then the \
             settings at {rev} are used"
        ));
    }
    if context.global.format == Format::Github {
        // GitHub knows files by their path in the repository, wherever the program runs.
        for loaded in &mut plan_set.plans {
            loaded.shown = repository.plan_path(&loaded.file)?;
        }
    }
    plan_set.gate = Some(ReviewedChange {
        rev: rev.to_owned(),
        touched,
        besides,
        notices,
        config_path: repository.config_path(),
        connection,
    });
    Ok(plan_set)
}

/// The directory that was there at the revision and is not any more.
fn vanished(rev: &str, context: &Context<'_>) -> Result<Option<Directory>, Failure> {
    let named = context
        .global
        .dir
        .clone()
        .or_else(|| context.variables.get("ROLLOUT_DIR").map(PathBuf::from));
    let mut places = Vec::new();
    match named {
        Some(named) => places.push(named),
        None => {
            let mut shown = PathBuf::new();
            for above in context.directory.ancestors() {
                places.push(shown.join(USUAL_NAME));
                if above.join(".git").exists() {
                    break;
                }
                shown.push("..");
            }
        }
    }
    for shown in places {
        let directory = Directory::at(context.directory.join(&shown), shown);
        let repository = match Repository::open(&directory, &[]) {
            Ok(repository) => repository,
            Err(GitError::NotARepository { .. } | GitError::Workspace(_)) => continue,
            Err(other) => return Err(other.into()),
        };
        if repository.held(&repository.merge_base(rev)?)? {
            return Ok(Some(directory));
        }
    }
    Ok(None)
}

/// Refuses a directory that the change could have put in the place of the reviewed one.
fn refuse_another_repository(
    directory: &Directory,
    repository: &Repository,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let top = std::fs::canonicalize(repository.top())?;
    if !std::fs::canonicalize(&context.directory)?.starts_with(&top) {
        return Err(Failure::invalid(format!(
            "{} belongs to another repository than the working directory",
            directory.shown().display()
        ))
        .help("run the gate inside the repository whose change is judged"));
    }
    for above in directory.root().ancestors() {
        if above.is_symlink() {
            return Err(link(
                &directory.show(above),
                "the gate compares the folder itself",
            ));
        }
        if above.exists() && std::fs::canonicalize(above)? == top {
            break;
        }
    }
    let config = directory.root().join(CONFIG);
    if config.is_symlink() {
        return Err(link(
            &directory.show(&config),
            "the gate compares the file itself",
        ));
    }
    Ok(())
}

/// A link could lead to any file of the machine, lines of which would be shown with its mistakes.
fn refuse_links<'f>(files: impl Iterator<Item = &'f PlanFile>, why: &str) -> Result<(), Failure> {
    for file in files {
        if file.path.is_symlink() {
            return Err(link(&file.shown, why));
        }
    }
    Ok(())
}

fn link(path: &Path, why: &str) -> Failure {
    Failure::invalid(format!("{} is a link: {why}", path.display()))
        .help("put what it leads to in its place")
}

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

use super::args::Format;
use super::context::Context;
use super::desk::{Desk, Sheet, locate};
use super::failure::Failure;
use super::trust::Connection;
use super::weigh::{Sides, gone, settings, weigh};

/// The shared settings among plans; no plan can have this name.
pub(super) const SETTINGS: &str = "config";

/// What is compared with.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct BaseArgs {
    /// Judge the change of plans since this revision (its merge base with HEAD) too
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
}

/// What the gate found.
pub(super) struct Gate {
    /// The revision, as it was named.
    pub(super) rev: String,
    /// The plans that the change touches, by their place on the desk.
    pub(super) touched: Vec<usize>,
    /// What is refused besides plans that are there: plans that the change deletes, with their old
    /// text, and the shared settings.
    pub(super) besides: Vec<Sheet>,
    /// What a reviewer should know of the settings.
    notices: Vec<String>,
    /// The shared settings' path in the repository.
    pub(super) config_path: String,
    /// How Prometheus may be asked.
    pub(super) connection: Connection,
}

/// Opens the directory with the change weighed: what it refuses stands among the mistakes.
///
/// # Errors
/// As [`Desk::open`], and when git cannot say what the change is.
pub(super) fn open(
    args: &BaseArgs,
    asked: &[String],
    context: &Context<'_>,
) -> Result<Desk, Failure> {
    let Some(rev) = &args.base else {
        return Desk::open(context, asked);
    };
    let found = locate(context, asked);
    let (directory, vanished) = match found {
        Ok(directory) => (directory, false),
        Err(failure) => (vanished(rev, context)?.ok_or(failure)?, true),
    };
    let repository = Repository::open(&directory, &[])?;
    own(&directory, &repository, context)?;
    let tip = repository.resolve(rev)?;
    let base = repository.merge_base(rev)?;
    let mut desk = if vanished {
        Desk::bare(directory)
    } else {
        Desk::open(context, asked)?
    };
    links(
        desk.sheets.iter().map(|sheet| &sheet.file),
        "the gate compares files",
    )?;
    let old_config = repository.text_at(&base, &repository.config_path())?;
    let old_config = old_config.unwrap_or_default();
    let sides = Sides {
        repository: &repository,
        base: &base,
        config: plan::parse_config(&old_config).value,
        config_text: &old_config,
    };
    let changes = repository.changes_since(&base)?;
    let mut touched = Vec::new();
    let mut users = Vec::new();
    for index in 0..desk.sheets.len() {
        let weighed = weigh(&sides, &changes, &mut desk, index)?;
        if weighed.touched {
            touched.push(index);
        }
        if weighed.under_way {
            users.push(desk.sheets[index].file.name.clone());
        }
    }
    let mut besides = gone(&sides, &changes, &desk)?;
    let connection = Connection::at(&repository, &tip, rev)?;
    let mut notices = Vec::new();
    if vanished {
        notices.push(format!(
            "the change deletes {} as a whole",
            desk.directory.shown().display()
        ));
    } else {
        besides.extend(settings(&sides, &desk, &users, context.now()));
    }
    if !vanished && connection.differs_from(&desk.config.prometheus) {
        notices.push(format!(
            "the change edits [prometheus]; that takes effect after the merge, and until then the \
             settings at {rev} are used"
        ));
    }
    if context.global.format == Format::Github {
        // GitHub knows files by their path in the repository, wherever the program runs.
        for sheet in &mut desk.sheets {
            sheet.shown = repository.plan_path(&sheet.file)?;
        }
    }
    desk.gate = Some(Gate {
        rev: rev.clone(),
        touched,
        besides,
        notices,
        config_path: repository.config_path(),
        connection,
    });
    Ok(desk)
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
fn own(
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
fn links<'f>(files: impl Iterator<Item = &'f PlanFile>, why: &str) -> Result<(), Failure> {
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

impl Sheet {
    /// This is no plan.
    pub(super) fn is_settings(&self) -> bool {
        self.file.name == SETTINGS
    }
}

impl Desk {
    /// Of these plans those that the change touches; all of them where no change is judged.
    pub(super) fn touched(&self, chosen: Vec<usize>) -> Vec<usize> {
        match &self.gate {
            None => chosen,
            Some(gate) => chosen
                .into_iter()
                .filter(|index| gate.touched.contains(index))
                .collect(),
        }
    }

    /// What is judged besides the plans that are there: those that the change deletes and must not,
    /// and the shared settings where it takes something from them.
    pub(super) fn besides(&self) -> &[Sheet] {
        self.gate.as_ref().map_or(&[], |gate| &gate.besides)
    }

    /// What a reviewer should know of the settings.
    pub(super) fn notices(&self) -> &[String] {
        self.gate.as_ref().map_or(&[], |gate| &gate.notices)
    }

    /// What is said where there is nothing to say of any plan.
    pub(super) fn nothing(&self) -> String {
        match &self.gate {
            Some(gate) => format!("the change since {} touches no plan", gate.rev),
            None => "no plans yet: `rollout new NAME` writes one".into(),
        }
    }
}

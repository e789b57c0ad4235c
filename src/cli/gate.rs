//! The merge gate: what a change does to the plans since a revision, found through git. The rules
//! are [`crate::plan::compare`]; here are both sides of the change, and whom it may make us trust.
//!
//! The change under review is hostile until proven otherwise. Whom Prometheus is, and with which
//! credentials it is asked, is read from the revision ([`super::trust`]); links that lead a reader
//! elsewhere are refused before a line of a file can be shown; nothing in the change is run.

use std::path::Path;

use crate::plan::{self, Config, Mistake, Plan, Revised, compare, compare_deleted, state_of};
use crate::units::Digest;
use crate::workspace::git::{Change, Repository};
use crate::workspace::{CONFIG, Directory, PlanFile, evidence_of};

use super::args::Format;
use super::context::Context;
use super::desk::{Desk, Sheet, locate};
use super::failure::Failure;
use super::rederive::again;
use super::trust::Connection;

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
    /// Plans that the change deletes, with their old text.
    pub(super) gone: Vec<Sheet>,
    /// What a reviewer should know of the settings.
    notices: Vec<String>,
    /// The shared settings' path in the repository.
    pub(super) config_path: String,
    /// How Prometheus may be asked.
    pub(super) connection: Connection,
}

/// The two sides' settings.
struct Sides<'a> {
    repository: &'a Repository,
    /// The merge base.
    base: &'a str,
    config_text: &'a str,
    config: Option<Config>,
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
    let directory = locate(context, asked)?;
    let repository = Repository::open(&directory, &[])?;
    own(&directory, &repository, context)?;
    let tip = repository.resolve(rev)?;
    let base = repository.merge_base(rev)?;
    let mut desk = Desk::open(context, asked)?;
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
    for index in 0..desk.sheets.len() {
        if weigh(&sides, &changes, &mut desk, index)? {
            touched.push(index);
        }
    }
    let gone = gone(&sides, &changes, &desk)?;
    let connection = Connection::at(&repository, &tip, rev)?;
    let mut notices = Vec::new();
    if connection.differs_from(&desk.config.prometheus) {
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
        gone,
        notices,
        config_path: repository.config_path(),
        connection,
    });
    Ok(desk)
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
        if std::fs::canonicalize(above)? == top && !above.is_symlink() {
            break;
        }
        if above.is_symlink() {
            return Err(link(above, "the gate compares the folder itself"));
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

/// Compares one plan with what it was; true when the change touches it.
fn weigh(
    sides: &Sides<'_>,
    changes: &[Change],
    desk: &mut Desk,
    index: usize,
) -> Result<bool, Failure> {
    let sheet = &desk.sheets[index];
    let path = sides.repository.plan_path(&sheet.file)?;
    let from = changes
        .iter()
        .find_map(|change| match change {
            Change::Renamed { from, path: to } if *to == path => Some(from.as_str()),
            Change::Renamed { .. }
            | Change::Added { .. }
            | Change::Modified { .. }
            | Change::Deleted { .. } => None,
        })
        .unwrap_or(&path);
    let old_text = sides.repository.text_at(sides.base, from)?;
    let rewritten = from != path || old_text.as_deref() != Some(sheet.file.text.as_str());
    let before = old_text
        .as_deref()
        .and_then(|text| sides.parse(from, text, &desk.config));
    let Some(after) = &sheet.plan else {
        return Ok(rewritten);
    };
    // Shared settings reach into plans whose own file stays as it is.
    let touched = rewritten || before.as_ref() != Some(after);
    if !touched {
        return Ok(false);
    }
    let old_state = old_text
        .as_deref()
        .and_then(|text| state_of(text).value.flatten());
    let backing = if old_state == after.state {
        Ok(())
    } else {
        sides.backed(desk, sheet, before.as_ref(), after)
    };
    let mut found = compare(&Revised {
        before: before.as_ref(),
        after,
        text: &sheet.file.text,
        state_backed: backing.is_ok(),
    });
    if let Err(Some(why)) = backing {
        for mistake in found.iter_mut().filter(|m| of_state(m)) {
            mistake.message = format!("{}; its evidence does not stand: {why}", mistake.message);
        }
    }
    let sheet = &mut desk.sheets[index];
    if found.iter().any(Mistake::is_error) {
        sheet.plan = None;
    }
    sheet.change = found;
    Ok(true)
}

/// The mistakes that evidence would have excused.
fn of_state(mistake: &Mistake) -> bool {
    [
        "state-by-hand",
        "state-removed",
        "latch-lifted",
        "skipped-stage",
        "exposure-raised",
        "approval-by-hand",
        "state-edited",
    ]
    .contains(&mistake.code)
}

impl Sides<'_> {
    /// The plan at the base; with today's settings where those of the base had mistakes.
    fn parse(&self, path: &str, text: &str, today: &Config) -> Option<Plan> {
        let name = Path::new(path).file_stem()?.to_string_lossy();
        plan::parse_plan(&name, text, self.config.as_ref().unwrap_or(today)).value
    }

    /// True evidence stands behind the new state: records that were not touched, each with the
    /// decision that follows from it, made on one of the two sides' words, from the old state to the
    /// new. `Err(None)` when no evidence is claimed, else what is wrong with it.
    fn backed(
        &self,
        desk: &Desk,
        sheet: &Sheet,
        before: Option<&Plan>,
        after: &Plan,
    ) -> Result<(), Option<String>> {
        let old = before.and_then(|plan| plan.state.as_ref());
        let named = |plan: Option<&Plan>| plan?.state.as_ref()?.evidence.clone();
        if named(Some(after)).is_none() || named(Some(after)) == named(before) {
            return Err(None);
        }
        let chain = evidence_of(&desk.directory, &sheet.file);
        if let Some(broken) = chain.breaks.first() {
            return Err(Some(broken.to_string()));
        }
        let declared: Vec<&Digest> = before
            .into_iter()
            .chain([after])
            .map(|p| &p.declared)
            .collect();
        for link in chain.links.iter().rev() {
            let record = &link.record;
            let wrong = |why: &str| Err(Some(format!("{}: {why}", link.path)));
            if !declared.contains(&&record.declared.digest) {
                return wrong("it was decided on another text of the plan");
            }
            if ![self.config_text, desk.config_text.as_str()]
                .contains(&record.grounds.config_text.as_str())
            {
                return wrong("it was decided with other shared settings");
            }
            if let Some(why) = again(record).first() {
                return wrong(why);
            }
            if record.before.as_ref() == old {
                return Ok(());
            }
        }
        Err(Some("it does not begin at the state before".into()))
    }
}

/// The plans that are gone, each with the refusal where users would be left alone.
fn gone(sides: &Sides<'_>, changes: &[Change], desk: &Desk) -> Result<Vec<Sheet>, Failure> {
    let mut gone = Vec::new();
    for change in changes {
        let path = match change {
            Change::Deleted { path } => path,
            Change::Added { .. } | Change::Modified { .. } | Change::Renamed { .. } => continue,
        };
        let Some(text) = sides.repository.text_at(sides.base, path)? else {
            continue;
        };
        let refusal = sides
            .parse(path, &text, &desk.config)
            .and_then(|before| compare_deleted(&before, &text));
        let Some(refusal) = refusal else {
            continue;
        };
        let name = Path::new(path)
            .file_stem()
            .map_or_else(|| path.clone(), |stem| stem.to_string_lossy().into_owned());
        gone.push(Sheet {
            file: PlanFile {
                name,
                path: sides.repository.top().join(path),
                shown: path.into(),
                digest: Digest::of(text.as_bytes()),
                text,
            },
            shown: path.clone(),
            plan: None,
            mistakes: Vec::new(),
            change: vec![refusal],
        });
    }
    Ok(gone)
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

    /// The plans that the change deletes and must not.
    pub(super) fn gone(&self) -> &[Sheet] {
        self.gate.as_ref().map_or(&[], |gate| &gate.gone)
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

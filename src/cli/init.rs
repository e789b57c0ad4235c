//! `rollout init`: a directory of plans to start from.

use std::path::PathBuf;

use crate::decide::{Exit, RecordedAction, RecordedActor};
use crate::plan::{self, TargetKind, Word as _};
use crate::session::{Context, Failure, TransitionWriter};
use crate::units::Foreign;
use crate::workspace::git::CommitMessage;
use crate::workspace::{CONFIG, Directory, Edit, USUAL_NAME};

/// The first plan's name.
const FIRST_PLAN: &str = "first-rollout";

/// Scaffold a rollouts/ directory with commented settings and one plan
///
/// Files that are there already are left alone.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first plan's name
    #[arg(value_name = "NAME", default_value = FIRST_PLAN, value_parser = super::new::plan_name)]
    name: String,
    /// A file of flags or routes that the first plan writes, such as flagd=flags/shop.json
    #[arg(long, value_name = "KIND=PATH", value_parser = target)]
    target: Option<(TargetKind, String)>,
    /// Why; stands at the top of the first plan
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Commit what is written
    #[arg(long)]
    commit: bool,
}

/// `KIND=PATH`, with the path relative to the working directory.
fn target(text: &str) -> Result<(TargetKind, String), String> {
    let kinds = TargetKind::words().join(", ");
    let (kind, path) = text
        .split_once('=')
        .ok_or_else(|| "write KIND=PATH, such as flagd=flags/shop.json".to_owned())?;
    let kind = TargetKind::from_word(kind).ok_or_else(|| format!("the kinds are {kinds}"))?;
    if path.is_empty() || path.starts_with('/') {
        return Err("name a file of the repository, relative to this directory".into());
    }
    Ok((kind, path.to_owned()))
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let shown = context
        .global
        .dir
        .clone()
        .or_else(|| context.variables.get("ROLLOUT_DIR").map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(USUAL_NAME));
    let root = context.directory.join(&shown);
    let reason = args.reason.as_deref();
    let mut plan = plan::template_plan(&args.name, &[], reason);
    if let Some((kind, path)) = &args.target {
        let up = "../".repeat(shown.components().count());
        plan.push_str(&plan::template_target(
            *kind,
            &format!("{up}{path}"),
            &args.name,
        ));
    }
    let files = [
        (CONFIG.to_owned(), plan::template_config()),
        (format!("{}.toml", args.name), plan),
    ];
    fs_err::create_dir_all(&root)?;
    let directory = Directory::at(root.clone(), shown.clone());
    let writer = TransitionWriter::beside(&directory, args.commit)?;
    let mut lines = Vec::new();
    let mut edits = Vec::new();
    for (name, new) in files {
        let line = shown.join(&name);
        let path = root.join(&name);
        if path.exists() {
            lines.push(format!("kept     {}", Foreign(line.display())));
            continue;
        }
        lines.push(format!("created  {}", Foreign(line.display())));
        edits.push(Edit {
            path,
            old: None,
            new,
        });
    }
    if !edits.is_empty() {
        let schemas = super::schema::missing(&root);
        fs_err::create_dir_all(root.join(".schema"))?;
        lines.extend(schemas.iter().filter_map(|schema| {
            let name = schema.path.strip_prefix(&root).ok()?;
            Some(format!("created  {}", Foreign(shown.join(name).display())))
        }));
        edits.extend(schemas);
    }
    let actor = RecordedActor::Person(context.person());
    let word = CommitMessage {
        verb: RecordedAction::Init,
        does: "plan rollouts",
        reason,
        actor,
    };
    if !edits.is_empty()
        && let Some(commit) = writer.edit(&directory, &edits, &word)?
    {
        lines.push(format!("commit   {}", commit.get(..12).unwrap_or(&commit)));
    }
    for line in lines {
        writeln!(context.ui.answer(), "{line}")?;
    }
    context.ui.answer().flush()?;
    let names = match &args.target {
        Some(_) => ", with the names in its `[[targets]]`",
        None => "",
    };
    context.ui.note(&format!(
        "next: set the URL of Prometheus in {0}/{CONFIG} and the metrics in {0}/{1}.toml{names}, then run `rollout validate`",
        shown.display(),
        args.name
    ))?;
    Ok(Exit::Go)
}

//! What people call things by: where the directory of plans is, which plan and which guardrail they
//! mean, and what they meant by a name that is unknown.

use std::path::{Path, PathBuf};

use crate::plan::Plan;
use crate::workspace::{CONFIG, Directory};

use super::context::Context;
use super::failure::Failure;

/// How similar a name must be to be suggested; `chekout` and `checkout` are at 0.97.
const NEAR_MISS: f64 = 0.8;

/// `--dir`, else the directory around a plan given as a path, else the environment, else upward.
pub(crate) fn locate(context: &Context<'_>, asked: &[String]) -> Result<Directory, Failure> {
    let given = context
        .global
        .dir
        .clone()
        .or_else(|| asked.iter().find_map(|name| around(context, name)));
    let environment = context.variables.get("ROLLOUT_DIR").map(PathBuf::from);
    let directory =
        Directory::locate(given.as_deref(), environment.as_deref(), &context.directory)?;
    match asked
        .iter()
        .find(|name| is_elsewhere(context, name, &directory))
    {
        None => Ok(directory),
        Some(name) => Err(elsewhere(name, &directory)),
    }
}

/// A file is named that is no plan of this directory. A plan there may have the same name, and is not what
/// was asked for.
fn is_elsewhere(context: &Context<'_>, name: &str, directory: &Directory) -> bool {
    let file = context.directory.join(name);
    if !is_path(name) || !file.is_file() {
        return false;
    }
    let Ok(root) = directory.root().canonicalize() else {
        return false;
    };
    // The folder as it is typed, and the file that a link in it leads to.
    let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
    let linked = file.canonicalize().ok();
    let linked = linked.as_deref().and_then(Path::parent);
    folder.as_deref() != Some(&root) && linked != Some(&root)
}

fn elsewhere(name: &str, directory: &Directory) -> Failure {
    let shown = directory.shown().display();
    let own = Path::new(name).parent().unwrap_or(Path::new("."));
    let own = if own.as_os_str().is_empty() {
        Path::new(".")
    } else {
        own
    };
    Failure::invalid(format!(
        "{name} is not in {shown}: the plans of one run are files of one directory"
    ))
    .help(format!(
        "copy it into {shown}, whose {CONFIG} it is then read with; or run it by itself with `--dir {}`",
        own.display()
    ))
}

/// The directory of plans around the plan at this path: the nearest one with shared settings, else
/// the plan's own. Relative paths stay relative, because people read them.
fn around(context: &Context<'_>, name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    if !is_path(name) || !context.directory.join(path).is_file() {
        return None;
    }
    let own = path.parent()?;
    let settled = own
        .ancestors()
        .find(|folder| context.directory.join(folder).join(CONFIG).is_file());
    Some(settled.unwrap_or(own).to_path_buf())
}

fn is_path(name: &str) -> bool {
    name.contains('/') || name.contains('\\') || name.ends_with(".toml")
}

/// A path's stem, or the name itself.
pub(crate) fn plan_name(name: &str) -> String {
    if !is_path(name) {
        return name.to_owned();
    }
    Path::new(name).file_stem().map_or_else(
        || name.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

/// The known name that was most likely meant.
pub(crate) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|known| (strsim::jaro_winkler(known, name), known))
        .filter(|(similarity, _)| *similarity >= NEAR_MISS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// The plan has a guardrail of this name.
///
/// # Errors
/// When it has none, with the nearest.
pub(crate) fn known(plan: &Plan, name: &str) -> Result<(), Failure> {
    if plan
        .guardrails
        .iter()
        .any(|guardrail| guardrail.name == name)
    {
        return Ok(());
    }
    let names: Vec<&str> = plan.guardrails.iter().map(|g| g.name.as_str()).collect();
    let failure = Failure::invalid(format!("{} has no guardrail `{name}`", plan.name));
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help(format!("there are: {}", names.join(", "))),
    })
}

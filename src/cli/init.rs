//! `rollout init`: a directory of plans to start from.

use std::path::PathBuf;

use crate::decide::Exit;
use crate::plan;
use crate::workspace::{CONFIG, USUAL_NAME, create_file};

use super::context::Context;
use super::failure::Failure;

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
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let shown = context
        .global
        .dir
        .clone()
        .or_else(|| context.variables.get("ROLLOUT_DIR").map(PathBuf::from))
        .unwrap_or_else(|| PathBuf::from(USUAL_NAME));
    let root = context.directory.join(&shown);
    let files = [
        (CONFIG.to_owned(), plan::template_config()),
        (
            format!("{}.toml", args.name),
            plan::template_plan(&args.name, &[]),
        ),
    ];
    fs_err::create_dir_all(&root)?;
    for (name, text) in files {
        let path = root.join(&name);
        let line = shown.join(&name);
        let verb = if path.exists() {
            "kept   "
        } else {
            create_file(&path, text.as_bytes())?;
            "created"
        };
        writeln!(context.ui.answer(), "{verb}  {}", line.display())?;
    }
    context.ui.answer().flush()?;
    context.ui.note(&format!(
        "next: set the URL of Prometheus in {0}/{CONFIG} and the metrics in {0}/{1}.toml, then run `rollout validate`",
        shown.display(),
        args.name
    ))?;
    Ok(Exit::Go)
}

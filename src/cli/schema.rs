//! `rollout schema`: JSON Schemas for editors.

use std::path::Path;

use clap::ValueEnum;

use crate::decide::Exit;
use crate::plan::{schema_config, schema_plan};
use crate::session::{Context, Failure};
use crate::workspace::Edit;

/// Print the JSON Schema of plans or settings, for editors
///
/// `init` and `new` write it to `.schema/` beside the plans, where the first line of what they write
/// (`#:schema .schema/plan.json`) leads taplo and Even Better TOML. After an update of this program,
/// `rollout schema >rollouts/.schema/plan.json` writes it anew.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which file it describes
    #[arg(value_enum, default_value_t = File::Plan)]
    file: File,
}

/// The two kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum File {
    /// A plan
    Plan,
    /// config.toml
    Config,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let schema = match args.file {
        File::Plan => schema_plan(),
        File::Config => schema_config(),
    };
    writeln!(context.ui.answer(), "{schema:#}")?;
    Ok(Exit::Go)
}

/// The schemas that the first lines of templates name, where they are not there yet.
pub(super) fn missing(root: &Path) -> Vec<Edit> {
    let schemas = [
        ("plan.json", schema_plan()),
        ("config.json", schema_config()),
    ];
    let edits = schemas.map(|(name, schema)| Edit {
        path: root.join(".schema").join(name),
        old: None,
        new: format!("{schema:#}\n"),
    });
    let missing = edits.into_iter().filter(|edit| !edit.path.exists());
    missing.collect()
}

//! `rollout schema`: JSON Schemas for editors.

use clap::ValueEnum;

use crate::decide::Exit;
use crate::plan::{schema_config, schema_plan};
use crate::session::{Context, Failure};

/// Print the JSON Schema of plans or settings, for editors
///
/// With taplo or Even Better TOML, write `#:schema ./plan.schema.json` on a plan's first line.
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

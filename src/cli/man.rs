//! `rollout man`: manual pages in roff, on stdout or as files.

use clap_mangen::Man;

use crate::decide::Exit;
use crate::session::{Context, Failure};

/// Print the manual page
///
/// `rollout man | man -l -` reads it at once; `rollout man advance` is the page of one command.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Page of this command in place of the overview
    command: Option<String>,
}

pub(super) fn run(
    args: &Args,
    mut root: clap::Command,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    root.build();
    let page = match &args.command {
        None => root,
        Some(name) => root
            .find_subcommand(name)
            .cloned()
            .map(|command| command.display_name(format!("rollout-{name}")))
            .ok_or_else(|| {
                Failure::invalid(format!("there is no command `{name}`"))
                    .help("`rollout --help` lists the commands")
            })?,
    };
    Man::new(page).render(context.ui.answer())?;
    Ok(Exit::Go)
}

//! `rollout completions`: shell completions on stdout.

use clap_complete::Shell;

use crate::decide::Exit;
use crate::session::{Context, Failure};

/// Print shell completions
///
/// For bash: `rollout completions bash > ~/.local/share/bash-completion/completions/rollout`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(
    args: &Args,
    mut root: clap::Command,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    // Rendered first: clap_complete panics when its writer fails, and a broken pipe is no error.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut root, "rollout", &mut script);
    context.ui.answer().write_all(&script)?;
    Ok(Exit::Go)
}

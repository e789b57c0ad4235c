//! `rollout completions`: shell completions on stdout.

use clap::ValueEnum;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::decide::Exit;
use crate::session::{Context, Failure};

/// The variable by which a shell asks what may follow, with the shell's name.
pub(super) const VARIABLE: &str = "ROLLOUT_COMPLETE";

/// Print shell completions
///
/// They offer the plans of the directory, their guardrails and stages, too. In `~/.bashrc`:
/// `source <(rollout completions bash)`; in `~/.zshrc` the same with `zsh`; for fish
/// `rollout completions fish >~/.config/fish/completions/rollout.fish`. Write them anew after an update.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

pub(super) fn run(args: &Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let completer: &dyn EnvCompleter = match args.shell {
        Shell::Bash => &Bash,
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::Powershell => &Powershell,
        Shell::Zsh => &Zsh,
    };
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "rollout", "rollout", "rollout", &mut script)?;
    context.ui.answer().write_all(&script)?;
    Ok(Exit::Go)
}

//! The list of commands and which file runs each. Nothing below imports it: what a command shares
//! with others is in [`super::args`], and who needs the whole tree is handed it.

use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::decide::Exit;
use crate::session::{Context, Failure};

use super::args::{Form, GlobalArgs};

/// Colours of the help pages; the words alone carry the meaning.
const STYLES: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .placeholder(Style::new());

/// Where the exit codes are explained to people who type `--help`.
const EXIT_CODES: &str = "\
Exit codes, the same for every command:
  0  GO            advanced, would advance, complete, or done as asked
  1  ERROR         unreachable, IO, git conflict, stale plan; not done, or not all of it
  2  INVALID       bad flags, or a plan with mistakes
  3  HOLD          not yet: time, evidence, window, freeze, approval, latch
  4  NO-GO         a guardrail with on_breach = \"pause\" is breached
  5  ROLLBACK      a guardrail with on_breach = \"rollback\" is breached
  6  INCONCLUSIVE  evidence missing, broken or contradictory, or max_duration is over

With several plans the worst wins, in the order 5, 1, 4, 6, 2, 3, 0.";

/// Progressive rollouts from TOML plans, gated by A/B tests on Prometheus metrics
///
/// Plans are TOML files in a `rollouts/` directory under version control. `rollout check` asks
/// Prometheus how the exposed users fare against the others and says what should happen;
/// `rollout advance` does it and writes the next exposure back to the plan.
#[derive(Debug, Parser)]
#[command(
    name = "rollout",
    bin_name = "rollout",
    version = env!("ROLLOUT_VERSION"),
    styles = STYLES,
    after_help = EXIT_CODES,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What to do; design order, most used first within each group.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(super::init::Args),
    New(super::new::Args),
    Validate(super::validate::Args),
    Check(super::check::Args),
    Advance(super::advance::Args),
    Sync(super::sync::Args),
    Status(super::status::Args),
    Exposure(super::exposure::Args),
    Explain(super::explain::Args),
    History(super::history::Args),
    Replay(super::replay::Args),
    Approve(super::approve::Args),
    Pause(super::pause::Args),
    Resume(super::resume::Args),
    Rollback(super::rollback::Args),
    Retry(super::retry::Args),
    Freeze(super::freeze::FreezeArgs),
    Unfreeze(super::freeze::UnfreezeArgs),
    Doctor(super::doctor::Args),
    Report(super::report::Args),
    Rules(super::rules::Args),
    Demo(super::demo::Args),
    Power(super::power::Args),
    Simulate(super::simulate::Args),
    Backtest(super::backtest::Args),
    Schema(super::schema::Args),
    Completions(super::completions::Args),
    Man(super::man::Args),
    Help(super::help::Args),
}

impl Command {
    /// Whether it may change plans, targets or settings.
    pub(super) const fn writes(&self) -> bool {
        match self {
            Self::Init(_)
            | Self::New(_)
            | Self::Advance(_)
            | Self::Sync(_)
            | Self::Approve(_)
            | Self::Pause(_)
            | Self::Resume(_)
            | Self::Rollback(_)
            | Self::Retry(_)
            | Self::Freeze(_)
            | Self::Unfreeze(_) => true,
            Self::Validate(_)
            | Self::Check(_)
            | Self::Status(_)
            | Self::Exposure(_)
            | Self::Explain(_)
            | Self::History(_)
            | Self::Replay(_)
            | Self::Doctor(_)
            | Self::Report(_)
            | Self::Rules(_)
            | Self::Demo(_)
            | Self::Power(_)
            | Self::Simulate(_)
            | Self::Backtest(_)
            | Self::Schema(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Help(_) => false,
        }
    }
}

/// Runs one command.
///
/// # Errors
/// When it could not do what was asked.
pub(super) fn dispatch(
    command: Command,
    form: Form,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let has_metrics = matches!(command, Command::Status(_));
    if form == Form::Prometheus && !has_metrics {
        return Err(Failure::invalid("this command has no metrics to print")
            .help("`--format prometheus` is for `rollout status`"));
    }
    let has_markdown = matches!(
        command,
        Command::Check(_) | Command::Advance(_) | Command::Status(_) | Command::Report(_)
    );
    if form == Form::Markdown && !has_markdown {
        return Err(Failure::invalid("this command has no Markdown to print")
            .help("`--format markdown` is for `rollout check`, `advance`, `status` and `report`"));
    }
    match command {
        Command::Init(args) => super::init::run(&args, context),
        Command::New(args) => super::new::run(&args, context),
        Command::Validate(args) => super::validate::run(&args, context),
        Command::Check(args) => super::check::run(&args, context),
        Command::Advance(args) => super::advance::run(&args, context),
        Command::Sync(args) => super::sync::run(&args, context),
        Command::Status(args) => super::status::run(&args, form, context),
        Command::Exposure(args) => super::exposure::run(&args, context),
        Command::Explain(args) => super::explain::run(&args, context),
        Command::History(args) => super::history::run(&args, context),
        Command::Replay(args) => super::replay::run(&args, context),
        Command::Approve(args) => super::approve::run(&args, context),
        Command::Pause(args) => super::pause::run(&args, context),
        Command::Resume(args) => super::resume::run(&args, context),
        Command::Rollback(args) => super::rollback::run(&args, context),
        Command::Retry(args) => super::retry::run(&args, context),
        Command::Freeze(args) => super::freeze::freeze(&args, context),
        Command::Unfreeze(args) => super::freeze::unfreeze(&args, context),
        Command::Doctor(args) => super::doctor::run(&args, context),
        Command::Report(args) => super::report::run(&args, context),
        Command::Rules(args) => super::rules::run(&args, context),
        Command::Demo(args) => super::demo::run(&args, context),
        Command::Power(args) => super::power::run(&args, context),
        Command::Simulate(args) => super::simulate::run(&args, context),
        Command::Backtest(args) => super::backtest::run(&args, context),
        Command::Schema(args) => super::schema::run(&args, context),
        Command::Completions(args) => super::completions::run(&args, context),
        Command::Man(args) => super::man::run(&args, Arguments::command(), context),
        Command::Help(args) => super::help::run(&args, Arguments::command(), context),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_tree_of_arguments_is_consistent() {
        Arguments::command().debug_assert();
    }
}

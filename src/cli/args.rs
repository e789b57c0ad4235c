//! The shape of the command line: global flags and the list of commands. What a command takes is
//! declared in its own file.

use std::path::PathBuf;

use chrono::DateTime;
use clap::builder::styling::{AnsiColor, Style, Styles};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::units::{Instant, Period};

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
    version,
    styles = STYLES,
    after_help = EXIT_CODES,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Directory of plans [default: $ROLLOUT_DIR, else the nearest rollouts/ upward]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, hide_possible_values = false)]
    pub(super) format: Format,
    /// Evaluate as of this instant (RFC 3339) instead of the clock
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant)]
    pub(super) now: Option<Instant>,
    /// Base URL of Prometheus [default: $ROLLOUT_PROMETHEUS_URL, else config.toml]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) prometheus_url: Option<String>,
    /// Colours; `auto` means on a terminal and without NO_COLOR
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    /// Print the answer only when something changed or is wrong
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Log what is asked of Prometheus; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(super) verbose: u8,
}

/// Form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Tables and sentences for people
    Text,
    /// One JSON document for programs
    Json,
    /// Annotations and a step summary for GitHub Actions
    Github,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, without NO_COLOR
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do; design order, most used first within each group.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Init(super::init::Args),
    New(super::new::Args),
    Validate(super::validate::Args),
    Check(super::check::Args),
    Advance(super::advance::Args),
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
    Query(super::query::Args),
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

/// Which plans.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PlansArgs {
    /// Names or paths of plans [default: all]
    #[arg(value_name = "PLAN")]
    pub(super) plans: Vec<String>,
    /// Every plan of the directory, said aloud
    #[arg(long, conflicts_with = "plans")]
    all: bool,
}

/// Reads an instant, with the cure in the message.
pub(super) fn instant(text: &str) -> Result<Instant, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|error| format!("{error}; write it as 2026-11-22T12:00:00Z"))
}

/// Reads a length of time.
pub(super) fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).map_err(|error| format!("{}; {}", error.problem, error.cure))
}

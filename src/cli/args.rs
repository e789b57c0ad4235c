//! Flags that several commands share, and how their values are read. What one command takes is
//! declared in its own file; the list of commands is [`super::commands`].

use std::path::PathBuf;

use chrono::DateTime;
use clap::{ArgAction, Args, ValueEnum};

use crate::units::{Instant, Period};

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

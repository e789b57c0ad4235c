//! Flags that several commands share, and how their values are read. What one command takes is
//! declared in its own file; the list of commands is [`super::commands`].

use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat};
use clap::builder::PossibleValue;
use clap::{ArgAction, Args, ValueEnum};

use crate::session::{Evidence, Failure, Format, GitAsked, Global};
use crate::units::{Instant, Period};

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalArgs {
    /// Directory of plans [default: $ROLLOUT_DIR, else the nearest rollouts/ upward]
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// Form of the answer
    #[arg(long, global = true, value_enum, default_value_t = Form::Text, hide_possible_values = false)]
    pub(super) format: Form,
    /// Evaluate as of this instant (RFC 3339) instead of the clock
    #[arg(long, global = true, value_name = "INSTANT", value_parser = instant)]
    pub(super) now: Option<Instant>,
    /// Base URL of Prometheus [default: $ROLLOUT_PROMETHEUS_URL, else config.toml]
    #[arg(long, global = true, value_name = "URL")]
    pub(super) prometheus_url: Option<String>,
    /// Ask Prometheus for everything, and keep nothing of it on this machine
    #[arg(long, global = true)]
    pub(super) no_cache: bool,
    /// Colours; `auto` means on a terminal and without NO_COLOR
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
    /// Print the answer only when something changed or is wrong
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Log what is asked of Prometheus, and of `doctor` show the series; twice for more
    #[arg(long, short, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(super) verbose: u8,
}

impl GlobalArgs {
    /// What the session is told of them.
    pub(super) fn global(&self) -> Global {
        let Self {
            dir,
            format,
            now,
            prometheus_url,
            no_cache,
            color: _,
            quiet: _,
            verbose,
        } = self;
        Global {
            dir: dir.clone(),
            format: format.of_answers(),
            now: *now,
            prometheus_url: prometheus_url.clone(),
            verbose: *verbose > 0,
            cache: !no_cache,
        }
    }
}

/// Forms of an answer that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
    Github,
    /// What shows plans has it.
    Markdown,
    /// `status` alone has it.
    Prometheus,
}

impl Form {
    /// The form in which every command answers; metrics are a command's own matter.
    const fn of_answers(self) -> Format {
        match self {
            Self::Text | Self::Prometheus => Format::Text,
            Self::Json => Format::Json,
            Self::Github => Format::Github,
            Self::Markdown => Format::Markdown,
        }
    }
}

impl ValueEnum for Form {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Text,
            Self::Json,
            Self::Github,
            Self::Markdown,
            Self::Prometheus,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Text => ("text", "Tables and sentences for people"),
            Self::Json => ("json", "One JSON document for programs"),
            Self::Github => (
                "github",
                "Annotations and a step summary for GitHub Actions",
            ),
            Self::Markdown => (
                "markdown",
                "Markdown for a comment of a pull request (`rollout check`, `advance`, `status`, `report`)",
            ),
            Self::Prometheus => (
                "prometheus",
                "Metrics for the textfile collector (`rollout status`)",
            ),
        };
        Some(PossibleValue::new(name).help(help))
    }
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
    /// Every plan of the directory: the default, written out
    #[arg(long, conflicts_with = "plans")]
    all: bool,
}

/// Where evidence comes from and where it is kept besides.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct EvidenceArgs {
    /// Read this saved snapshot in place of asking Prometheus
    #[arg(long, value_name = "FILE")]
    pub(super) snapshot: Option<PathBuf>,
    /// Save what Prometheus said
    #[arg(long, value_name = "FILE", conflicts_with = "snapshot")]
    pub(super) save_snapshot: Option<PathBuf>,
}

impl EvidenceArgs {
    /// What the session is told of them.
    pub(super) fn evidence(&self) -> Evidence {
        let Self {
            snapshot,
            save_snapshot,
        } = self;
        Evidence {
            snapshot: snapshot.clone(),
            save_snapshot: save_snapshot.clone(),
            only_due: false,
        }
    }
}

/// What is done with git after writing.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct GitArgs {
    /// Commit each transition [default: [git] of config.toml]
    #[arg(long)]
    pub(super) commit: bool,
    /// Commit and push; after a rejection fetch and decide again
    #[arg(long)]
    pub(super) push: bool,
}

impl GitArgs {
    /// What the session is told of them.
    pub(super) const fn asked(self) -> GitAsked {
        let Self { commit, push } = self;
        GitAsked { commit, push }
    }
}

/// What is compared with.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct BaseArgs {
    /// Judge the change of plans since this revision (its merge base with HEAD) too
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
}

/// Reads an instant, or a date as its midnight in UTC, with the cure in the message.
pub(super) fn instant(text: &str) -> Result<Instant, String> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(date.and_time(NaiveTime::MIN).and_utc());
    }
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|error| {
            format!("{error}; write it as 2026-11-22T12:00:00Z, or as 2026-11-22 for midnight UTC")
        })
}

/// Reads a length of time.
pub(super) fn period(text: &str) -> Result<Period, String> {
    Period::parse(text).map_err(|error| format!("{}; {}", error.problem, error.cure))
}

/// The end is not after the beginning.
pub(super) fn not_before(from: Instant, to: Instant) -> Failure {
    let at = |at: Instant| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    Failure::invalid(format!("--from {} is not before --to {}", at(from), at(to)))
        .help("write the earlier instant after --from")
}

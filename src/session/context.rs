//! What every command is handed: what was asked of it whatever it does, the environment, the streams.

use std::io::Write as _;
use std::path::PathBuf;

use chrono::SubsecRound as _;

use crate::report::OutputStyle;
use crate::units::{Instant, page};
use crate::workspace::git::user_name;

use super::failure::Failure;
use super::ui::Ui;
use super::variables::Variables;

/// What is asked of every command.
#[derive(Debug, Clone)]
pub(crate) struct Global {
    /// Directory of plans, where one is named.
    pub(crate) dir: Option<PathBuf>,
    /// Form of the answer.
    pub(crate) format: Format,
    /// The evaluation instant, where one is named.
    pub(crate) now: Option<Instant>,
    /// Where Prometheus is, where that is named.
    pub(crate) prometheus_url: Option<String>,
    /// Whether more is wanted than the answer.
    pub(crate) verbose: bool,
    /// Whether closed blocks may come from the cache.
    pub(crate) cache: bool,
}

/// Form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Tables and sentences for people.
    Text,
    /// One JSON document for programs.
    Json,
    /// Annotations and a step summary for GitHub Actions.
    Github,
    /// A comment of a pull request.
    Markdown,
}

/// One run of one command.
pub(crate) struct Context<'a> {
    /// What is asked of every command.
    pub(crate) global: Global,
    /// Environment variables.
    pub(crate) variables: Variables,
    /// The working directory.
    pub(crate) directory: PathBuf,
    /// The instant the process started.
    pub(crate) started: Instant,
    /// The streams.
    pub(crate) ui: Ui<'a>,
}

impl Context<'_> {
    /// The evaluation instant: `--now`, else the clock; in whole seconds, as people read them.
    pub(crate) fn now(&self) -> Instant {
        self.global
            .now
            .unwrap_or_else(|| self.started.trunc_subsecs(0))
    }

    /// `--prometheus-url`, else `$ROLLOUT_PROMETHEUS_URL`; the file's own comes after these.
    pub(crate) fn prometheus_url(&self) -> Option<String> {
        self.global.prometheus_url.clone().or_else(|| {
            self.variables
                .text("ROLLOUT_PROMETHEUS_URL")
                .map(str::to_owned)
        })
    }

    /// Where closed blocks are kept; `None` where the account has no home.
    pub(crate) fn cache_folder(&self) -> Option<PathBuf> {
        let absolute = |name: &str| {
            let path = PathBuf::from(self.variables.get(name)?);
            path.is_absolute().then_some(path)
        };
        let caches = absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
        Some(caches.join("rollout"))
    }

    /// Who is acting, for the record: the account of the machine, or of the CI system; where neither
    /// is known, whom git commits as.
    pub(crate) fn person(&self) -> String {
        [
            "ROLLOUT_ACTOR",
            "GITHUB_ACTOR",
            "GITLAB_USER_LOGIN",
            "USER",
            "LOGNAME",
        ]
        .iter()
        .find_map(|name| self.variables.text(name).map(str::to_owned))
        .or_else(|| user_name(&self.directory))
        .unwrap_or_else(|| "unknown".to_owned())
    }

    /// How the answer looks.
    pub(crate) fn output_style(&self) -> OutputStyle {
        OutputStyle {
            color: self.ui.color,
            unicode: self.ui.unicode,
            width: self.ui.width,
        }
    }

    /// Adds Markdown to the file that GitHub Actions names for the step's summary.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn summarise(&self, markdown: &str) -> Result<(), Failure> {
        let Some(path) = self.variables.get("GITHUB_STEP_SUMMARY") else {
            return Ok(());
        };
        let mut file = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?;
        file.write_all(page(markdown).as_bytes())?;
        Ok(())
    }
}

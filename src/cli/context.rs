//! What every command is handed: the global flags, the surroundings, the streams.

use std::path::PathBuf;

use chrono::SubsecRound as _;

use crate::units::Instant;

use super::args::Global;
use super::ui::Ui;
use super::world::Variables;

/// One run of one command.
pub(super) struct Context<'a> {
    /// Flags that every command takes.
    pub(super) global: Global,
    /// Environment variables.
    pub(super) variables: Variables,
    /// The working directory.
    pub(super) directory: PathBuf,
    /// The instant the process started.
    pub(super) started: Instant,
    /// The streams.
    pub(super) ui: Ui<'a>,
}

impl Context<'_> {
    /// The evaluation instant: `--now`, else the clock; in whole seconds, as people read them.
    pub(super) fn now(&self) -> Instant {
        self.global
            .now
            .unwrap_or_else(|| self.started.trunc_subsecs(0))
    }

    /// `--prometheus-url`, else `$ROLLOUT_PROMETHEUS_URL`; the file's own comes after these.
    pub(super) fn prometheus_url(&self) -> Option<String> {
        self.global.prometheus_url.clone().or_else(|| {
            self.variables
                .text("ROLLOUT_PROMETHEUS_URL")
                .map(str::to_owned)
        })
    }

    /// Who is acting, for the record: the account of the machine, or of the CI system.
    pub(super) fn person(&self) -> String {
        [
            "ROLLOUT_ACTOR",
            "GITHUB_ACTOR",
            "GITLAB_USER_LOGIN",
            "USER",
            "LOGNAME",
        ]
        .iter()
        .find_map(|name| self.variables.text(name))
        .unwrap_or("unknown")
        .to_owned()
    }
}

//! `config.toml`: settings shared by the plans of one directory.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::units::{Instant, Period};

use super::arms::Arms;
use super::guardrail::Guardrail;
use super::judge::JudgeSettings;
use super::word::words;

/// Everything `config.toml` says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Why they were last changed, for whoever reviews the change.
    pub reason: Option<String>,
    /// How to reach Prometheus.
    pub prometheus: PrometheusSettings,
    /// The label that tells the arms apart.
    pub arms: Arms,
    /// Budgets and block length.
    pub judge: JudgeSettings,
    /// Reusable metrics by name, as guardrails without margin.
    pub metrics: BTreeMap<String, Guardrail>,
    /// Named parts of the product.
    pub surfaces: BTreeMap<String, Surface>,
    /// When advances are allowed.
    pub calendar: Calendar,
    /// Whether transitions are committed and pushed.
    pub git: Commit,
    /// Who is told of transitions.
    pub notify: Vec<Notify>,
}

/// How to reach Prometheus.
#[derive(Debug, Clone, PartialEq)]
pub struct PrometheusSettings {
    /// Base URL with any prefix.
    pub url: Option<String>,
    /// Deadline of one request.
    pub timeout: Period,
    /// Credentials.
    pub auth: Auth,
    /// Certificates.
    pub tls: Tls,
    /// Extra headers, for tenancy.
    pub headers: BTreeMap<String, HeaderValue>,
    /// Whether closed blocks are kept on this machine, so that they are asked for once.
    pub cache: bool,
}

/// A place where a secret is found; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file, relative to the directory.
    File(String),
}

/// Credentials of Prometheus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// None.
    Anonymous,
    /// `Authorization: Bearer`.
    Bearer(Secret),
    /// HTTP basic.
    Basic {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// Certificate files, relative to the directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// Certificate authority to trust.
    pub ca_file: Option<String>,
    /// Client certificate and key.
    pub identity: Option<(String, String)>,
}

/// Value of an extra header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// Written in the file.
    Literal(String),
    /// From an environment variable.
    Env(String),
}

/// A named part of the product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// Metrics every plan on it must guard.
    pub guardrails: Vec<String>,
    /// Two active plans on it confound each other.
    pub exclusive: bool,
}

/// When advances are allowed; rollbacks always are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Advances happen only inside one of these; no window means any time.
    pub windows: Vec<Window>,
    /// Advances never happen inside these.
    pub freezes: Vec<Freeze>,
}

/// Day of the week, Monday first.
pub type Weekday = chrono::Weekday;

/// A weekly window in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Days on which it opens.
    pub days: Vec<Weekday>,
    /// Opening, wall-clock time.
    pub from: NaiveTime,
    /// Closing, wall-clock time; before `from` it closes on the next day.
    pub to: NaiveTime,
    /// IANA time zone.
    pub tz: Tz,
}

/// A period without advances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Start; `None` is since ever.
    pub from: Option<Instant>,
    /// End, exclusive.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// Who to ask.
    pub owner: Option<String>,
}

/// Whether transitions are committed and pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Commit {
    /// Commit each transition.
    pub commit: bool,
    /// Push the commits.
    pub push: bool,
}

/// A webhook told of transitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// Environment variable that holds the URL.
    pub url_env: String,
    /// Body format.
    pub format: NotifyFormat,
}

words! {
    /// Body format of a notification.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum NotifyFormat {
        /// Slack's incoming webhook.
        Slack = "slack",
        /// The report's own JSON.
        Json = "json",
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<String> = self
            .days
            .iter()
            .map(|d| d.to_string().to_lowercase())
            .collect();
        write!(
            f,
            "{} {}-{} {}",
            days.join(","),
            self.from.format("%H:%M"),
            self.to.format("%H:%M"),
            self.tz
        )
    }
}

impl Default for PrometheusSettings {
    fn default() -> Self {
        Self {
            url: None,
            timeout: Period::from_seconds(30),
            auth: Auth::Anonymous,
            tls: Tls::default(),
            headers: BTreeMap::new(),
            cache: true,
        }
    }
}

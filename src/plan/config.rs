//! `config.toml`: settings shared by the plans of one directory.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::units::{Instant, Period, Probability};

use super::{Course, Guardrail, Plan, Ramp};

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

/// The label that tells the arms apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arms {
    /// Label name.
    pub label: String,
    /// Its value in the exposed arm.
    pub exposed: String,
    /// Its value in the unexposed arm.
    pub unexposed: String,
}

impl Default for Arms {
    fn default() -> Self {
        Self {
            label: "variant".into(),
            exposed: "treatment".into(),
            unexposed: "control".into(),
        }
    }
}

/// Budgets of the judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgeSettings {
    /// Chance of a false rollback over a whole rollout, however often it is looked at.
    pub rollback_alpha: Probability,
    /// Chance of leaving a stage although harm is beyond what it must rule out.
    pub advance_alpha: Probability,
    /// Length of a block; `None` is auto: [`JudgeSettings::block_for`].
    pub block: Option<Period>,
    /// Blocks at the start of a stage that are not judged; `None` is auto: 2.
    pub warmup: Option<u32>,
    /// Ask, before the first user is exposed, whether there is data to judge by.
    pub preflight: bool,
}

impl Default for JudgeSettings {
    fn default() -> Self {
        Self {
            rollback_alpha: Probability::FIVE_PERCENT,
            advance_alpha: Probability::FIVE_PERCENT,
            block: None,
            warmup: None,
            preflight: true,
        }
    }
}

impl JudgeSettings {
    /// Blocks not judged after a change of exposure: traffic shifts and caches fill (judge.md
    /// section 1).
    pub const AUTO_WARMUP: u32 = 2;

    /// The block length for a stage of this minimum duration: one minute for stages up to two
    /// hours, else five. Both are four scrapes or more at usual intervals, and short enough to
    /// notice harm within minutes.
    #[must_use]
    pub fn block_for(&self, min_duration: Period) -> Period {
        self.block.unwrap_or_else(|| {
            if !min_duration.is_zero() && min_duration <= Period::from_hours(2) {
                Period::from_minutes(1)
            } else {
                Period::from_minutes(5)
            }
        })
    }

    /// The block length for a ramp, from what its plan says and never from the clock or the traffic:
    /// every run must ask about the same blocks. One minute where it moves every quarter of an hour
    /// or is over in two hours, so that several blocks close between two moves; else five, and longer
    /// ones for ramps of more than a week, so that a record stays at about two thousand blocks, but
    /// never longer than a third of `every`. What the evidence says hardly depends on it: counts add
    /// up, and dispersion is measured at the length there is.
    #[must_use]
    pub fn block_for_ramp(&self, ramp: &Ramp) -> Period {
        /// The shortest time between two moves of a ramp with `every = "auto"`.
        const AUTO: Period = Period::from_minutes(15);
        let minutes = Period::from_minutes;
        self.block.unwrap_or_else(|| {
            let every = ramp.every.unwrap_or(minutes(60));
            if every <= AUTO || ramp.over <= Period::from_hours(2) {
                return minutes(1);
            }
            let days = |days: u32| Period::from_hours(24 * days);
            let wanted = if ramp.over <= days(7) {
                minutes(5)
            } else if ramp.over <= days(21) {
                minutes(15)
            } else {
                minutes(60)
            };
            // With `every = "auto"` a busy service moves in a quarter of an hour.
            let between = ramp.every.unwrap_or(AUTO).seconds() / 3;
            if wanted.seconds() <= between {
                wanted
            } else {
                minutes(5)
            }
        })
    }

    /// The block length for a plan where it stands.
    #[must_use]
    pub fn block_of(&self, plan: &Plan) -> Period {
        match &plan.course {
            Course::Stages(_) => self.block_for(
                plan.stage()
                    .map_or(Period::ZERO, |stage| stage.min_duration),
            ),
            Course::Ramp(ramp) => self.block_for_ramp(ramp),
        }
    }

    /// Blocks at the start of a stage that are not judged.
    #[must_use]
    pub fn warmup_blocks(&self) -> u32 {
        self.warmup.unwrap_or(Self::AUTO_WARMUP)
    }
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

/// Body format of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotifyFormat {
    /// Slack's incoming webhook.
    Slack,
    /// The report's own JSON.
    Json,
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
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{Curve, JudgeSettings, Pace, Ramp};
    use crate::units::{Exposure, Period};

    #[test]
    fn a_ramps_blocks_follow_what_its_plan_says() {
        let period = |text: &str| Period::parse(text).unwrap();
        let block = |over: &str, every: Option<&str>| {
            let ramp = Ramp {
                from: Exposure::HUNDREDTH,
                to: Exposure::FULL,
                over: period(over),
                curve: Curve::Geometric,
                every: every.map(period),
                pace: Pace::Fixed,
            };
            JudgeSettings::default().block_for_ramp(&ramp).to_string()
        };
        assert_eq!(block("12h", Some("5m")), "1m");
        assert_eq!(block("2h", None), "1m");
        assert_eq!(block("12h", None), "5m");
        assert_eq!(block("7d", Some("1h")), "5m");
        assert_eq!(block("14d", Some("1h")), "15m");
        assert_eq!(block("60d", Some("1d")), "1h");
        // A third of `every`, for a busy service's sake also where that is not known.
        assert_eq!(block("60d", Some("1h")), "5m");
        assert_eq!(block("60d", None), "5m");
        let fixed = JudgeSettings {
            block: Some(period("2m")),
            ..JudgeSettings::default()
        };
        let plan = Ramp {
            from: Exposure::HUNDREDTH,
            to: Exposure::FULL,
            over: period("60d"),
            curve: Curve::Linear,
            every: None,
            pace: Pace::Fixed,
        };
        assert_eq!(fixed.block_for_ramp(&plan), period("2m"));
    }
}

//! A guardrail: a metric with its tolerance and its consequences.

use crate::units::{Bound, Digest, Effect, Period};

use super::metric::Metric;

/// What a guardrail guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Errors, crashes, saturation.
    Reliability,
    /// Latency, rendering, friction.
    Experience,
    /// Orders, revenue, retention.
    Business,
}

impl Category {
    /// The word in files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Reliability => "reliability",
            Self::Experience => "experience",
            Self::Business => "business",
        }
    }
}

/// Whether a metric must not get worse or should get better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Must not get worse.
    Guardrail,
    /// Should get better; reported.
    Success,
}

/// What a breach does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnBreach {
    /// Back to nobody, by itself.
    Rollback,
    /// Stop; a person resumes.
    Pause,
    /// Say so.
    Warn,
}

impl OnBreach {
    /// The word in files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::Pause => "pause",
            Self::Warn => "warn",
        }
    }
}

/// What missing evidence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnNoData {
    /// Stay.
    Hold,
    /// Stop; a person resumes.
    Pause,
    /// Back to nobody once evidence has been missing this long.
    Rollback {
        /// `no_data_timeout` of the guardrail.
        after: Period,
    },
}

/// A metric with its tolerance and its consequences.
#[derive(Debug, Clone, PartialEq)]
pub struct Guardrail {
    /// Its name, unique in the plan.
    pub name: String,
    /// What it guards.
    pub category: Category,
    /// Guardrail or success metric.
    pub role: Role,
    /// What is measured.
    pub metric: Metric,
    /// Tolerated harm; `None` only for a `point` and where only a limit is asked for.
    pub margin: Option<Effect>,
    /// Absolute bound on the exposed arm alone.
    pub limit: Option<Bound>,
    /// What a breach does.
    pub on_breach: OnBreach,
    /// What missing evidence does.
    pub on_no_data: OnNoData,
    /// Digest of everything above that the evidence depends on.
    pub definition: Digest,
}

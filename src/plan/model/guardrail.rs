//! A guardrail: a metric with its tolerance and its consequences.

use crate::units::{Bound, Digest, Effect, Period};

use super::metric::Metric;
use super::word::words;

words! {
    /// What a guardrail guards.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Category {
        /// Errors, crashes, saturation.
        Reliability = "reliability",
        /// Latency, rendering, friction.
        Experience = "experience",
        /// Orders, revenue, retention.
        Business = "business",
    }
}

words! {
    /// Whether a metric must not get worse or should get better.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Role {
        /// Must not get worse.
        Guardrail = "guardrail",
        /// Should get better; reported.
        Success = "success",
    }
}

words! {
    /// What a breach does.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum OnBreach {
        /// Back to nobody, by itself.
        Rollback = "rollback",
        /// Stop; a person resumes.
        Pause = "pause",
        /// Say so.
        Warn = "warn",
    }
}

words! {
    /// What missing evidence does, as a word.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum OnNoDataWord {
        /// Stay.
        Hold = "hold",
        /// Stop; a person resumes.
        Pause = "pause",
        /// Back to nobody.
        Rollback = "rollback",
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

//! How strong evidence is, and what it leans to. Plain data; what it takes to lean is in `leaning`.

use crate::units::{Instant, LogE};

/// Evidence, and how much of it would be proof.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strength {
    /// What there is.
    pub value: LogE,
    /// What proves it.
    pub needed: LogE,
}

impl Strength {
    /// Nothing, where everything is needed that a budget of five percent asks for.
    pub const NONE: Self = Self {
        value: LogE::NONE,
        needed: LogE(2.995_732_273_553_991),
    };
}

/// How far what must be ruled out is from being so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Clear {
    /// By an e-process, which may be looked at at any time.
    Evidence(Strength),
    /// By a score that is looked at from `min_duration` on.
    Look(Look),
}

/// A look for a pass, whose error is spent over looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Standard errors away from what must be ruled out, now; `None` where there is too little to look at.
    pub z: Option<f64>,
    /// So many passed at the latest look.
    pub needed: f64,
    /// The dispersion that it reckons with.
    pub dispersion: f64,
    /// The time of the next look.
    pub next: Instant,
}

impl Clear {
    /// What there is, and what is needed: the logarithm of an e-value, or standard errors.
    #[must_use]
    pub fn numbers(self) -> (Option<f64>, f64) {
        match self {
            Self::Evidence(Strength { value, needed }) => (Some(value.0), needed.0),
            Self::Look(Look { z, needed, .. }) => (z, needed),
        }
    }
}

/// What a guardrail leans to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaning {
    /// The exposed arm looks worse than the margin allows.
    Margin,
    /// The exposed arm looks beyond its limit, and the unexposed one does not.
    Limit,
}

impl Leaning {
    /// The word in reports.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Margin => "margin",
            Self::Limit => "limit",
        }
    }
}

/// What a lean is told by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sign {
    /// The present stage: so many standard errors beyond the bound.
    Stage(f64),
    /// The evidence of the whole rollout is a good part of a proof.
    Rollout,
}

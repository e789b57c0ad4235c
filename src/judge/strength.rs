//! How strong evidence is, and what it leans to. Plain data; what it takes to lean is in `leaning`.

use crate::units::LogE;

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

//! Whether evidence leans to a breach: substantial, but not proof yet. While it does nobody else is
//! exposed; it proves nothing and needs no error budget, since it only restrains.

use crate::units::LogE;

use super::evidence::Evidence;

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

/// So many standard errors beyond the margin are a lean. Measured on whole stages (judge-kinds E1):
/// 1 to 4 % of healthy stages are held up by it, and of releases with twice the errors a third to a
/// quarter as many are raised as without it; 1.04 holds up 8 % in the hardest noise.
const LEANING: f64 = 1.25;

/// Half of the evidence that a rollback needs, as a logarithm, is a lean as well: harm that set in
/// late, or that earlier stages saw, does not show in the standard errors of the whole stage. By
/// Ville's inequality a healthy rollout ever gets there with a chance of at most the square root of
/// its budget, 22 %, and in the simulations of the calibration bench far more rarely.
const SUBSTANTIAL: f64 = 0.5;

/// What the evidence leans to at this look; `harm` is that of the whole rollout.
pub(super) fn leaning(evidence: &Evidence, look: usize, harm: Strength) -> Option<Leaning> {
    let beyond = |z: Option<f64>| z.is_some_and(|z| z > LEANING);
    let comparison = evidence.comparison.as_ref();
    let limit = evidence.limit.as_ref().filter(|limit| !limit.ambient[look]);
    if comparison.is_some_and(|c| beyond(c.leans.get(look).copied().flatten())) {
        return Some(Leaning::Margin);
    }
    if limit.is_some_and(|limit| beyond(limit.leans[look])) {
        return Some(Leaning::Limit);
    }
    if harm.value.0 < SUBSTANTIAL * harm.needed.0 {
        return None;
    }
    let of_margin = comparison.map_or(0.0, |c| c.breach[look].0);
    match limit {
        Some(limit) if limit.breach[look].0 > of_margin => Some(Leaning::Limit),
        Some(_) | None => comparison.map(|_| Leaning::Margin),
    }
}

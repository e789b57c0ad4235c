//! Whether evidence leans to a breach: substantial, but not proof yet. While it does nobody else is
//! exposed; it proves nothing and needs no error budget, since it only restrains.

use super::evidence::Evidence;
use super::{Leaning, Sign, Strength};

/// What a guardrail leans to break, and what tells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lean {
    /// What it leans to break.
    pub(super) of: Leaning,
    /// What tells.
    pub(super) by: Sign,
}

/// So many standard errors beyond the margin are a lean. Measured on whole stages:
/// 1 to 4 % of healthy stages are held up by it, and of releases with twice the errors a third to a
/// quarter as many are raised as without it; 1.04 holds up 8 % in the hardest noise.
const LEANING: f64 = 1.25;

/// Half of the evidence that a rollback needs, as a logarithm, is a lean as well: harm that set in
/// late, or that earlier stages saw, does not show in the standard errors of the whole stage. By
/// Ville's inequality a healthy rollout ever gets there with a chance of at most the square root of
/// its budget, 22 %, and in the simulations of the calibration bench far more rarely.
const SUBSTANTIAL: f64 = 0.5;

/// What the evidence leans to at this look; `harm` is that of the whole rollout.
pub(super) fn leaning(evidence: &Evidence, look: usize, harm: Strength) -> Option<Lean> {
    let beyond = |z: Option<f64>| z.filter(|z| *z > LEANING).map(Sign::Stage);
    let comparison = evidence.comparison.as_ref();
    let limit = evidence.limit.as_ref().filter(|limit| !limit.ambient[look]);
    let of_stage = |of: Leaning, z: Option<f64>| beyond(z).map(|by| Lean { of, by });
    let margin = comparison.and_then(|c| c.leans.get(look).copied().flatten());
    let level = limit.and_then(|limit| limit.leans[look]);
    let of_stage = of_stage(Leaning::Margin, margin).or_else(|| of_stage(Leaning::Limit, level));
    if of_stage.is_some() {
        return of_stage;
    }
    if harm.value.0 < SUBSTANTIAL * harm.needed.0 {
        return None;
    }
    let of_margin = comparison.map_or(0.0, |c| c.breach[look].0);
    let of = match limit {
        Some(limit) if limit.breach[look].0 > of_margin => Some(Leaning::Limit),
        Some(_) | None => comparison.map(|_| Leaning::Margin),
    };
    let by = Sign::Rollout;
    of.map(|of| Lean { of, by })
}

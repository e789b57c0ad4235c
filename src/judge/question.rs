//! What is asked of the arms' evidence, whatever the test that answers it.

use crate::plan::Role;
use crate::units::{Effect, Period, Worse};

/// Restarts within a stage, for harm that sets in late ([`crate::stats::OnsetMixture`]).
const RESTART_EVERY: Period = Period::from_hours(2);

/// What is tested in a comparison of arms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// Direction of harm.
    pub(super) worse: Worse,
    /// Harm beyond this is a breach.
    pub(super) margin: Option<Effect>,
    /// Harm of this size must be ruled out.
    pub(super) rule_out: Option<Effect>,
    /// Guardrail or success metric.
    pub(super) role: Role,
    /// How events clump by the past of the unexposed arm, as a dispersion; `None` where it is not known.
    pub(super) past: Option<f64>,
    /// With which chance harm may be said to be proven in error, and to be ruled out in error.
    pub(super) alphas: Alphas,
}

/// The levels of the verdicts, and so of the ends of an interval that agrees with them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alphas {
    pub(super) breach: f64,
    pub(super) pass: f64,
}

impl Question {
    /// The levels of an interval's lower and upper end: the end towards harmlessness is what a breach
    /// excludes beyond, the other one what a pass does.
    pub(super) const fn of_ends(&self) -> (f64, f64) {
        match self.worse {
            Worse::Higher => (self.alphas.breach, self.alphas.pass),
            Worse::Lower => (self.alphas.pass, self.alphas.breach),
        }
    }
}

/// Blocks between restarts.
pub(super) fn restart_blocks(block: i64) -> usize {
    usize::try_from(i64::from(RESTART_EVERY.seconds()) / block.max(1))
        .unwrap_or(1)
        .max(1)
}

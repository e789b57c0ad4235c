//! What is asked of the arms' evidence, whatever the test that answers it.

use crate::plan::Role;
use crate::stats::TwoArmBlock;
use crate::units::{Effect, Period, Worse};

/// Restarts within a stage, for harm that sets in late ([`crate::stats::OnsetMixture`]); counts have them
/// twice as often ([`crate::stats::Onsets`]).
const RESTART_EVERY: Period = Period::from_hours(2);

/// Which way harm is, and what is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Orientation {
    /// In which direction the metric gets worse.
    pub(super) worse: Worse,
    /// What is counted are failures: the complement of what the plan speaks of, which is worse lower.
    pub(super) failures: bool,
}

/// What is tested in a comparison of arms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    /// Direction of harm, and of what.
    pub(super) towards: Orientation,
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

impl Orientation {
    /// Ratio and offset of the null hypothesis of an effect once harm is upwards: for a metric that gets
    /// worse downwards the arms change places, and `T >= ratio * C + offset` becomes
    /// `C <= T / ratio - offset / ratio`.
    pub(super) fn harm_upwards(&self, effect: Effect) -> (f64, f64) {
        if self.failures {
            // With `q = 1 - p` what fails of a share `p`, `p_T >= a p_C + b` is `q_T <= a q_C + (1 - a - b)`.
            let (ratio, offset) = effect.null(self.worse);
            return (ratio, 1.0 - ratio - offset);
        }
        let (ratio, offset) = effect.null(self.worse);
        match self.worse {
            Worse::Higher => (ratio, offset),
            Worse::Lower => {
                // Tolerating the loss of everything leaves nothing to prove; the bound keeps it finite.
                let ratio = ratio.max(1e-6);
                (1.0 / ratio, -offset / ratio)
            }
        }
    }

    /// The block once harm is upwards.
    pub(super) fn turned(&self, block: &TwoArmBlock) -> TwoArmBlock {
        if self.failures || self.worse == Worse::Higher {
            return *block;
        }
        TwoArmBlock {
            exposed_events: block.unexposed_events,
            exposed_total: block.unexposed_total,
            unexposed_events: block.exposed_events,
            unexposed_total: block.exposed_total,
        }
    }
}

impl Question {
    /// The levels of an interval's lower and upper end: the end towards harmlessness is what a breach
    /// excludes beyond, the other one what a pass does.
    pub(super) const fn of_ends(&self) -> (f64, f64) {
        match self.towards.worse {
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

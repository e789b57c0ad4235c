//! How much instances of one arm differ for good, and what that says of the instances of another arm.
//!
//! Arms on their own machines are never alike: one pod is slower, another has the older disk. Nothing of
//! it shows in how blocks vary, since it does not change from block to block. What shows it is the spread
//! between unexposed instances over days (random effects, after DerSimonian and Laird 1986).

use super::super::apart::Apart;

/// Instances fewer than these say nothing of their spread.
const LEAST: usize = 5;

/// One-sided 95 % of a normal variable: the margin comes on top, so that a difference of instances alone
/// is beyond both far more rarely.
const BEYOND: f64 = 1.645;

/// How much instances differ beyond chance.
struct BeyondChance {
    /// Squared coefficient of variation.
    estimate: f64,
    /// What chance alone makes it err by.
    error: f64,
    /// Degrees of freedom.
    freedom: f64,
}

/// Events and total of each unexposed instance, over days.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instances {
    /// `(events, total)`.
    pub sums: Vec<(f64, f64)>,
}

impl Instances {
    /// The squared coefficient of variation of their rates beyond chance, less one standard error so that
    /// noise alone does not count; 0 where they are too few.
    #[must_use]
    pub fn spread(&self, clumps: f64) -> f64 {
        self.beyond_chance(clumps)
            .map_or(0.0, |found| (found.estimate - found.error).max(0.0))
    }

    fn beyond_chance(&self, clumps: f64) -> Option<BeyondChance> {
        let seen = || self.sums.iter().filter(|(_, total)| *total > 0.0);
        let n = seen().count();
        let events: f64 = seen().map(|(events, _)| events).sum();
        let total: f64 = seen().map(|(_, total)| total).sum();
        if n < LEAST || events <= 0.0 {
            return None;
        }
        let (mut q, mut v, mut u) = (0.0, 0.0, 0.0);
        for (own, of) in seen() {
            let expected = of * events / total;
            q += (own - expected).powi(2);
            v += expected * (1.0 - of / total);
            u += expected * expected;
        }
        v *= clumps;
        let freedom = n as f64 - 1.0;
        Some(BeyondChance {
            estimate: (q - v) / u,
            error: v / u * (2.0 / freedom).sqrt(),
            freedom,
        })
    }

    /// How much two arms of so many instances each differ for good though nothing was changed; not at all
    /// where that is not known.
    ///
    /// The variance of the logarithm of their ratio is `ln(1 + tau^2) (1/n_T + 1/n_C)`, what
    /// [`Instances::widening`] takes 1.645 roots of, but of the estimate itself: what must be ruled out is
    /// not to be ruled out by a difference of pods.
    #[must_use]
    pub fn between_arms(&self, clumps: f64, exposed: f64, unexposed: f64) -> Apart {
        let Some(found) = self.beyond_chance(clumps) else {
            return Apart::NOT;
        };
        if exposed < 1.0 || unexposed < 1.0 || found.estimate <= 0.0 {
            return Apart::NOT;
        }
        let variance = found.estimate.ln_1p() * (1.0 / exposed + 1.0 / unexposed);
        Apart::by(variance, found.freedom)
    }

    /// By which factor arms of so many instances each may differ though nothing was changed: 1 where their
    /// instances are alike.
    #[must_use]
    pub fn widening(&self, clumps: f64, exposed: f64, unexposed: f64) -> f64 {
        if exposed < 1.0 || unexposed < 1.0 {
            return 1.0;
        }
        let log_variance = self.spread(clumps).ln_1p();
        (BEYOND * (log_variance * (1.0 / exposed + 1.0 / unexposed)).sqrt()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::super::reference::{close, instances};
    use super::*;

    #[test]
    fn eight_instances_have_the_reference_spread_and_widening() {
        close(instances().spread(1.2), 0.049_636_69);
        close(1.1 * instances().widening(1.2, 2.0, 50.0), 1.428_177_05);
    }

    #[test]
    fn two_arms_of_these_instances_differ_by_this_much() {
        // tau^2 is what `spread` leaves with the standard error of .01 added again; 7 degrees of freedom.
        let tau2 = instances().beyond_chance(1.2).unwrap().estimate;
        assert!(tau2 > instances().spread(1.2));
        let expected = tau2.ln_1p() * (0.5 + 0.02) * 7.0 / 5.0;
        close(
            instances().between_arms(1.2, 2.0, 50.0).variance(),
            expected,
        );
        assert_eq!(instances().between_arms(1.2, 0.0, 50.0), Apart::NOT);
        assert_eq!(
            Instances::default().between_arms(1.0, 2.0, 50.0),
            Apart::NOT
        );
    }

    #[test]
    fn alike_instances_widen_nothing() {
        let alike = Instances {
            sums: vec![
                (50.0, 5_000.0),
                (48.0, 5_000.0),
                (53.0, 5_000.0),
                (47.0, 5_000.0),
                (51.0, 5_000.0),
            ],
        };
        close(alike.widening(1.0, 1.0, 50.0), 1.0);
    }

    #[test]
    fn four_instances_or_none_widen_nothing() {
        let few = Instances {
            sums: instances().sums[..4].to_vec(),
        };
        close(few.widening(1.0, 1.0, 4.0), 1.0);
        close(Instances::default().widening(1.0, 1.0, 4.0), 1.0);
        close(instances().widening(1.0, 0.0, 4.0), 1.0);
    }
}

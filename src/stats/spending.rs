//! Spending the chance of an error over looks: one-sided bounds for a score that may pass at any of
//! them, of Lan and DeMets (1983).
//!
//! At a look the score `z` of information `I` makes `W = z sqrt(I)` a Brownian motion in `I`, whose
//! increments are independent. The density of `W` among what has passed at no earlier look is carried
//! from look to look by adding the increment, and the bound of a look is where what lies beyond it is
//! what may be spent there. Neither the number of looks nor their times need to be known beforehand,
//! as long as they do not depend on the score.
//!
//! What may be spent by the time `t` is `alpha (1 - 0.4 (first / t)^2)`: three fifths at the first look,
//! nine tenths by twice its time, all of it never. Much at the first look, because a healthy
//! release at low traffic should go on as soon as any design could let it; of the ways to spend that were
//! compared, three fifths then were within a tenth of a single look at that time, and left enough for
//! the unlucky ones. No end is needed.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::grid::exp;

/// How an error budget is spent from a first look on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spending {
    /// The whole budget.
    pub alpha: f64,
    /// The time of the first look, in whatever unit the others are in.
    pub first: f64,
}

/// What is left for after the first look.
const KEPT: f64 = 0.4;

impl Spending {
    /// What may be spent by this time; nothing before the first look.
    #[must_use]
    pub fn by(&self, time: f64) -> f64 {
        if time < self.first || time <= 0.0 {
            return 0.0;
        }
        self.alpha * (1.0 - KEPT * (self.first / time).powi(2))
    }

    /// The score that passes at the first look.
    #[must_use]
    pub fn first_bound(&self) -> f64 {
        quantile(1.0 - self.by(self.first))
    }
}

/// The points of a density are no farther apart than this part of the score's standard deviation, and
/// no nearer than half of it. With these the bounds are right to their fourth decimal.
const STEP: f64 = 0.05;
/// Where the density ends, in standard deviations; what lies below never passes.
const LOWEST: f64 = -6.0;
/// Increments farther than so many of their standard deviations add nothing.
const FAR: f64 = 7.0;
/// No score beyond this is asked for: what is left to spend there is no chance worth the name.
const HIGHEST: f64 = 8.0;
/// Information that grew by less than this part is waited for: such an increment is narrower than
/// the points are apart.
const LEAST_GROWTH: f64 = 1.0 / 200.0;

/// The bounds of the looks so far.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    information: f64,
    spent: f64,
    /// The last bound of `W`, where the density ends.
    top: f64,
    /// The distance of its points.
    step: f64,
    /// The density at the top, and at each step below.
    density: Vec<f64>,
}

impl Bounds {
    /// Bounds for another score of the same question, with what these have not spent.
    #[must_use]
    pub fn afresh(&self) -> Self {
        Self {
            spent: self.spent,
            ..Self::default()
        }
    }

    /// The score that passes at a look with so much information, by which so much may be spent. `None` where
    /// the information hardly grew: there is nothing new to look at, and what may be spent is kept.
    pub fn next(&mut self, information: f64, spent: f64) -> Option<f64> {
        let least = self.information * (1.0 + LEAST_GROWTH);
        if !(information.is_finite() && information > least) {
            return None;
        }
        let spread = information.sqrt();
        let may_spend = (spent - self.spent).max(0.0);
        let is_first = self.density.is_empty();
        let top = if is_first {
            quantile(1.0 - may_spend) * spread
        } else {
            self.coarsen(spread);
            self.bound(information, may_spend)
        };
        let density = if is_first {
            self.step = STEP * spread;
            let place = |i: usize| (top - self.step * i as f64) / spread;
            let points = 0..points(top, spread, self.step);
            points.map(|i| bell(place(i)) / spread).collect()
        } else {
            self.carried(information, top)
        };
        (self.top, self.density) = (top, density);
        self.information = information;
        self.spent = self.spent.max(spent);
        Some(top / spread)
    }

    /// Leaves every other point out until they are no nearer than they need be.
    fn coarsen(&mut self, spread: f64) {
        while 2.0 * self.step <= STEP * spread {
            self.step *= 2.0;
            let half = self.density.iter().step_by(2).copied();
            self.density = half.collect();
        }
    }

    /// Where so much of the density lies beyond, after the increment to this information: Newton's method
    /// on the logarithm of the tail, which is nearly straight, held between what is known to be too low
    /// and too high.
    fn bound(&self, information: f64, may_spend: f64) -> f64 {
        let sd = (information - self.information).sqrt();
        let mut high = HIGHEST * information.sqrt();
        if self.beyond(high, sd).0 >= may_spend {
            return high;
        }
        let mut low = LOWEST * information.sqrt();
        let mut bound = self.top.min(high);
        for _ in 0..60 {
            let (tail, density) = self.beyond(bound, sd);
            if tail > may_spend {
                low = bound;
            } else {
                high = bound;
            }
            let next = bound + tail * (tail / may_spend).ln() / density;
            let next = if next > low && next < high {
                next
            } else {
                0.5 * (low + high)
            };
            if (next - bound).abs() <= 1e-7 * sd {
                return next;
            }
            bound = next;
        }
        bound
    }

    /// What lies beyond `x` after an increment of this spread, and the density there.
    fn beyond(&self, x: f64, sd: f64) -> (f64, f64) {
        let normal = Normal::standard();
        let (mut tail, mut density) = (0.0, 0.0);
        for (i, at) in self.density.iter().enumerate() {
            let mass = at * part(i) * self.step;
            let distance = (x - self.top + self.step * i as f64) / sd;
            if distance > FAR {
                break;
            }
            tail += mass * normal.sf(distance);
            density += mass * bell(distance) / sd;
        }
        (tail, density)
    }

    /// The density after an increment to this information, from this bound downwards.
    fn carried(&self, information: f64, top: f64) -> Vec<f64> {
        let sd = (information - self.information).sqrt();
        let mass: Vec<f64> = self
            .density
            .iter()
            .enumerate()
            .map(|(i, at)| at * part(i))
            .collect();
        let mut carried = vec![0.0; points(top, information.sqrt(), self.step)];
        // Points are as far apart as before, so that an increment is so many steps and a rest: the
        // same bell for all of them.
        let rest = (top - self.top) / self.step;
        let reach = FAR * sd / self.step;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a few hundred steps to either side"
        )]
        let (first, last) = ((rest - reach).floor() as i64, (rest + reach).ceil() as i64);
        for shift in first..=last {
            let weight = self.step / sd * bell((rest - shift as f64) * self.step / sd);
            // From the old point `i` to the new point `i + shift`.
            let (old, new) = if shift < 0 {
                (usize::try_from(-shift).unwrap_or(usize::MAX), 0)
            } else {
                (0, usize::try_from(shift).unwrap_or(usize::MAX))
            };
            let (Some(old), Some(new)) = (mass.get(old..), carried.get_mut(new..)) else {
                continue;
            };
            for (new, old) in new.iter_mut().zip(old) {
                *new += weight * old;
            }
        }
        carried
    }
}

/// How many points there are from the bound down to where the density ends.
fn points(top: f64, spread: f64, step: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few hundred at most, and the cast saturates"
    )]
    let points = ((top - LOWEST * spread) / step).max(0.0) as usize;
    points + 1
}

/// What the point with this number from the top stands for, in steps: Gregory's rule, since the
/// density ends abruptly there.
const fn part(i: usize) -> f64 {
    match i {
        0 => 3.0 / 8.0,
        1 => 7.0 / 6.0,
        2 => 23.0 / 24.0,
        _ => 1.0,
    }
}

/// The density of a standard normal variable.
fn bell(z: f64) -> f64 {
    const OF_ZERO: f64 = 0.398_942_280_401_432_7;
    OF_ZERO * exp(-0.5 * z * z)
}

/// The quantile of a standard normal variable.
fn quantile(chance: f64) -> f64 {
    if chance >= 1.0 {
        return HIGHEST;
    }
    Normal::standard().inverse_cdf(chance).min(HIGHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(looks: &[(f64, f64)]) -> Vec<f64> {
        let mut bounds = Bounds::default();
        let next = |(information, spent): &(f64, f64)| bounds.next(*information, *spent).unwrap();
        looks.iter().map(next).collect()
    }

    /// With ten times as many points, by Simpson's rule, they are the same to all digits given here.
    fn agree(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 2e-5, "{found} {expected}");
        }
    }

    #[test]
    fn it_agrees_with_values_worked_out_elsewhere() {
        let spending = Spending {
            alpha: 0.05,
            first: 1.0,
        };
        let times = [1.0, 1.25, 1.5, 2.0, 3.0];
        let spent = times.map(|time| spending.by(time));
        for (found, expected) in spent
            .iter()
            .zip([0.03, 0.0372, 0.041_111, 0.045, 0.047_778])
        {
            assert!((found - expected).abs() < 1e-6);
        }
        let looks: Vec<_> = times.into_iter().zip(spent).collect();
        agree(
            &bounds(&looks),
            &[1.880_79, 2.014_07, 2.130_41, 2.233_68, 2.416_74],
        );
        assert!((spending.first_bound() - 1.8808).abs() < 5e-5);
        // Five percent spent evenly over four even looks.
        let even: Vec<_> = (1..=4_u32)
            .map(|k| (f64::from(k), 0.0125 * f64::from(k)))
            .collect();
        agree(&bounds(&even), &[2.241_40, 2.125_12, 2.018_70, 1.925_53]);
    }

    #[test]
    fn nothing_is_spent_before_the_first_look_and_never_more_than_there_is() {
        let spending = Spending {
            alpha: 0.05,
            first: 24.0,
        };
        assert!(spending.by(23.9) <= 0.0);
        assert!(spending.by(1e9) <= 0.05);
        let mut last = 0.0;
        for hour in 24..1_000_u32 {
            let spent = spending.by(f64::from(hour));
            assert!(spent > last);
            last = spent;
        }
    }

    #[test]
    fn information_that_does_not_grow_is_no_look() {
        let mut bounds = Bounds::default();
        assert_eq!(bounds.next(0.0, 0.03), None);
        assert_eq!(bounds.next(f64::NAN, 0.03), None);
        assert!(bounds.next(10.0, 0.03).is_some());
        assert_eq!(bounds.next(10.0, 0.04), None);
        assert_eq!(bounds.next(9.0, 0.04), None);
        assert!(bounds.next(11.0, 0.04).is_some());
    }

    #[test]
    fn many_looks_spend_what_they_may_and_ask_for_finite_scores() {
        let spending = Spending {
            alpha: 0.05,
            first: 24.0,
        };
        let mut bounds = Bounds::default();
        let left = |bounds: &Bounds| -> f64 {
            let each = bounds.density.iter().enumerate();
            each.map(|(i, at)| at * part(i) * bounds.step).sum()
        };
        for hour in 24..500_u32 {
            let time = f64::from(hour);
            let Some(bound) = bounds.next(time, spending.by(time)) else {
                continue;
            };
            assert!((1.6..=HIGHEST).contains(&bound), "{hour}: {bound}");
            let spent = 1.0 - left(&bounds);
            assert!((spent - bounds.spent).abs() < 1e-5, "{hour}: {spent}");
            assert!(bounds.density.len() < 600);
        }
        assert!(bounds.information > 490.0);
    }
}

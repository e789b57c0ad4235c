//! How far counts lie from a hypothesis, in standard errors: the score of one look. It proves
//! nothing by itself, since it is not valid at every look; it says which way the evidence leans, and,
//! against the bounds of [`super::Bounds`], whether it is far enough.

use super::{OneArmBlock, TwoArmBlock};

/// The running score of events against `rate = ratio * unexposed rate + offset`, or against a bound
/// on one arm's rate.
///
/// Two arms: given the `n` events of a block in both arms, those of the exposed arm are binomial
/// with `theta = ratio N_T / (ratio N_T + N_C)`, whatever the rate itself is. One arm: binomial, or
/// Poisson where events are counted per unit of exposure.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    null: Null,
    observed: f64,
    /// Events of both arms, or trials of one.
    trials: f64,
    /// Sum of `n theta`.
    expected: f64,
    /// Sum of `n theta (1 - theta)`.
    variance: f64,
    /// Sum of `n theta (1 - theta) (1 - 2 theta)`: the third central moment.
    third: f64,
    /// Events and total of the unexposed arm so far, to put an absolute margin on the ratio's scale.
    unexposed: (f64, f64),
}

#[derive(Debug, Clone, Copy)]
enum Null {
    TwoArms { ratio: f64, offset: f64 },
    Share(f64),
    Rate(f64),
}

impl Score {
    /// Against `exposed rate = ratio * unexposed rate + offset`.
    #[must_use]
    pub const fn two_arms(ratio: f64, offset: f64) -> Self {
        Self::of(Null::TwoArms { ratio, offset })
    }

    /// Against a bound on a share of the total.
    #[must_use]
    pub const fn share(bound: f64) -> Self {
        Self::of(Null::Share(bound))
    }

    /// Against a bound on a rate per unit of exposure.
    #[must_use]
    pub const fn rate(bound: f64) -> Self {
        Self::of(Null::Rate(bound))
    }

    const fn of(null: Null) -> Self {
        Self {
            null,
            observed: 0.0,
            trials: 0.0,
            expected: 0.0,
            variance: 0.0,
            third: 0.0,
            unexposed: (0.0, 0.0),
        }
    }

    /// The score of splits that are known, each so many events and the part of them that the exposed arm is
    /// expected to have; it had so many in all.
    pub(super) fn of_split(splits: impl Iterator<Item = (f64, f64)>, observed: f64) -> Self {
        let mut score = Self::of(Null::TwoArms {
            ratio: 1.0,
            offset: 0.0,
        });
        for (events, theta) in splits {
            score.take(events, theta, 0.0);
        }
        Self { observed, ..score }
    }

    /// Takes in one block of both arms.
    pub fn add(&mut self, block: &TwoArmBlock) {
        let Null::TwoArms { ratio, offset } = self.null else {
            return;
        };
        self.unexposed.0 += block.unexposed_events;
        self.unexposed.1 += block.unexposed_total;
        // What an absolute margin adds is a factor at the unexposed rate seen so far.
        let ratio = if offset == 0.0 {
            ratio
        } else if self.unexposed.0 > 0.0 {
            (ratio + offset * self.unexposed.1 / self.unexposed.0).max(0.0)
        } else {
            return;
        };
        let whole = ratio * block.exposed_total + block.unexposed_total;
        if whole > 0.0 {
            let events = block.exposed_events + block.unexposed_events;
            self.take(
                events,
                ratio * block.exposed_total / whole,
                block.exposed_events,
            );
        }
    }

    /// Takes in one block of one arm.
    pub fn add_arm(&mut self, block: &OneArmBlock) {
        match self.null {
            Null::TwoArms { .. } => {}
            Null::Share(bound) => self.take(block.total, bound, block.events),
            Null::Rate(bound) => {
                let expected = bound * block.total;
                self.observed += block.events;
                self.expected += expected;
                self.variance += expected;
                self.third += expected;
            }
        }
    }

    fn take(&mut self, trials: f64, theta: f64, observed: f64) {
        let variance = trials * theta * (1.0 - theta);
        self.observed += observed;
        self.trials += trials;
        self.expected += trials * theta;
        self.variance += variance;
        self.third += variance * (1.0 - 2.0 * theta);
    }

    /// Standard errors above the hypothesis, for events that clump by this dispersion (at least 1);
    /// negative below it, `None` where nothing could have been seen.
    ///
    /// `z0 = (Y - mu - 1/2) / sqrt(phi V)`, and `z = z0 - g (z0^2 - 1) / 6` with
    /// `g = K3 phi^2 / (phi V)^1.5`: Cornish and Fisher's correction for skewness (1938), which matters
    /// for the few events of a small exposure. It turns round at `3 / g`; beyond that Byar's
    /// approximation to the Poisson tail (Breslow and Day 1987, 2.13) of the same counts in clumps
    /// goes on, so that more events never lean less.
    #[must_use]
    pub fn z(&self, dispersion: f64) -> Option<f64> {
        self.tail(dispersion, 1.0, self.observed, self.expected)
    }

    /// Standard errors below the hypothesis, with their information: what `z` is above it, seen from the
    /// other arm. With `S = mu - Y`, `z0 = (S - 1/2) / sqrt(phi V)`; the information is `V / phi`. `None` where
    /// nothing could have been seen.
    #[must_use]
    pub fn below(&self, dispersion: f64) -> Option<Scored> {
        let others = (self.trials - self.observed, self.trials - self.expected);
        let z = self.tail(dispersion, -1.0, others.0, others.1)?;
        Some(Scored {
            z,
            information: self.variance / dispersion,
            sort: Sort::Counts,
        })
    }

    /// The score towards more events of this sort than expected, whose third moment has this sign.
    fn tail(&self, dispersion: f64, sign: f64, observed: f64, expected: f64) -> Option<f64> {
        let variance = dispersion * self.variance;
        if variance <= 0.0 || !variance.is_finite() {
            return None;
        }
        let z0 = (observed - expected - 0.5) / variance.sqrt();
        let skewness = sign * self.third * dispersion * dispersion / variance.powf(1.5);
        let corrected = |z: f64| z - skewness * (z * z - 1.0) / 6.0;
        let turn = 3.0 / skewness;
        if skewness > 0.0 && z0 > turn {
            let (observed, expected) = (observed / dispersion, expected / dispersion);
            let byar = 3.0
                * observed.sqrt()
                * (1.0 - 1.0 / (9.0 * observed) - (expected / observed).cbrt());
            return Some(corrected(turn).max(byar));
        }
        if skewness < 0.0 && z0 < turn {
            // Far on the other side it only has to go on falling.
            return Some(corrected(turn) + z0 - turn);
        }
        Some(corrected(z0))
    }
}

/// A score that may pass, at one look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Standard errors away from what must be ruled out.
    pub z: f64,
    /// The information they rest on: `z sqrt(information)` has independent increments.
    pub information: f64,
    /// In which unit that is.
    pub sort: Sort,
}

impl Scored {
    /// The same of arms whose true difference varies by this variance besides, in the unit of the score's
    /// information: as arms on their own instances do, which differ for good.
    ///
    /// An arm that differs by `d` for good moves the score's sum `S` by `-V d`, where `V` is its variance
    /// for independent events: `Var S = phi V + V^2 s^2` for `d` of variance `s^2`, which is a dispersion of
    /// `phi + V s^2`. With `I = V / phi` that is `z / sqrt(1 + I s^2)`, of information `I / (1 + I s^2)`, which
    /// never exceeds `1 / s^2`: more traffic says nothing more of the next pod. The looks keep independent
    /// increments: the estimate `S / V` of the difference has the variance `1 / I + s^2` at a look, and at two
    /// looks the covariance `1 / I' + s^2` with `I'` of the later one, which is the later one's
    /// variance. That is what bounds by spending ask for (Jennison and Turnbull 2000, 3.1).
    #[must_use]
    pub fn beside(self, variance: f64) -> Self {
        let grown = 1.0 + self.information * variance;
        Self {
            z: self.z / grown.sqrt(),
            information: self.information / grown,
            ..self
        }
    }
}

/// What a score is of: the information of one sort says nothing to that of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The split of events over the arms.
    Counts,
    /// A contrast of means over blocks.
    Means,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many of the events in the exposed arm, which is expected to have this share of them.
    fn split(exposed: f64, events: f64, theta: f64) -> Score {
        let mut score = Score::two_arms(1.0, 0.0);
        score.add(&TwoArmBlock {
            exposed_events: exposed,
            exposed_total: theta,
            unexposed_events: events - exposed,
            unexposed_total: 1.0 - theta,
        });
        score
    }

    #[test]
    fn it_agrees_with_values_worked_out_elsewhere() {
        // (exposed, events) at theta .011, for dispersion 1 and 3.
        for (exposed, events, one, three) in [
            (20.0, 1000.0, 2.298_276, 1.383_974),
            (15.0, 1000.0, 1.054_914, 0.666_119),
            (8.0, 500.0, 0.876_028, 0.586_476),
        ] {
            let score = split(exposed, events, 0.011);
            assert!((score.z(1.0).unwrap() - one).abs() < 1e-6, "{exposed}");
            assert!((score.z(3.0).unwrap() - three).abs() < 1e-6, "{exposed}");
        }
    }

    #[test]
    fn more_events_never_lean_less() {
        for expected in [0.05, 0.3, 1.0, 4.0, 30.0] {
            for dispersion in [1.0, 3.0, 12.0] {
                let z = |y: u32| {
                    split(f64::from(y), 1e4, expected / 1e4)
                        .z(dispersion)
                        .unwrap()
                };
                for y in 0..60 {
                    assert!(z(y + 1) >= z(y), "{expected} {dispersion} {y}");
                }
            }
        }
    }

    #[test]
    fn below_agrees_with_values_worked_out_elsewhere() {
        let mut score = Score::two_arms(1.25, 0.0);
        for k in 0..10_u32 {
            score.add(&TwoArmBlock {
                exposed_events: 150.0 + f64::from(k % 3),
                exposed_total: 15_000.0,
                unexposed_events: 8.0,
                unexposed_total: 800.0,
            });
        }
        assert!((score.expected - score.observed - 14.976_982).abs() < 1e-6);
        assert!((score.variance - 62.362_229).abs() < 1e-6);
        assert!((score.third + 57.258_415).abs() < 1e-6);
        assert!((score.below(1.0).unwrap().z - 1.787_485).abs() < 1e-6);
        assert!((score.below(2.0).unwrap().z - 1.277_645).abs() < 1e-6);
        assert!((score.below(2.0).unwrap().information - 31.181_114).abs() < 1e-6);
    }

    #[test]
    fn fewer_events_never_lie_less_far_below_nor_farther_above() {
        for theta in [0.001, 0.05, 0.5, 0.952, 0.99] {
            for dispersion in [1.0, 3.0, 12.0] {
                for y in 0..400_u32 {
                    let more = split(f64::from(y + 1), 400.0, theta);
                    let fewer = split(f64::from(y), 400.0, theta);
                    let below = |score: &Score| score.below(dispersion).unwrap().z;
                    assert!(below(&fewer) >= below(&more), "{theta} {dispersion} {y}");
                    let above = |score: &Score| score.z(dispersion).unwrap();
                    assert!(above(&fewer) <= above(&more), "{theta} {dispersion} {y}");
                }
            }
        }
    }

    #[test]
    fn nothing_seen_is_no_score() {
        assert_eq!(Score::two_arms(1.1, 0.0).z(1.0), None);
        let mut score = Score::two_arms(1.0, 0.01);
        score.add(&TwoArmBlock {
            exposed_total: 10.0,
            unexposed_total: 10.0,
            ..TwoArmBlock::default()
        });
        assert_eq!(score.z(1.0), None);
    }

    #[test]
    fn an_absolute_margin_is_a_factor_at_the_unexposed_rate() {
        // 1 % unexposed and half a point tolerated: 1.5x.
        let block = TwoArmBlock {
            exposed_events: 25.0,
            exposed_total: 1_000.0,
            unexposed_events: 1_000.0,
            unexposed_total: 100_000.0,
        };
        let (mut absolute, mut relative) = (Score::two_arms(1.0, 0.005), Score::two_arms(1.5, 0.0));
        absolute.add(&block);
        relative.add(&block);
        assert!((absolute.z(2.0).unwrap() - relative.z(2.0).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn one_arm_is_held_against_its_bound() {
        let block = OneArmBlock {
            events: 20.0,
            total: 1_000.0,
        };
        let (mut share, mut rate) = (Score::share(0.011), Score::rate(0.011));
        share.add_arm(&block);
        rate.add_arm(&block);
        assert!((share.z(1.0).unwrap() - 2.298_276).abs() < 1e-6);
        let difference = share.z(1.0).unwrap() - rate.z(1.0).unwrap();
        assert!(difference.abs() < 0.05, "{difference}");
    }
}

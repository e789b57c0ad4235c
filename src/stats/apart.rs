//! Two arms on instances of their own, which differ for good though nothing was changed, and the score of
//! counts that reckons with it.
//!
//! The null is `exposed rate = F ratio * unexposed rate`, with a factor `F` that was drawn once and stays:
//! `ln F = s t - s^2 / 2` has the variance `s^2` that the unexposed instances show, a mean of `F` near 1, and
//! `t` Student's, because `s` is estimated from few instances. Before the draw, the chance of a score as
//! low as the one seen is the mean of its chance at each `F`: that is what a pass is granted by. Exact for
//! log-normal instances, whatever the exposure; a variance added to the score's own is not, since the
//! split of events bends with `F` where nearly all users are exposed.

use std::sync::LazyLock;

use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

use super::TwoArmBlock;
use super::score::{Score, Scored};

/// Parts into which the chances of `F` below a tenth are cut, and those above: what is seen by the
/// accident of a good draw is decided among the former.
const FINE: usize = 40;
const COARSE: usize = 18;
const FEW: f64 = 0.1;

/// The smallest chance that a quantile is taken of.
const LEAST: f64 = 1e-300;

/// How much two arms differ for good though nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Apart {
    /// Of the logarithm of the ratio of their rates.
    variance: f64,
    /// Of that estimate.
    freedom: f64,
}

impl Apart {
    /// They do not.
    pub const NOT: Self = Self {
        variance: 0.0,
        freedom: f64::INFINITY,
    };

    /// By this variance of the logarithm of their ratio, estimated with so many degrees of freedom, which
    /// are more than two.
    #[must_use]
    pub const fn by(variance: f64, freedom: f64) -> Self {
        Self { variance, freedom }
    }

    /// The variance of the next difference as it can be foreseen: `f / (f - 2)` times the estimate, as
    /// Student's is.
    #[must_use]
    pub fn variance(&self) -> f64 {
        if self.variance > 0.0 {
            self.variance * self.freedom / (self.freedom - 2.0)
        } else {
            0.0
        }
    }

    /// Factors `F` with the chance of each; none where the arms do not differ.
    pub(super) fn factors(&self) -> Vec<(f64, f64)> {
        if self.variance <= 0.0 {
            return Vec::new();
        }
        let Ok(student) = StudentsT::new(0.0, 1.0, self.freedom) else {
            return Vec::new();
        };
        let deviation = self.variance.sqrt();
        let factor =
            |chance: f64| (deviation * student.inverse_cdf(chance) - 0.5 * self.variance).exp();
        CHANCES
            .iter()
            .map(|(middle, chance)| (factor(*middle), *chance))
            .collect()
    }
}

/// The middle of each part in cumulative chance, and its chance.
static CHANCES: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let parts = |from: f64, to: f64, count: usize| {
        let width = (to - from) / count as f64;
        (0..count).map(move |k| (from + width * (k as f64 + 0.5), width))
    };
    parts(0.0, FEW, FINE)
        .chain(parts(FEW, 1.0, COARSE))
        .collect()
});

/// The standard errors that are as improbable as those at each factor on average.
pub(super) fn on_average(at_factors: impl Iterator<Item = (f64, f64)>) -> f64 {
    let normal = Normal::standard();
    let chance: f64 = at_factors.map(|(z, chance)| chance * normal.sf(z)).sum();
    -normal.inverse_cdf(chance.clamp(LEAST, 1.0 - f64::EPSILON))
}

/// The running score of two arms that may differ for good.
#[derive(Debug, Clone)]
pub struct ScoreApart {
    ratio: f64,
    offset: f64,
    apart: Apart,
    /// Against the null itself.
    alike: Score,
    /// Against the null at each factor, with the factor's chance.
    at_factors: Vec<(Score, f64)>,
    blocks: Vec<TwoArmBlock>,
}

impl ScoreApart {
    /// Against `exposed rate = ratio * unexposed rate + offset`.
    #[must_use]
    pub const fn new(ratio: f64, offset: f64) -> Self {
        Self {
            ratio,
            offset,
            apart: Apart::NOT,
            alike: Score::two_arms(ratio, offset),
            at_factors: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// The arms differ by this from now on, and in all blocks so far.
    pub fn suppose(&mut self, apart: Apart) {
        if apart == self.apart {
            return;
        }
        self.apart = apart;
        let score = |(factor, chance): (f64, f64)| {
            let mut score = Score::two_arms(self.ratio * factor, self.offset * factor);
            self.blocks.iter().for_each(|block| score.add(block));
            (score, chance)
        };
        self.at_factors = apart.factors().into_iter().map(score).collect();
    }

    /// Takes in one block.
    pub fn add(&mut self, block: &TwoArmBlock) {
        self.blocks.push(*block);
        self.alike.add(block);
        for (score, _) in &mut self.at_factors {
            score.add(block);
        }
    }

    /// Against the null of arms that are alike.
    #[must_use]
    pub fn alike(&self, dispersion: f64) -> Option<Scored> {
        self.alike.below(dispersion)
    }

    /// Standard errors below the null, and their information: that of [`Scored::beside`], to which this is
    /// equal where the split of events is straight in the logarithm of `F`.
    #[must_use]
    pub fn below(&self, dispersion: f64) -> Option<Scored> {
        let alike = self.alike(dispersion)?;
        if self.at_factors.is_empty() {
            return Some(alike);
        }
        let at = |(score, chance): &(Score, f64)| {
            let scored = score.below(dispersion)?;
            Some((scored.z, *chance))
        };
        Some(Scored {
            z: on_average(self.at_factors.iter().filter_map(at)),
            ..alike.beside(self.apart.variance())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many events of the arms, of which so large a share of the users is exposed.
    fn block(exposed: f64, unexposed: f64, share: f64) -> TwoArmBlock {
        TwoArmBlock {
            exposed_events: exposed,
            exposed_total: share,
            unexposed_events: unexposed,
            unexposed_total: 1.0 - share,
        }
    }

    fn below(apart: Apart, block: &TwoArmBlock) -> f64 {
        let mut score = ScoreApart::new(1.25, 0.0);
        score.suppose(apart);
        score.add(block);
        score.below(1.0).unwrap().z
    }

    #[test]
    fn arms_that_are_alike_score_as_ever() {
        let block = block(900.0, 100.0, 0.9);
        let mut plain = Score::two_arms(1.25, 0.0);
        plain.add(&block);
        let expected = plain.below(1.0).unwrap().z;
        assert!((below(Apart::NOT, &block) - expected).abs() < 1e-15);
    }

    #[test]
    fn with_endless_events_only_the_draw_of_instances_errs() {
        // A ratio that is the null's times F at Student's 3 % point is seen with the chance of 3 %, at
        // one exposed user in a hundred and at 95 in a hundred.
        let (deviation, freedom) = (0.2, 49.0);
        let student = StudentsT::new(0.0, 1.0, freedom).unwrap();
        let drawn = (deviation * student.inverse_cdf(0.03) - 0.5 * deviation * deviation).exp();
        for share in [0.01, 0.25, 0.95] {
            let ratio = 1.25 * drawn;
            let events = block(1e7 * ratio * share, 1e7 * (1.0 - share), share);
            let z = below(Apart::by(deviation * deviation, freedom), &events);
            // Parts of a quarter of a percent.
            let chance = Normal::standard().sf(z);
            assert!((chance - 0.03).abs() < 0.0013, "{share}: {chance}");
        }
    }

    #[test]
    fn few_events_and_a_small_spread_are_a_variance_beside() {
        let block = block(8.0, 1_000.0, 0.01);
        let apart = Apart::by(0.01, 200.0);
        let mut plain = Score::two_arms(1.25, 0.0);
        plain.add(&block);
        let beside = plain.below(1.0).unwrap().beside(apart.variance()).z;
        assert!((below(apart, &block) - beside).abs() < 0.02);
    }

    #[test]
    fn a_spread_that_is_learnt_later_holds_for_all_blocks() {
        let (first, second) = (block(80.0, 1_000.0, 0.1), block(70.0, 1_100.0, 0.1));
        let apart = Apart::by(0.04, 49.0);
        let mut early = ScoreApart::new(1.25, 0.0);
        let mut late = early.clone();
        early.suppose(apart);
        early.add(&first);
        late.add(&first);
        late.suppose(apart);
        early.add(&second);
        late.add(&second);
        assert_eq!(early.below(2.0), late.below(2.0));
    }
}

//! What a history lets one expect of the levels of a stage, before there is one: for plans.
//!
//! A parameter that the history leaves plausible has a variance, and gives the mean of so many blocks an
//! information that no level is needed to know. With both, the evidence for a mean of some size is what
//! [`DriftTest::look`] would find if that mean were observed: the least over the parameters.

use super::filter::{Contrast, Filter};
use super::look::{Candidate, Look};
use super::parameter::Parameter;
use super::test::DriftTest;

/// After so many blocks, a week of five minutes, information grows in a straight line: the longest
/// correlation that is tried is a fifth of it.
const BLOCKS: usize = 2_016;

/// How a contrast of levels may vary in a stage, under every parameter that a history leaves plausible.
#[derive(Debug, Clone, PartialEq)]
pub struct Foresight {
    noises: Vec<Noise>,
}

#[derive(Debug, Clone, PartialEq)]
struct Noise {
    variance: f64,
    freedom: f64,
    tightest: f64,
    /// Information on the mean after one block, two, and so on, for a variance of 1.
    information: Vec<f64>,
}

impl Noise {
    fn of(parameter: &Parameter, variance: f64, freedom: f64) -> Self {
        let alone = [*parameter];
        let mut filter = Filter::new(1);
        let information = (0..BLOCKS).map(|_| {
            filter.push(&alone, [0.0, 0.0]);
            filter.information(0)
        });
        Self {
            variance,
            freedom,
            tightest: parameter.tightest,
            information: information.collect(),
        }
    }

    fn information(&self, blocks: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of blocks, at least 1 and cut off"
        )]
        let whole = blocks.clamp(1.0, BLOCKS as f64) as usize;
        let known = self.information[whole - 1];
        let further = known - self.information.get(whole.wrapping_sub(2)).unwrap_or(&0.0);
        known + (blocks - whole as f64).max(0.0) * further
    }
}

impl DriftTest {
    /// What the history lets one expect of this contrast; `None` where it is too short.
    #[must_use]
    pub fn foresight(&self, contrast: Contrast) -> Option<Foresight> {
        let plausible = self.by_history(contrast);
        let noises = plausible.iter().map(|(p, v, f)| Noise::of(p, *v, *f));
        (!plausible.is_empty()).then(|| Foresight {
            noises: noises.collect(),
        })
    }
}

impl Foresight {
    /// The look that is expected after so many blocks in which the contrast is this large.
    #[must_use]
    pub fn look(&self, mean: f64, blocks: f64) -> Look {
        if blocks < super::super::normal::LEAST_BLOCKS {
            return Look::default();
        }
        let candidate = |noise: &Noise| {
            let information = noise.information(blocks);
            Candidate {
                mean,
                precision: information / noise.variance,
                freedom: noise.freedom + blocks - 1.0,
                progress: information / noise.tightest,
            }
        };
        Look {
            candidates: self.noises.iter().map(candidate).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};

    use super::super::test::Past;
    use super::*;

    fn of(levels: impl IntoIterator<Item = f64>) -> Foresight {
        let mut test = DriftTest::new(300, (Past::Halves, 300), 0);
        for level in levels {
            test.push_history(0, level);
        }
        test.foresight([1.0, -1.0]).unwrap()
    }

    /// Uniform between -1 and 1.
    fn noise() -> Vec<f64> {
        let mut rng = rand_pcg::Pcg64Mcg::seed_from_u64(7);
        (0..2_016)
            .map(|_| 2.0 * rng.random::<f64>() - 1.0)
            .collect()
    }

    #[test]
    fn white_noise_promises_evidence_in_proportion_to_the_blocks() {
        let foresight = of(noise().into_iter().map(|x| 0.05 * x));
        let z = |blocks| foresight.look(0.05, blocks).scored(0.0, 1.0).unwrap().z;
        // The variance of a uniform number is a third.
        let expected = 0.05 / (0.05 / 3_f64.sqrt() / 72_f64.sqrt());
        // A little less: a correlation of minutes is as plausible, and the least counts.
        let found = z(72.0) / expected;
        assert!((0.8..1.05).contains(&found), "{found}");
        let growth = z(288.0) / z(72.0);
        assert!((1.9..2.4).contains(&growth), "{growth}");
        let small = |blocks| foresight.look(0.002, blocks).scored(0.0, 1.0).unwrap().z;
        assert!(small(20_000.0) > 2.0 * small(2_016.0));
        assert!(!foresight.look(0.05, 23.0).is_known());
    }

    #[test]
    fn levels_that_wander_promise_little_more_after_a_day_than_after_six_hours() {
        let mut level = 0.0;
        let foresight = of(noise().into_iter().map(|x| {
            level = 0.99 * level + 0.01 * x;
            level
        }));
        let z = |blocks| foresight.look(0.05, blocks).scored(0.0, 1.0).unwrap().z;
        assert!(z(288.0) / z(72.0) < 1.8, "{} {}", z(288.0), z(72.0));
    }

    #[test]
    fn a_short_history_promises_nothing() {
        let mut test = DriftTest::new(300, (Past::Halves, 300), 0);
        for level in &noise()[..23] {
            test.push_history(0, *level);
        }
        assert_eq!(test.foresight([1.0, -1.0]), None);
    }
}

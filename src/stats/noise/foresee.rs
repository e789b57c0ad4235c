//! What evidence will be divided by, before there is any: for plans.

use super::super::grid::{Alternatives, GRID};
use super::super::moments::bandwidth;
use super::super::prior::Measured;
use super::belief::Belief;
use super::extent::Extent;
use super::granting::{confirmed, granting};
use super::settings::NoiseSettings;
use super::temper::{Tempering, skewness};

/// What is foreseen of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreseen {
    /// How much more than independent ones events vary.
    pub truth: f64,
    /// Judged blocks.
    pub blocks: f64,
    /// Expected exposed events of a block, if the arms were alike.
    pub expected: f64,
    /// The share of traffic that is unexposed; 1 where the exposed arm is held against a limit.
    pub unexposed: f64,
    /// Length of a block over five minutes.
    pub scale: f64,
    /// Judged blocks in which only gross harm counts.
    pub gross_blocks: f64,
    /// What is granted in them.
    pub granted: f64,
}

impl Belief {
    /// The dispersion that will be used once there are so many blocks of a stage.
    #[must_use]
    pub fn foreseen(&self, stage: &Foreseen) -> f64 {
        self.expects(stage.truth, &stage.extent(stage.blocks))
            .0
            .max(1.0)
    }

    /// The expected log evidence of harm from these log likelihood ratios of a block, since the start of
    /// a stage, with what its first part asks for.
    #[must_use]
    pub fn foreseen_harm(&self, gain: &Alternatives, stage: &Foreseen) -> f64 {
        let of = |blocks: f64, granted: f64| {
            let extent = stage.extent(blocks);
            let (dispersion, clumps) = self.expects(stage.truth, &extent);
            let (drift, shows) = (NoiseSettings::DRIFT, NoiseSettings::DRIFT_SHOWS);
            let phi =
                granting(dispersion, &extent, drift, shows) + granted.powi(2) * extent.information;
            let sums = gain.map(|gain| gain * blocks);
            let tempering = Tempering::of(skewness(clumps.min(phi)));
            tempering.average(&sums, &[0.0; GRID], phi).ln()
        };
        let later = stage.blocks - stage.gross_blocks;
        if stage.gross_blocks <= 0.0 {
            of(stage.blocks, 0.0)
        } else if later <= 0.0 {
            of(stage.blocks, stage.granted)
        } else {
            let weak = confirmed(later * stage.scale);
            of(stage.blocks, 0.0).min(weak * of(later, 0.0))
        }
    }

    fn expects(&self, truth: f64, extent: &Extent) -> (f64, f64) {
        let measured = (extent.blocks >= 2.0).then(|| Measured {
            within: truth,
            long_run: truth,
            lags: bandwidth(extent.blocks),
        });
        let tempered = self.tempers(measured.as_ref(), extent);
        (tempered.dispersion, tempered.clumps)
    }
}

impl Foreseen {
    fn extent(&self, blocks: f64) -> Extent {
        let expected = self.expected * blocks;
        Extent::new(blocks, expected, expected * self.unexposed, self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn foreseen(truth: f64, blocks: f64) -> Foreseen {
        Foreseen {
            truth,
            blocks,
            expected: 3.0,
            unexposed: 1.0,
            scale: 1.0,
            gross_blocks: 4.0,
            granted: 0.65,
        }
    }

    #[test]
    fn a_guess_gives_way_to_what_is_measured() {
        let at = |blocks: f64| Belief::guess(0.0).foreseen(&foreseen(1.0, blocks));
        assert!((at(1.0) - 3.0).abs() < 1e-12);
        assert!(at(48.0) < at(1.0));
        assert!(at(288.0) < 1.6, "{}", at(288.0));
    }

    #[test]
    fn foreseen_evidence_grows_less_where_events_come_in_clumps() {
        let of = |truth, blocks| {
            Belief::guess(0.0).foreseen_harm(&[1.0; GRID], &foreseen(truth, blocks))
        };
        assert!(of(1.0, 48.0) > of(4.0, 48.0));
        assert!(of(1.0, 4.0) < 1.0);
        assert!(of(1.0, 8.0) > of(1.0, 4.0));
    }
}

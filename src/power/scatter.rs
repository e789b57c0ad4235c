//! How a mean varies from block to block, read off a snapshot: from its two arms, else from the two halves
//! of the unexposed arm's past.

use crate::judge::planning::variance_of_unit;
use crate::plan::Kind;
use crate::snapshot::{ArmSeries, GuardrailSeries};
use crate::stats::{PairedBlock, PairedTest};
use crate::units::Period;

use super::BlockVariance;
use super::block::block;

impl BlockVariance {
    /// `None` for what is not a mean, and where there are too few blocks. The series' blocks are of this
    /// length.
    pub(super) fn of(kind: Kind, series: &GuardrailSeries, length: Period) -> Option<Self> {
        match kind {
            Kind::Mean { .. } => {}
            Kind::Ratio { .. }
            | Kind::Rate { .. }
            | Kind::Latency { .. }
            | Kind::Gauge { .. }
            | Kind::Point { .. } => return None,
        }
        let arms = [&series.unexposed, &series.exposed];
        let least = variance_of_unit(series).unwrap_or(0.0);
        let of_arms = || Self::between(kind, series.ends.len(), arms, length, least);
        let of_past = || {
            let past = series.history.as_ref()?;
            let [first, second] = past.halves();
            let blocks = past.ends.len();
            let between = Self::between(kind, blocks, [&first, &second], past.block, least)?;
            let whole = ArmSeries::sum([&first, &second].into_iter());
            let of_level = Self::between(kind, blocks, [&whole, &whole], past.block, 0.0)?.of_level;
            Some(Self {
                of_level,
                is_of_past: true,
                ..between
            })
        };
        of_arms().or_else(of_past)
    }

    fn between(
        kind: Kind,
        count: usize,
        [first, second]: [&ArmSeries; 2],
        length: Period,
        least: f64,
    ) -> Option<Self> {
        // The first arm takes the first place, so that a contrast without the second is its own.
        let mut test = PairedTest::new(false, 0);
        let (mut blocks, mut counts) = (0.0_f64, [0.0_f64; 2]);
        for index in 0..count {
            let both = block(kind, first, index).zip(block(kind, second, index));
            let Some((first, second)) = both else {
                continue;
            };
            test.push(&PairedBlock {
                exposed_sum: first.0,
                exposed_count: first.1,
                unexposed_sum: second.0,
                unexposed_count: second.1,
            });
            blocks += 1.0;
            counts[0] += first.1;
            counts[1] += second.1;
        }
        let of_difference = test.scatter(1.0)?;
        // The judge is never surer than what the unexposed arm's units vary by lets it be.
        let per_term = of_difference / (blocks / counts[0] + blocks / counts[1]);
        Some(Self {
            per_term: per_term.max(least),
            of_level: test.scatter(0.0)?,
            block: f64::from(length.seconds().max(1)),
            is_of_past: false,
        })
    }

    /// Of `exposed - ratio * unexposed` at a share of exposure, with so many terms a block.
    pub(super) fn of_contrast(&self, terms: f64, share: f64, ratio: f64) -> f64 {
        self.per_term * (1.0 / (terms * share) + ratio * ratio / (terms * (1.0 - share)))
    }

    /// Of the mean's own level, in blocks of so many seconds.
    pub(super) fn of_level(&self, seconds: f64) -> f64 {
        self.of_level * self.block / seconds
    }
}

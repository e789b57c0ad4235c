//! How a mean or a level varies from block to block, read off a snapshot with both arms.

use crate::judge::planning::variance_of_unit;
use crate::plan::Kind;
use crate::snapshot::GuardrailSeries;
use crate::stats::{PairedBlock, PairedTest};

use super::BlockVariance;
use super::block::block;

impl BlockVariance {
    /// `None` for counts, and where either arm has too few blocks.
    pub(super) fn of(kind: Kind, series: &GuardrailSeries) -> Option<Self> {
        let terms = match kind {
            Kind::Mean { .. } => true,
            Kind::Gauge { .. } => false,
            Kind::Ratio { .. } | Kind::Rate { .. } | Kind::Latency { .. } | Kind::Point { .. } => {
                return None;
            }
        };
        // The unexposed arm takes the first place, so that a contrast without the second is its own.
        let mut test = PairedTest::new(false, 0);
        let (mut blocks, mut counts) = (0.0_f64, [0.0_f64; 2]);
        for index in 0..series.ends.len() {
            let (Some(first), Some(second)) = (
                block(kind, &series.unexposed, index),
                block(kind, &series.exposed, index),
            ) else {
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
        let least = variance_of_unit(series).unwrap_or(0.0);
        Some(Self {
            per_term: terms.then_some(per_term.max(least)),
            of_difference,
            of_level: test.scatter(0.0)?,
        })
    }

    /// Of `exposed - ratio * unexposed` at a share of exposure, with so many terms a block.
    pub(super) fn between(&self, terms: f64, share: f64, ratio: f64) -> f64 {
        match self.per_term {
            Some(one) => one * (1.0 / (terms * share) + ratio * ratio / (terms * (1.0 - share))),
            None => self.of_difference * 0.5 * (1.0 + ratio * ratio),
        }
    }
}

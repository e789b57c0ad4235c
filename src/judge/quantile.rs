//! The quantile of an arm as far as buckets know it, and what a margin on the quantile itself demands
//! of them. Nothing is decided from an interpolated number: that is for display, and the interval
//! around it ends at boundaries.

use crate::snapshot::Arm;
use crate::stats::{
    Direction, Dispersion, GRID, Model, Observation, OneArmBlock, OneArmNull, Prior,
};

use super::buckets::Buckets;
use super::{ArmTotals, Between, Issue};

/// The chance with which each end of what is certain of a quantile is wrong, at all looks together:
/// both ends together are a 95 % interval.
const END_ALPHA: f64 = 0.025;

/// The quantile in seconds of cumulative counts, of which the last is all, interpolated within its bucket:
/// for display only. `None` where it lies beyond the last of the finite bounds, which are in seconds.
pub(super) fn interpolated(counts: &[f64], bounds: &[f64], quantile: f64) -> Option<f64> {
    let wanted = counts.last().copied().filter(|all| *all > 0.0)? * quantile;
    let bucket = counts.iter().position(|count| *count >= wanted)?;
    let upper = *bounds.get(bucket)?;
    let (lower, below) = bucket
        .checked_sub(1)
        .map_or((0.0, 0.0), |before| (bounds[before], counts[before]));
    let inside = counts[bucket] - below;
    let part = if inside > 0.0 {
        (wanted - below) / inside
    } else {
        1.0
    };
    Some(lower + part * (upper - lower))
}

impl Buckets<'_> {
    /// An arm's totals with its quantile in place of a share.
    pub(super) fn seen(&self, arm: Arm, quantile: f64, totals: ArmTotals) -> ArmTotals {
        ArmTotals {
            value: interpolated(&self.cumulative(arm), self.bounds, quantile),
            between: self.between(arm, quantile),
            ..totals
        }
    }

    /// That no finite boundary of the one arm which these buckets are of holds its quantile.
    pub(super) fn unbounded(&self, arm: Arm, quantile: f64) -> Option<Issue> {
        let last = *self.bounds.last()?;
        let counts = self.cumulative(Arm::Exposed);
        let (all, below) = (*counts.last()?, *counts.get(counts.len().checked_sub(2)?)?);
        (all > 0.0 && below < quantile * all).then_some(Issue::Unbounded {
            arm,
            quantile,
            last,
            beyond: (all - below) / all,
        })
    }

    /// Requests of an arm up to each boundary, over all blocks; the last are all of them.
    fn cumulative(&self, arm: Arm) -> Vec<f64> {
        let width = self.bounds.len() + 1;
        let offset = match arm {
            Arm::Exposed => 0,
            Arm::Unexposed => width,
        };
        (offset..offset + width)
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).sum())
            .collect()
    }

    /// The boundaries that the quantile is proven to be beyond and within, at all looks together.
    fn between(&self, arm: Arm, quantile: f64) -> Option<Between> {
        let counts = self.cumulative(arm);
        let wanted = counts.last().copied().filter(|all| *all > 0.0)? * quantile;
        let bucket = counts.iter().position(|c| *c >= wanted)?;
        let proven = |bound: usize, direction| self.beyond(arm, bound, 1.0 - quantile, direction);
        // From the estimate outwards: the first boundary that is proven is the tightest one.
        let upper = (bucket..self.bounds.len()).find(|&b| proven(b, Direction::Below));
        let lower = (0..bucket.min(self.bounds.len()))
            .rev()
            .find(|&b| proven(b, Direction::Above));
        Some(Between {
            lower: lower.map_or(0.0, |b| self.bounds[b]),
            upper: upper.map(|b| self.bounds[b]),
        })
    }

    /// Whether the share of an arm's requests slower than a boundary is proven to be above (or below)
    /// this one.
    fn beyond(&self, arm: Arm, bound: usize, share: f64, direction: Direction) -> bool {
        let null = OneArmNull::share(share, direction);
        let mut sums = [0.0; GRID];
        let mut measured = Dispersion::new(Model::OneArmShare);
        let mut start = measured.start();
        for row in self.rows {
            let (events, total) = match arm {
                Arm::Exposed => self.exposed_above(row, bound),
                Arm::Unexposed => self.unexposed_above(row, bound),
            };
            let block = OneArmBlock { events, total };
            null.add(&block, &mut sums);
            measured.push(&Observation::one_arm(&block));
            measured.note(&mut start);
        }
        let dispersion = measured.since(&start, Prior::UNKNOWN);
        crate::stats::average(&sums, &[0.0; GRID], dispersion) >= 1.0 / END_ALPHA
    }
}

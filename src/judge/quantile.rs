//! The quantile of an arm as far as buckets know it, and what a margin on the quantile itself demands
//! of them. Nothing is decided from an interpolated number: that is for display, and the interval
//! around it ends at boundaries (judge.md section 4).

use crate::plan::Compared;
use crate::stats::{
    Direction, Dispersion, GRID, Model, Observation, OneArmBlock, OneArmNull, Prior,
};
use crate::units::Effect;

use super::latency::Buckets;
use super::{ArmTotals, Between, Issue};

/// One of the two arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arm {
    /// Users who see the change.
    Exposed,
    /// Users who do not.
    Unexposed,
}

/// Which setting asks something of the buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// `margin`.
    Margin,
    /// `rule_out`.
    RuleOut,
}

/// What buckets cannot prove.
#[derive(Debug, Clone, PartialEq)]
pub struct Unprovable {
    /// The setting that asks for it.
    pub asks: Asks,
    /// The quantile.
    pub quantile: f64,
    /// The bounds next to it, in seconds.
    pub near: Vec<f64>,
    /// So much longer it would have to be told from unexposed.
    pub asked: Shift,
    /// The least they can prove, where there is any.
    pub least: Option<Least>,
}

/// The least that buckets can prove, rounded up to what can be written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Least {
    /// So many seconds.
    Seconds(f64),
    /// So many percent.
    Percent(f64),
}

/// How far a quantile may move.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shift {
    /// By so many seconds.
    Seconds(f64),
    /// By this factor.
    Factor(f64),
}

impl Shift {
    /// What a margin says of the quantile; `None` where it speaks of the share beyond it.
    pub(super) fn of(effect: Effect, compared: Compared) -> Option<Self> {
        match (effect, compared) {
            (Effect::Absolute(seconds), _) => Some(Self::Seconds(seconds)),
            (Effect::Relative(share), Compared::Quantile) => Some(Self::Factor(1.0 + share)),
            (Effect::Ratio(factor), Compared::Quantile) => Some(Self::Factor(factor)),
            (Effect::Relative(_) | Effect::Ratio(_), Compared::Share) | (Effect::Points(_), _) => {
                None
            }
        }
    }

    /// Where an unexposed request would have ended that ends here exposed.
    fn back(self, at: f64) -> f64 {
        match self {
            Self::Seconds(seconds) => at - seconds,
            Self::Factor(factor) => at / factor,
        }
    }

    /// The unexposed arm's boundary that proves a breach at this one of the exposed arm: if latencies
    /// are longer by no more than this, exposed requests beyond `bound` are no more common than
    /// unexposed ones beyond any boundary at least so much below.
    pub(super) fn not_above(self, bounds: &[f64], bound: usize) -> Option<usize> {
        let back = self.back(bounds[bound]);
        bounds.iter().rposition(|b| *b <= back)
    }

    /// The unexposed arm's boundary that rules this much out at this one of the exposed arm: the
    /// nearest one at most so much below. None where there is none below at all, since equal arms
    /// would then never pass.
    pub(super) fn not_below(self, bounds: &[f64], bound: usize) -> Option<usize> {
        let back = self.back(bounds[bound]);
        bounds[..bound].iter().position(|b| *b >= back)
    }

    /// Whether the buckets next to the quantile are closer together than this.
    ///
    /// # Errors
    /// With the cure, when they are not.
    pub(super) fn provable(
        self,
        asks: Asks,
        bounds: &[f64],
        chosen: &[usize],
        quantile: f64,
    ) -> Result<(), Unprovable> {
        let ruled_out = chosen.iter().any(|&b| self.not_below(bounds, b).is_some());
        let breached = chosen.iter().any(|&b| self.not_above(bounds, b).is_some());
        if ruled_out && breached {
            return Ok(());
        }
        let least = chosen
            .iter()
            .filter_map(|&b| self.least(bounds, b))
            .min_by(|a, b| a.number().total_cmp(&b.number()));
        Err(Unprovable {
            asks,
            quantile,
            near: chosen.iter().map(|&b| bounds[b]).collect(),
            asked: self,
            least,
        })
    }

    /// The least of its sort that can be proven at a boundary.
    fn least(self, bounds: &[f64], bound: usize) -> Option<Least> {
        let (at, below) = (bounds[bound], bounds[bound.checked_sub(1)?]);
        Some(match self {
            Self::Seconds(_) => Least::Seconds(ceiling(at - below, 1e3)),
            Self::Factor(_) => Least::Percent(ceiling(100.0 * (at / below - 1.0), 1.0)),
        })
    }
}

impl Least {
    const fn number(self) -> f64 {
        match self {
            Self::Seconds(number) | Self::Percent(number) => number,
        }
    }
}

/// Rounded up to so many parts of one, but for rounding errors of the input.
fn ceiling(number: f64, parts: f64) -> f64 {
    (number * parts - 1e-6).ceil() / parts
}

/// The chance with which each end of what is certain of a quantile is wrong, at all looks together:
/// both ends together are a 95 % interval.
const END_ALPHA: f64 = 0.025;

impl Buckets<'_> {
    /// An arm's totals with its quantile in place of a share.
    pub(super) fn seen(&self, arm: Arm, quantile: f64, totals: ArmTotals) -> ArmTotals {
        ArmTotals {
            value: self.interpolated(arm, quantile),
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

    /// The quantile in seconds, interpolated within its bucket: for display only. `None` where it
    /// lies beyond the last boundary.
    fn interpolated(&self, arm: Arm, quantile: f64) -> Option<f64> {
        let counts = self.cumulative(arm);
        let wanted = counts.last().copied().filter(|all| *all > 0.0)? * quantile;
        let bucket = counts.iter().position(|c| *c >= wanted)?;
        let upper = *self.bounds.get(bucket)?;
        let (lower, below) = bucket
            .checked_sub(1)
            .map_or((0.0, 0.0), |b| (self.bounds[b], counts[b]));
        let inside = counts[bucket] - below;
        let part = if inside > 0.0 {
            (wanted - below) / inside
        } else {
            1.0
        };
        Some(lower + part * (upper - lower))
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

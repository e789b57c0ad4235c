//! What groups of unexposed instances teach: how much of a metric's noise is clumps, and how much drift.
//!
//! No change tells the groups apart, so that they differ by noise alone. A group's eighth of the traffic
//! against another eighth holds a quarter of the information of half against half: what does not grow
//! with it is clumps, what grows is drift. The covariance within an hour belongs to the clumps, since a
//! session lasts minutes; what is correlated for longer is drift.

use super::extent::GUESS;
use super::learnt::{KURTOSIS_OF_CLUMPS, Learnt};
use super::left::{Left, SPAN};
use super::limits::{LOWER_DECILE_Z, growth, limit, parallel};

/// Events and total of one group in one block.
pub type GroupBlock = (f64, f64);

/// A history of fewer blocks teaches nothing.
const LEAST_BLOCKS: usize = 24;

/// And fewer blocks of the stage itself: half an hour of groups, of which more is doubted.
const LEAST_OF_STAGE: usize = 6;

/// Seconds of the longest lag that belongs to clumps: a session's covariance lies within.
const SHORT: f64 = 3_600.0;

/// And of the longest at all: what is correlated for longer cannot be told from harm within a stage.
const LONG: f64 = 14_400.0;

/// Drift is given per unit of information in so many seconds.
pub(super) const UNIT: f64 = 300.0;

/// A block of history counts for a third of a block of the stage: it speaks of groups of the unexposed
/// arm, not of the two arms; and never for more than eight hours of blocks.
const WEIGHT: f64 = 1.0 / 3.0;
const MOST_WEIGHT: f64 = 96.0;

impl Learnt {
    /// Learns from an even number of groups, all with the same blocks of so many seconds in order; groups
    /// and blocks without any total are left out. Nothing, where there is too little to learn from.
    #[must_use]
    pub fn from_groups(groups: &[Vec<GroupBlock>], block_seconds: f64) -> Option<Self> {
        Self::told(groups, block_seconds, LEAST_BLOCKS).map(|told| told.learnt)
    }

    /// Learns from the groups of the blocks of a stage that nothing was known before. They are few, so that
    /// their clumps count by an upper 90 % limit, and for no more than the clumps that can have been seen in
    /// them if these are as large as is guessed: groups that have simply not seen their first session yet
    /// know nothing of sessions.
    #[must_use]
    pub fn within_stage(groups: &[Vec<GroupBlock>], block_seconds: f64) -> Option<WithinStage> {
        let told = Self::told(groups, block_seconds, LEAST_OF_STAGE)?;
        let Self {
            clumps,
            drift,
            freedom,
            span,
            ..
        } = told.learnt;
        let clusters = clusters(told.events, told.rough.max(GUESS));
        Some(WithinStage {
            clumps,
            left: Left {
                weight: clusters.min(told.blocks),
                freedom,
                clumps: limit(told.rough, told.freedom, LOWER_DECILE_Z).max(1.0),
                drift: drift * growth(SPAN) / growth(span),
                least_clumps: 0.0,
                least_drift: 0.0,
            },
        })
    }

    fn told(groups: &[Vec<GroupBlock>], block_seconds: f64, least: usize) -> Option<Told> {
        let halves = groups.len() / 2;
        let (first, second) = groups.split_at(halves);
        let half = Pair::of(&sum(first)?, &sum(second)?)?;
        let k = half.blocks();
        if k < least {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "blocks of a few hours: a small positive number"
        )]
        let lags = |seconds: f64| ((seconds / block_seconds).ceil().max(1.0) as usize).min(k / 6);
        let (long, short) = (lags(LONG), lags(SHORT));
        let scale = block_seconds / UNIT;
        let all = half.variance(short);
        let pairs: Vec<Pair> = first
            .iter()
            .zip(second)
            .filter_map(|(a, b)| Pair::of(a, b))
            .filter(|pair| pair.blocks() >= least)
            .collect();
        // Two groups alone have no smaller ones: then everything may be clumps, which do not
        // become fewer with the exposure.
        let slope = if halves > 1 && !pairs.is_empty() {
            let count = pairs.len() as f64;
            let of = |f: &dyn Fn(&Pair) -> f64| pairs.iter().map(f).sum::<f64>() / count;
            let small = of(&|pair| pair.variance(short));
            let information = of(&|pair| pair.information);
            let between = half.information - information;
            let slope = if between > 0.0 {
                ((all - small) / between).max(0.0)
            } else {
                0.0
            };
            Some((small, information, slope))
        } else {
            None
        };
        let rough = slope.map_or(all, |(small, information, slope)| {
            small - slope * information
        });
        let rough = rough.max(1.0);
        let freedom = |lags: usize| {
            let of_blocks = 1.5 * k as f64 / (lags as f64 + 1.0);
            parallel(of_blocks, clusters(half.events, rough))
        };
        let clumps = limit(rough, freedom(short), 0.0).max(1.0);
        let of_long = freedom(long).max(2.0);
        let upper = limit(half.variance(long), of_long, LOWER_DECILE_Z);
        let weight = (WEIGHT * k as f64)
            .min(MOST_WEIGHT)
            .min(half.events / clumps);
        (clumps.is_finite() && upper.is_finite() && half.information > 0.0).then_some(Told {
            learnt: Self {
                clumps,
                drift: ((upper - clumps) / half.information).max(0.0) * scale,
                weight,
                freedom: of_long,
                span: (long as f64 + 1.0) * scale,
            },
            rough,
            freedom: freedom(short),
            blocks: k as f64,
            events: half.events,
        })
    }
}

/// What groups of a stage teach during it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WithinStage {
    /// The dispersion of clumps, median-unbiased.
    pub clumps: f64,
    /// As earlier stages leave it.
    pub left: Left,
}

/// What groups tell, and from how much.
struct Told {
    learnt: Learnt,
    /// The dispersion of clumps as it was measured, and its degrees of freedom.
    rough: f64,
    freedom: f64,
    blocks: f64,
    events: f64,
}

/// The clusters that so many events leave of freedom where they clump by this dispersion.
fn clusters(events: f64, clumps: f64) -> f64 {
    events / (KURTOSIS_OF_CLUMPS * (clumps - 1.0) + 1.0)
}

/// Several groups as one.
fn sum(groups: &[Vec<GroupBlock>]) -> Option<Vec<GroupBlock>> {
    let (first, others) = groups.split_first()?;
    let mut total = first.clone();
    for group in others {
        for (sum, block) in total.iter_mut().zip(group) {
            sum.0 += block.0;
            sum.1 += block.1;
        }
    }
    Some(total)
}

/// Two groups without a difference.
struct Pair {
    /// Residuals, of mean zero.
    residuals: Vec<f64>,
    /// Mean information of a block.
    information: f64,
    /// Events of both.
    events: f64,
    /// Makes a sum of squared residuals a dispersion.
    scale: f64,
}

impl Pair {
    fn of(first: &[GroupBlock], second: &[GroupBlock]) -> Option<Self> {
        let usable = || {
            let both = first.iter().zip(second);
            both.filter(|(a, b)| a.1 > 0.0 && b.1 > 0.0)
        };
        let mut sums = [0.0; 4];
        let mut information = 0.0;
        let mut blocks = 0.0;
        for (a, b) in usable() {
            for (sum, x) in sums.iter_mut().zip([a.0, a.1, b.0, b.1]) {
                *sum += x;
            }
            let share = a.1 / (a.1 + b.1);
            information += (a.0 + b.0) * share * (1.0 - share);
            blocks += 1.0;
        }
        if blocks < 2.0 || information <= 0.0 {
            return None;
        }
        // Half an event keeps the ratio finite and above zero.
        let ratio = ((sums[0] + 0.5) / sums[1]) / ((sums[2] + 0.5) / sums[3]);
        Some(Self {
            residuals: usable()
                .map(|(a, b)| {
                    let share = a.1 / (a.1 + b.1);
                    a.0 * (1.0 - share) - ratio * b.0 * share
                })
                .collect(),
            information: information / blocks,
            events: sums[0] + sums[2],
            scale: blocks / (blocks - 1.0) / (ratio * information),
        })
    }

    fn blocks(&self) -> usize {
        self.residuals.len()
    }

    /// The dispersion with covariances up to this lag: Newey and West, Bartlett weights.
    fn variance(&self, lags: usize) -> f64 {
        let e = &self.residuals;
        let at = |lag: usize| -> f64 {
            let later = e.get(lag..).unwrap_or_default();
            e.iter().zip(later).map(|(a, b)| a * b).sum()
        };
        let window = lags as f64 + 1.0;
        let lagged: f64 = (1..=lags).map(|l| (1.0 - l as f64 / window) * at(l)).sum();
        (at(0) + 2.0 * lagged).max(0.0) * self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::super::reference::{close, learning_groups};
    use super::*;

    #[test]
    fn two_series_have_the_reference_dispersions() {
        let first: Vec<GroupBlock> = (0..24)
            .map(|i| (f64::from(7_919 * i % 11), 500.0))
            .collect();
        let second: Vec<GroupBlock> = (0..24_i32)
            .map(|i| (f64::from(104_729 * i % 13), 600.0))
            .collect();
        let pair = Pair::of(&first, &second).unwrap();
        close(pair.variance(0), 3.209_097_39);
        close(pair.variance(2), 6.883_126_82);
        close(pair.variance(4), 7.627_742_15);
        close(pair.information, 2.613_636_36);
        close(pair.events, 253.0);
    }

    #[test]
    fn groups_teach_the_reference_values() {
        let learnt = Learnt::from_groups(&learning_groups(), 300.0).unwrap();
        close(learnt.clumps, 1.062_822_52);
        close(learnt.drift, 0.321_863_30);
        close(learnt.weight, 32.0);
        close(learnt.freedom, 8.456_791_24);
        close(learnt.span, 17.0);
    }

    #[test]
    fn two_halves_cannot_tell_drift_within_an_hour_from_clumps() {
        let groups = learning_groups();
        let halves = vec![sum(&groups[..4]).unwrap(), sum(&groups[4..]).unwrap()];
        let (of_halves, of_eighths) = (
            Learnt::from_groups(&halves, 300.0).unwrap(),
            Learnt::from_groups(&groups, 300.0).unwrap(),
        );
        assert!(of_halves.clumps > of_eighths.clumps);
    }

    #[test]
    fn groups_of_a_stage_teach_sooner_and_are_doubted_more() {
        let first = |blocks: usize| -> Vec<Vec<GroupBlock>> {
            let groups = learning_groups().into_iter();
            groups.map(|group| group[..blocks].to_vec()).collect()
        };
        assert_eq!(Learnt::within_stage(&first(5), 300.0), None);
        let soon = Learnt::within_stage(&first(6), 300.0).unwrap();
        let late = Learnt::within_stage(&first(96), 300.0).unwrap();
        let past = Learnt::from_groups(&first(96), 300.0).unwrap();
        close(late.clumps, past.clumps);
        assert!(late.left.clumps > past.clumps, "an upper limit");
        assert!(soon.left.clumps > late.left.clumps);
        assert!(soon.left.weight <= 6.0);
    }

    #[test]
    fn groups_that_have_seen_few_events_know_nothing_of_clumps() {
        // A failure in every other block: clumps of 3 would leave 48 / 13 of them to be seen.
        let rare: Vec<Vec<GroupBlock>> = (0..8_u32)
            .map(|g| {
                let events = |k: u32| f64::from(u8::from((k + g).is_multiple_of(16)));
                (0..96).map(|k| (events(k), 500.0)).collect()
            })
            .collect();
        let taught = Learnt::within_stage(&rare, 300.0).unwrap();
        close(taught.left.weight, 48.0 / 13.0);
    }

    #[test]
    fn little_or_nothing_teaches_nothing() {
        let short: Vec<Vec<GroupBlock>> = learning_groups()
            .into_iter()
            .map(|group| group[..23].to_vec())
            .collect();
        assert_eq!(Learnt::from_groups(&short, 300.0), None);
        assert_eq!(Learnt::from_groups(&[], 300.0), None);
        assert_eq!(
            Learnt::from_groups(&vec![vec![(0.0, 0.0); 90]; 8], 300.0),
            None
        );
        assert_eq!(
            Learnt::from_groups(&vec![vec![(0.0, 9.0); 90]; 8], 300.0),
            None
        );
    }
}

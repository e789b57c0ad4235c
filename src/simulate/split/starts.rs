//! How many rollouts there are room for in a past, and when each begins.

use crate::plan::{Plan, Schedule};
use crate::units::{Instant, Period};

/// Rollouts of one split of the slots, which begin at different times of the day.
const STARTS: usize = 5;

/// Starts are whole blocks of five minutes.
const ALIGNED: i64 = 300;

const DAY: i64 = 86_400;

/// Blocks that are asked for by themselves: a week of blocks of five minutes.
const BLOCKS: i64 = 2_016;

/// No more than this is asked for by itself.
const MOST_DAYS: i64 = 28;

/// When rollouts begin, and which seeds split the slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starts {
    /// Unix seconds, increasing.
    pub at: Vec<i64>,
    /// How many splits of the slots there are.
    pub splits: u32,
}

/// The past does not hold the first stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooShort {
    /// So long the first stage is.
    pub first: Period,
    /// So much of the past is needed: rollouts begin on whole blocks of five minutes.
    pub needed: Period,
}

/// How long a past is worth asking for, where nobody says it: so many blocks, and twice what a rollout takes
/// at least.
#[must_use]
pub fn days_to_ask(plan: &Plan) -> Period {
    let shortest = blocks_of(plan).into_iter().min().unwrap_or_default();
    let wanted = (BLOCKS * i64::from(shortest.seconds())).max(2 * least(plan).1);
    let seconds = wanted.clamp(3_600, MOST_DAYS * DAY);
    Period::from_seconds(u32::try_from(seconds).unwrap_or(u32::MAX))
}

/// The lengths of the blocks that the plan's stages have, each once.
#[must_use]
pub fn blocks_of(plan: &Plan) -> Vec<Period> {
    let mut blocks: Vec<Period> = match &plan.course {
        Schedule::Stages(stages) => {
            let stages = stages.iter();
            stages
                .map(|stage| plan.judge.block_for(stage.min_duration))
                .collect()
        }
        Schedule::Ramp(ramp) => vec![plan.judge.block_for_ramp(ramp)],
    };
    blocks.sort_unstable();
    blocks.dedup();
    blocks
}

/// Seconds that the first stage, and all of them, take at least.
fn least(plan: &Plan) -> (i64, i64) {
    match &plan.course {
        Schedule::Stages(stages) => {
            let of = stages
                .iter()
                .map(|stage| i64::from(stage.min_duration.seconds()));
            (of.clone().next().unwrap_or(0), of.sum())
        }
        Schedule::Ramp(ramp) => {
            let over = i64::from(ramp.over.seconds());
            (over.min(DAY), over)
        }
    }
}

impl Starts {
    /// About so many rollouts in this time. Each split of the slots begins several times; where there are
    /// few slots, and with them few splits, more often.
    ///
    /// # Errors
    /// When the first stage does not fit.
    pub fn spread(
        plan: &Plan,
        (from, to): (Instant, Instant),
        slots: usize,
        rollouts: u32,
    ) -> Result<Self, TooShort> {
        let (first, all) = least(plan);
        let (from, to) = (from.timestamp(), to.timestamp());
        let span = to - from;
        let needed = first.max(ALIGNED);
        if span < needed {
            let period = |seconds| Period::from_seconds(u32::try_from(seconds).unwrap_or(u32::MAX));
            return Err(TooShort {
                first: period(first),
                needed: period(needed),
            });
        }
        // Where a whole rollout does not fit, its beginning is worth more than another time of the day.
        let room = (span - all)
            .max((span - first).min(DAY).min(span / 4))
            .max(0);
        let rollouts = usize::try_from(rollouts).unwrap_or(usize::MAX).max(1);
        let splits = rollouts.div_ceil(STARTS).min(orders(slots)).max(1);
        let hours = usize::try_from(room / 3_600).unwrap_or(0) + 1;
        let starts = (rollouts / splits).clamp(1, hours);
        let begin = |k: usize| {
            let of = i64::try_from(k).unwrap_or(0);
            let last = i64::try_from(starts - 1).unwrap_or(0).max(1);
            let at = from + room * of / last;
            at.div_euclid(ALIGNED) * ALIGNED
                + if at.rem_euclid(ALIGNED) > 0 {
                    ALIGNED
                } else {
                    0
                }
        };
        Ok(Self {
            at: (0..starts).map(begin).collect(),
            splits: u32::try_from(splits).unwrap_or(u32::MAX),
        })
    }

    /// Every rollout: when it begins and the seed of its split.
    #[must_use]
    pub fn jobs(&self) -> Vec<(i64, u64)> {
        let splits = 1..=u64::from(self.splits);
        let of = |seed| self.at.iter().map(move |at| (*at, seed));
        splits.flat_map(of).collect()
    }
}

/// How many orders of slots there are, as far as that is few.
fn orders(slots: usize) -> usize {
    (2..=slots.min(8)).product::<usize>().max(1)
}

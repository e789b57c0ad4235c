//! At which bucket boundaries a latency is compared. They follow the data without being evidence for
//! their own choice: the unexposed arm's past chooses them, or where there is none its first blocks,
//! after which evidence begins. What is compared there is in `latency`.

use super::buckets::{Buckets, Latency};

/// Boundaries by their index.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    /// A breach is the average over these.
    pub(super) breach: Vec<usize>,
    /// Harm is ruled out where it is at all of these.
    pub(super) pass: Vec<usize>,
    /// Of requests slower than this there are too few to say anything.
    pub(super) unsaid: Option<usize>,
    /// Those where the smaller arm expects events enough in a block for their logarithm to be a level,
    /// by which evidence is capped.
    pub(super) levels: Vec<usize>,
    /// Evidence begins with this block.
    pub(super) from: usize,
}

/// What the data say of boundaries.
pub(super) enum Choice {
    /// These.
    At(Chosen),
    /// Too few blocks or requests yet.
    NotYet,
    /// There are none near the quantile, and requests enough to know: nothing can be ruled out. Gross harm
    /// can be seen at the one that is nearest, where there is any.
    Nowhere(Option<Chosen>),
}

/// So many of the first blocks tell how much traffic there is. Without a history the unexposed arm's first
/// blocks choose as well: as many at least,
const FEWEST_BLOCKS: usize = 3;
/// until so many of its requests are beyond the quantile,
const ENOUGH_BEYOND: f64 = 50.0;
/// and an hour of five-minute blocks at most.
const MOST_BLOCKS: usize = 12;

/// A boundary is of use if this many unexposed-like events are expected in the exposed arm a day.
const LEAST_EVENTS_A_DAY: f64 = 20.0;

/// And must rule harm out if the information on the exposed arm's share of the events is this much a
/// day: at 95 % exposure it is the unexposed arm that is short of them.
const LEAST_INFORMATION_A_DAY: f64 = 5.0;

/// A boundary is near the quantile where at most ten times as many requests are slower as beyond the
/// quantile, and at least a tenth. The two boundaries that a p99 is compared at in ordinary buckets
/// have about 5 % and 0.4 % beyond them, which leaves a factor of two to either side.
const NEAR: f64 = 10.0;

/// Nor is it of use if nearly everything is slower.
const MOST_EXCEEDING: f64 = 0.9;

/// So many requests beyond the quantile have been seen before it is said that no boundary is near.
const SURELY_NEAR: f64 = 10.0;

/// With so many events in a block, their logarithm is a level.
const LEVEL_EVENTS: f64 = 5.0;

const DAY: i64 = 86_400;

/// How much traffic there is, in each arm.
#[derive(Debug, Clone, Copy)]
struct Traffic {
    /// Requests a block.
    exposed: f64,
    unexposed: f64,
    /// Blocks a day.
    blocks: f64,
}

impl Traffic {
    fn exposed_a_day(self) -> f64 {
        self.exposed * self.blocks
    }

    /// For events of this share.
    fn information_a_day(self, share: f64) -> f64 {
        let all = self.exposed + self.unexposed;
        if all > 0.0 {
            share * self.exposed_a_day() * self.unexposed / all
        } else {
            0.0
        }
    }
}

impl Buckets<'_> {
    /// The boundaries around the quantile: the last with at least `1 - quantile` of the requests above
    /// it, the first with fewer, and the one after, for the tail.
    pub(super) fn choose(&self, latency: Latency, block_seconds: i64) -> Choice {
        let tail = 1.0 - latency.quantile;
        let (shares, from) = match self.past_shares() {
            Some(shares) => (shares, 0),
            None => {
                let Some(from) = self.choosing_blocks(tail) else {
                    return Choice::NotYet;
                };
                (self.shares_in(&self.rows[..from]), from)
            }
        };
        let near =
            |share: f64| share <= MOST_EXCEEDING && (tail / NEAR..=tail * NEAR).contains(&share);
        let Some(traffic) = self.traffic(latency, block_seconds, from.max(FEWEST_BLOCKS)) else {
            return Choice::NotYet;
        };
        let events = |bound: usize| shares[bound] * traffic.exposed_a_day();
        let lower = |bound: &usize| shares[*bound] >= tail && near(shares[*bound]);
        let bounds = 0..self.bounds.len();
        // A faster boundary with events enough is better than one next to the quantile without.
        let enough = |bound: &usize| events(*bound) >= LEAST_EVENTS_A_DAY;
        let lo = bounds
            .clone()
            .rfind(|bound| lower(bound) && enough(bound))
            .or_else(|| bounds.clone().rfind(lower));
        let hi = bounds
            .clone()
            .find(|bound| shares[*bound] < tail && shares[*bound] > 0.0);
        if lo.is_none() && !hi.is_some_and(|hi| near(shares[hi])) {
            let total: f64 = self.rows.iter().filter_map(|row| row.last()).sum();
            let overall = self.shares_in(self.rows);
            let known = total * tail >= SURELY_NEAR && !overall.into_iter().any(near);
            // The first that few requests are slower than, else the last one.
            let below = bounds.clone().find(|bound| shares[*bound] < tail);
            let nearest = below.or_else(|| bounds.clone().next_back());
            let fallback = nearest.map(|bound| Chosen {
                breach: vec![bound],
                pass: vec![bound],
                unsaid: None,
                levels: Vec::new(),
                from,
            });
            return if known {
                Choice::Nowhere(fallback)
            } else {
                Choice::NotYet
            };
        }
        let after = |bound: usize| Some(bound + 1).filter(|next| bounds.contains(next));
        let beyond = hi.and_then(after);
        let mut breach: Vec<usize> = [lo, hi, beyond].into_iter().flatten().collect();
        breach.retain(enough);
        if breach.is_empty() {
            match lo {
                Some(lo) => breach.push(lo),
                None => return Choice::NotYet,
            }
        }
        let informed =
            |bound: &usize| traffic.information_a_day(shares[*bound]) >= LEAST_INFORMATION_A_DAY;
        let judged = [lo, hi.filter(informed), beyond.filter(informed)];
        let mut pass: Vec<usize> = judged.into_iter().flatten().collect();
        if pass.is_empty() {
            pass.clone_from(&breach);
        }
        let unsaid = pass.last().copied().and_then(after);
        let unsaid = unsaid.filter(|_| beyond.is_none_or(|b| !pass.contains(&b)));
        let smaller = traffic.exposed.min(traffic.unexposed);
        let is_level = |bound: &usize| shares[*bound] * smaller >= LEVEL_EVENTS;
        Choice::At(Chosen {
            levels: breach.iter().copied().filter(is_level).collect(),
            breach,
            pass,
            unsaid,
            from,
        })
    }

    /// How many of the first blocks choose; `None` while there are too few.
    fn choosing_blocks(&self, tail: f64) -> Option<usize> {
        let width = self.bounds.len() + 1;
        let mut beyond = 0.0;
        for (k, row) in self.rows.iter().enumerate() {
            beyond += tail * row.get(2 * width - 1).copied().unwrap_or(0.0);
            let blocks = k + 1;
            if blocks >= MOST_BLOCKS || blocks >= FEWEST_BLOCKS && beyond >= ENOUGH_BEYOND {
                return Some(blocks);
            }
        }
        None
    }

    /// Unexposed requests slower than each boundary, as shares.
    fn shares_in(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let share = |bound: usize| {
            let (above, all) = rows.iter().fold((0.0, 0.0), |sum, row| {
                let (above, all) = self.unexposed_above(row, bound);
                (sum.0 + above, sum.1 + all)
            });
            if all > 0.0 { above / all } else { 0.0 }
        };
        (0..self.bounds.len()).map(share).collect()
    }

    /// The same over the last day of the past, where it holds requests. Boundaries that it does not
    /// have are never chosen: it has those that may matter.
    fn past_shares(&self) -> Option<Vec<f64>> {
        let last = self.past.ends.last()?;
        let from = self.past.ends.partition_point(|end| *end <= last - DAY);
        let shares: Vec<f64> = (0..self.bounds.len())
            .map(|bound| self.past.share(bound, from))
            .collect();
        shares.iter().any(|share| *share > 0.0).then_some(shares)
    }

    /// Traffic over a day, by so many of the stage's first blocks, and how busy that time of day was the day
    /// before. Nothing before there are as many, and the same at every look from then on: what is judged
    /// must not depend on when somebody asks.
    fn traffic(&self, latency: Latency, block_seconds: i64, blocks: usize) -> Option<Traffic> {
        let width = self.bounds.len() + 1;
        let first = self.rows.get(..blocks)?;
        let (start, end) = (*self.ends.first()?, *self.ends.get(blocks - 1)?);
        let mean = |column: usize| {
            let sum: f64 = first.iter().filter_map(|row| row.get(column)).sum();
            sum / first.len() as f64
        };
        let (exposed, unexposed) = (mean(width - 1), mean(2 * width - 1));
        let busy = self.past.busy(start - block_seconds - DAY, end - DAY);
        // A ramp's first blocks have hardly anybody exposed; its evidence comes later.
        let all = exposed + unexposed;
        let exposed = latency.leads_to.map_or(exposed, |share| share * all);
        Some(Traffic {
            exposed: exposed / busy,
            unexposed: (all - exposed) / busy,
            blocks: DAY as f64 / block_seconds.max(1) as f64,
        })
    }
}

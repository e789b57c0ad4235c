//! Which slots are exposed, and since when: the first ones of an order that a seed gives, so that a later
//! stage contains the earlier ones.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64Mcg;

/// The two arms of one rollout.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arms {
    /// The place of each slot in the order.
    ranks: Vec<usize>,
    /// From which second on how many slots are exposed, increasing.
    since: Vec<(i64, usize)>,
}

/// So many slots, and which share of the traffic that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exposing {
    pub(super) slots: usize,
    pub(super) share: f64,
}

impl Arms {
    /// Nobody is exposed yet. The same seed gives the same order.
    pub(super) fn shuffled(slots: usize, seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut ranks: Vec<usize> = (0..slots).collect();
        for last in (1..slots).rev() {
            ranks.swap(last, rng.random_range(0..=last));
        }
        Self {
            ranks,
            since: Vec::new(),
        }
    }

    /// From this second on so many slots are exposed.
    pub(super) fn expose(&mut self, at: i64, slots: usize) {
        self.since.push((at, slots));
    }

    /// How many slots are exposed at this second.
    pub(super) fn exposed_at(&self, second: i64) -> usize {
        let begun = self.since.partition_point(|(at, _)| *at <= second);
        let last = begun.checked_sub(1).map(|place| self.since[place].1);
        last.unwrap_or(0)
    }

    /// Whether a slot is among the first so many.
    pub(super) fn is_among(&self, slot: usize, first: usize) -> bool {
        self.ranks.get(slot).is_some_and(|rank| *rank < first)
    }

    /// How many slots come nearest to this share of the traffic: no fewer than before, and of each guardrail
    /// one slot at least in either arm. `traffic` is that of each guardrail by slot. `None` where there are
    /// no two arms.
    pub(super) fn nearest(
        &self,
        share: f64,
        traffic: &[Vec<f64>],
        at_least: usize,
    ) -> Option<Exposing> {
        let slots = self.ranks.len();
        let mut best: Option<(f64, Exposing)> = None;
        for count in at_least.max(1)..slots {
            let mut sum = 0.0;
            let mut has_both = !traffic.is_empty();
            for of_slot in traffic {
                let (mut exposed, mut all) = (0.0, 0.0);
                for (slot, traffic) in of_slot.iter().enumerate() {
                    all += traffic;
                    if self.is_among(slot, count) {
                        exposed += traffic;
                    }
                }
                has_both &= exposed > 0.0 && all - exposed > 0.0;
                sum += exposed / all;
            }
            let real = sum / traffic.len() as f64;
            let off = (real - share).abs();
            if has_both && best.is_none_or(|(least, _)| off < least) {
                let exposing = Exposing {
                    slots: count,
                    share: real,
                };
                best = Some((off, exposing));
            }
        }
        best.map(|(_, exposing)| exposing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_order_and_another_seed_another() {
        assert_eq!(Arms::shuffled(12, 7), Arms::shuffled(12, 7));
        assert_ne!(Arms::shuffled(12, 7), Arms::shuffled(12, 8));
        let mut ranks = Arms::shuffled(12, 7).ranks;
        ranks.sort_unstable();
        assert_eq!(ranks, (0..12).collect::<Vec<_>>());
    }

    #[test]
    fn the_share_is_the_nearest_that_slots_allow_and_never_falls() {
        let arms = Arms::shuffled(12, 1);
        let traffic = vec![vec![10.0; 12]];
        let of = |share, least| arms.nearest(share, &traffic, least).unwrap();
        let shares = [0.01, 0.10, 0.5, 0.99];
        let found = shares.map(|share| of(share, 0).slots);
        assert_eq!(found, [1, 1, 6, 11]);
        assert!((of(0.01, 0).share - 1.0 / 12.0).abs() < 1e-12);
        assert_eq!(of(0.01, 4).slots, 4);
    }

    #[test]
    fn every_guardrail_has_both_arms() {
        let arms = Arms::shuffled(4, 1);
        let last = (0..4).find(|slot| !arms.is_among(*slot, 3)).unwrap();
        let third = (0..4).find(|slot| arms.is_among(*slot, 3) && !arms.is_among(*slot, 2));
        let mut rare = vec![0.0; 4];
        rare[last] = 1.0;
        rare[third.unwrap()] = 1.0;
        let found = arms.nearest(0.01, &[vec![1.0; 4], rare.clone()], 0);
        assert_eq!(found.map(|one| one.slots), Some(3));
        rare[last] = 0.0;
        assert_eq!(arms.nearest(0.5, &[rare], 0), None);
    }

    #[test]
    fn later_exposures_contain_earlier_ones() {
        let mut arms = Arms::shuffled(8, 3);
        arms.expose(1_000, 2);
        arms.expose(2_000, 5);
        assert_eq!(
            [999, 1_000, 1_999, 2_000].map(|second| arms.exposed_at(second)),
            [0, 2, 2, 5]
        );
        assert!((0..8).all(|slot| !arms.is_among(slot, 2) || arms.is_among(slot, 5)));
    }
}

//! Which instance takes the place of which: a release replaces every one of them, and what is followed over
//! days are the places that they fill. Pure.

use std::collections::BTreeMap;

/// When each instance was there: the ends of its first and its last block in Unix seconds, by name.
pub(super) type Lives = BTreeMap<String, (i64, i64)>;

/// Slots at most. Arms of finer shares than a sixty-fourth are not needed, and each slot costs memory.
pub(super) const MOST: usize = 64;

/// An instance takes over from one that ends no later than so many seconds after it begins: in a release
/// both are there for a while.
const OVERLAP: i64 = 3_600;

/// The slot of each instance, and how many slots there are.
///
/// In the order of their births each takes the slot whose last instance ended nearest to its own birth, and
/// a new one where none has ended. Beyond [`MOST`] slots several become one.
pub(super) fn slots(lives: &Lives) -> (BTreeMap<String, usize>, usize) {
    let mut births: Vec<(&String, (i64, i64))> = lives.iter().map(|(n, life)| (n, *life)).collect();
    births.sort_by_key(|(name, (first, _))| (*first, *name));
    let mut ends: Vec<i64> = Vec::new();
    let mut of = BTreeMap::new();
    for (name, (first, last)) in births {
        let free = ends.iter().enumerate();
        let free = free.filter(|(_, end)| **end < first + OVERLAP && **end < last);
        let nearest = free.min_by_key(|(_, end)| (**end - first).abs());
        let slot = match nearest.map(|(slot, _)| slot) {
            Some(slot) => {
                ends[slot] = last;
                slot
            }
            None => {
                ends.push(last);
                ends.len() - 1
            }
        };
        of.insert(name.clone(), slot % MOST);
    }
    (of, ends.len().min(MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(lives: &[(&str, i64, i64)]) -> Lives {
        let lives = lives.iter();
        lives
            .map(|(name, first, last)| ((*name).to_owned(), (*first, *last)))
            .collect()
    }

    #[test]
    fn instances_that_stay_have_a_slot_each() {
        let (of, count) = slots(&lives(&[("a", 300, 90_000), ("b", 300, 90_000)]));
        assert_eq!((of["a"], of["b"], count), (0, 1, 2));
    }

    #[test]
    fn a_release_hands_its_slots_over() {
        // Each old pod goes five minutes after its new one came.
        let (of, count) = slots(&lives(&[
            ("old-a", 300, 36_300),
            ("old-b", 300, 36_900),
            ("old-c", 300, 37_500),
            ("new-a", 36_000, 90_000),
            ("new-b", 36_600, 90_000),
            ("new-c", 37_200, 90_000),
        ]));
        assert_eq!(count, 3);
        for pod in ["a", "b", "c"] {
            assert_eq!(
                of[&format!("old-{pod}")],
                of[&format!("new-{pod}")],
                "{pod}"
            );
        }
    }

    #[test]
    fn one_that_is_added_has_a_slot_of_its_own() {
        let (of, count) = slots(&lives(&[("a", 300, 90_000), ("late", 45_000, 90_000)]));
        assert_eq!((of["late"], count), (1, 2));
    }

    #[test]
    fn beyond_sixty_four_several_are_one() {
        let names: Vec<String> = (0..100).map(|k| format!("pod-{k:02}")).collect();
        let all: Vec<(&str, i64, i64)> = names.iter().map(|n| (n.as_str(), 300, 900)).collect();
        let (of, count) = slots(&lives(&all));
        assert_eq!(count, MOST);
        assert!(of.values().all(|slot| *slot < MOST));
    }
}

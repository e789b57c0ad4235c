//! What the groups and the instances of a history teach of a counted metric.

use crate::plan::Column;
use crate::snapshot::{ArmSeries, History, Series};
use crate::stats::{GroupBlock, Instances, Learnt, WithinStage};

/// What the first blocks of a history teach, so many of them at most, of events or of their failures.
pub(super) fn learnt_of(
    history: &History,
    whole: Column,
    blocks: usize,
    failing: bool,
) -> Option<Learnt> {
    let groups = groups_of(history, whole, blocks, failing);
    Learnt::from_groups(&groups, f64::from(history.block.seconds()))
}

/// The same of the first blocks of the stage itself.
pub(super) fn within_stage(
    during: &History,
    whole: Column,
    blocks: usize,
    failing: bool,
) -> Option<WithinStage> {
    let groups = groups_of(during, whole, blocks, failing);
    Learnt::within_stage(&groups, f64::from(during.block.seconds()))
}

fn groups_of(
    history: &History,
    whole: Column,
    blocks: usize,
    failing: bool,
) -> Vec<Vec<GroupBlock>> {
    let of = |group| group_blocks(group, whole, history.ends.len().min(blocks), failing);
    divided(history.groups.iter().map(of).collect())
}

/// The groups so that instances are in both halves of them: the few pods of a small service are often all in
/// one half, and then those groups that hold any are divided as [`History::halves`] does it.
fn divided(groups: Vec<Vec<GroupBlock>>) -> Vec<Vec<GroupBlock>> {
    let is_used = |group: &Vec<GroupBlock>| group.iter().any(|(_, total)| *total > 0.0);
    let (first, second) = groups.split_at(groups.len() / 2);
    if first.iter().any(is_used) && second.iter().any(is_used) {
        return groups;
    }
    let mut used: Vec<Vec<GroupBlock>> = groups.into_iter().filter(is_used).collect();
    if used.len() % 2 == 1 {
        // A pair needs two: the last one has nothing to be compared with but the whole half.
        let empty = vec![(0.0, 0.0); used[0].len()];
        used.insert(used.len() / 2, empty);
    }
    used
}

/// A group's blocks; one that is not known has no total, and is left out.
fn group_blocks(group: &ArmSeries, whole: Column, blocks: usize, failing: bool) -> Vec<GroupBlock> {
    let (events, totals) = (group.column(Column::Events), group.column(whole));
    let number = |series: Option<&Series>, block: usize| {
        series?
            .get(block)
            .copied()
            .flatten()
            .filter(|x| x.is_finite() && *x >= 0.0)
    };
    (0..blocks)
        .map(|block| {
            number(events, block)
                .zip(number(totals, block))
                .map_or((0.0, 0.0), |block| counted(block, failing))
        })
        .collect()
}

/// What each instance of a history adds up to.
pub(super) fn instances(history: &History, whole: Column, failing: bool) -> Instances {
    let sums = history.instances.values().filter_map(|columns| {
        let (events, total) = (columns.get(&Column::Events), columns.get(&whole)?);
        Some(counted((events.copied().unwrap_or(0.0), *total), failing))
    });
    Instances {
        sums: sums.collect(),
    }
}

/// Events and total, or failures and total.
fn counted((events, total): GroupBlock, failing: bool) -> GroupBlock {
    if failing {
        ((total - events).max(0.0), total)
    } else {
        (events, total)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::units::Period;

    /// A history of eight groups of which these hold an instance.
    fn history(used: &[usize]) -> History {
        let group = |place: usize| {
            let mut columns = BTreeMap::new();
            if used.contains(&place) {
                let events = (0..96).map(|k| Some(((7_919 * k + place) % 13) as f64));
                columns.insert(Column::Events, events.collect());
                columns.insert(Column::Total, vec![Some(500.0); 96]);
            }
            ArmSeries {
                columns,
                buckets: Vec::new(),
            }
        };
        History {
            ends: (1..=96).map(|k| 300 * k).collect(),
            block: Period::from_minutes(5),
            groups: (0..8).map(group).collect(),
            ..History::default()
        }
    }

    #[test]
    fn a_few_pods_teach_in_whichever_groups_they_are() {
        let learnt = |used: &[usize]| learnt_of(&history(used), Column::Total, usize::MAX, false);
        for used in [&[1, 5][..], &[1, 2], &[0, 3], &[5, 6, 7], &[4, 5, 6, 7]] {
            assert!(learnt(used).is_some(), "{used:?}");
        }
        assert_eq!(learnt(&[3]), None);
        assert_eq!(learnt(&[]), None);
    }
}

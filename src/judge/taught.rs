//! What the groups and the instances of a history teach of a counted metric.

use crate::plan::Column;
use crate::snapshot::{ArmSeries, History, Series};
use crate::stats::{GroupBlock, Instances, Learnt};

/// What the first blocks of a history teach, so many of them at most.
pub(super) fn learnt(history: &History, whole: Column, blocks: usize) -> Option<Learnt> {
    learnt_of(history, whole, blocks, false)
}

/// The same of events, or of their failures.
pub(super) fn learnt_of(
    history: &History,
    whole: Column,
    blocks: usize,
    failing: bool,
) -> Option<Learnt> {
    let groups: Vec<Vec<GroupBlock>> = history
        .groups
        .iter()
        .map(|group| group_blocks(group, whole, history.ends.len().min(blocks), failing))
        .collect();
    Learnt::from_groups(&groups, f64::from(history.block.seconds()))
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

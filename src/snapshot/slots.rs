//! The unexposed arm's own past in slots of instances, from which two arms can be made between which there
//! is no difference. How it is asked for, and what is made of it, is not known here.

use std::collections::BTreeMap;

use crate::plan::Column;
use crate::units::{Instant, Period};

use super::{ArmSeries, Unsplit};

/// The past of the unexposed arm, by slot.
///
/// A slot is a place that one instance fills, and after it the one that took its place: a service of twelve
/// pods has about twelve, however often it is released.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotPast {
    /// The two arms can be followed from here on; what is before is history.
    pub from: Instant,
    /// Nothing is known after this.
    pub to: Instant,
    /// Where it was asked for.
    pub source: String,
    /// How many slots there are.
    pub slots: usize,
    /// How many instances have filled them.
    pub instances: usize,
    /// The label that names the instances, such as `pod`.
    pub label: Option<String>,
    /// In blocks of the history, which is the first of these, and of each other length that stages have.
    pub parts: Vec<SlotBlocks>,
    /// Guardrails that are in none of these, and why.
    pub left_out: BTreeMap<String, Unsplit>,
}

/// The past in blocks of one length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotBlocks {
    /// Length of the blocks.
    pub block: Period,
    /// Block ends in Unix seconds, one block apart.
    pub ends: Vec<i64>,
    /// By guardrail name.
    pub guardrails: BTreeMap<String, SlotSeries>,
}

/// What was measured for one guardrail.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SlotSeries {
    /// By slot. Of levels the sum over its series, and their count, so that slots add up.
    pub slots: Vec<ArmSeries>,
    /// Of counters: what each instance has counted.
    pub instances: Vec<InstanceSums>,
    /// Seconds between scrapes; `None` where that is not known.
    pub scrape_seconds: Option<u32>,
}

/// What one instance has counted in each run of [`InstanceSums::RUN`] blocks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceSums {
    /// Its name.
    pub name: String,
    /// The slot that it fills.
    pub slot: usize,
    /// By column, one for each run from the first block on.
    pub runs: BTreeMap<Column, Vec<f64>>,
}

impl SlotSeries {
    /// The places of the first and of the last block of which anything is known.
    #[must_use]
    pub fn known(&self) -> Option<(usize, usize)> {
        let series = self.slots.iter().flat_map(|slot| {
            let buckets = slot.buckets.iter().map(|(_, series)| series);
            slot.columns.values().chain(buckets)
        });
        let ends = series.filter_map(|series| {
            let first = series.iter().position(Option::is_some)?;
            Some((first, series.iter().rposition(Option::is_some)?))
        });
        ends.reduce(|known, one| (known.0.min(one.0), known.1.max(one.1)))
    }
}

impl InstanceSums {
    /// Blocks that are added up: an hour of blocks of five minutes.
    pub const RUN: usize = 12;

    /// What it has counted in the runs of these blocks.
    #[must_use]
    pub fn within(&self, blocks: &std::ops::Range<usize>) -> BTreeMap<Column, f64> {
        let runs = blocks.start / Self::RUN..blocks.end.div_ceil(Self::RUN);
        let sum = |all: &Vec<f64>| {
            let end = runs.end.min(all.len());
            all.get(runs.start.min(end)..end)
                .into_iter()
                .flatten()
                .sum()
        };
        let columns = self.runs.iter();
        columns.map(|(column, all)| (*column, sum(all))).collect()
    }
}

impl SlotBlocks {
    /// The places of the blocks that end after the first of these seconds and up to the second.
    #[must_use]
    pub fn places(&self, after: i64, until: i64) -> std::ops::Range<usize> {
        let first = self.ends.partition_point(|end| *end <= after);
        let last = self.ends.partition_point(|end| *end <= until);
        first..last.max(first)
    }
}

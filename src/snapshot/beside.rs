//! Another history beside that of a snapshot: what both tell of the same blocks is written once. The record
//! that enters a stage holds the history that it was decided by and that of the new stage, of which most may
//! be the same days.

use crate::plan::Column;
use crate::units::Period;

use super::apart::apart;
use super::packed::Other;
use super::{ArmSeries, History};

/// Another history, as seen from the first block of the one that is written or read.
#[derive(Debug, Default)]
pub(super) struct Beside {
    groups: Vec<ArmSeries>,
    skipped: i64,
}

impl Beside {
    /// Of a history that begins with this end and has blocks of this length.
    pub(super) fn of(other: Option<&History>, first_end: Option<i64>, block: Period) -> Self {
        let Some((other, first_end)) = other.zip(first_end) else {
            return Self::default();
        };
        let step = i64::from(block.seconds().max(1));
        let begins = other.ends.first().map(|begin| first_end - begin);
        match begins.filter(|seconds| other.block == block && seconds % step == 0) {
            None => Self::default(),
            Some(seconds) => Self {
                groups: other
                    .groups
                    .iter()
                    .map(|group| apart(group).unwrap_or_else(|| group.clone()))
                    .collect(),
                skipped: seconds / step,
            },
        }
    }

    /// Of one group of instances.
    pub(super) fn group(&self, place: usize) -> OtherGroup<'_> {
        OtherGroup {
            group: self.groups.get(place),
            skipped: self.skipped,
        }
    }
}

/// A group of the other history.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OtherGroup<'a> {
    group: Option<&'a ArmSeries>,
    skipped: i64,
}

impl<'a> OtherGroup<'a> {
    /// A column of it.
    pub(super) fn column(self, column: Column) -> Other<'a> {
        let series = self.group.and_then(|group| group.column(column));
        Other {
            series: series.map_or(&[], Vec::as_slice),
            skipped: self.skipped,
        }
    }

    /// The counts under a bound.
    pub(super) fn bucket(self, bound: f64) -> Other<'a> {
        let buckets = self.group.map_or(&[][..], |group| &group.buckets);
        let mut known = buckets.iter();
        let found = known.find(|(known, _)| known.total_cmp(&bound).is_eq());
        Other {
            series: found.map_or(&[], |(_, series)| series),
            skipped: self.skipped,
        }
    }
}

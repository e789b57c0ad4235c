//! The numbers of one arm, or of a part of one.

use std::collections::BTreeMap;

use crate::plan::Column;

/// One entry a block: the increment (or level) within the block, `None` where it is missing.
pub type Series = Vec<Option<f64>>;

/// One arm's columns. Which are filled depends on the metric's kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArmSeries {
    /// Numbers by column.
    pub columns: BTreeMap<Column, Series>,
    /// Histogram counts by upper bound in seconds, increasing, cumulative; the last is `+Inf`.
    pub buckets: Vec<(f64, Series)>,
}

impl ArmSeries {
    /// The numbers of a column.
    #[must_use]
    pub fn column(&self, column: Column) -> Option<&Series> {
        self.columns.get(&column)
    }

    /// Several groups of one arm together. A block is there where it is in any of them.
    #[must_use]
    pub fn sum<'a>(groups: impl Iterator<Item = &'a Self>) -> Self {
        let add = |sum: &mut Series, more: &Series| {
            for (sum, value) in sum.iter_mut().zip(more) {
                *sum = match (*sum, *value) {
                    (Some(a), Some(b)) => Some(a + b),
                    (one, other) => one.or(other),
                };
            }
        };
        let mut total = Self::default();
        for group in groups {
            for (column, series) in &group.columns {
                match total.columns.get_mut(column) {
                    Some(sum) => add(sum, series),
                    None => {
                        total.columns.insert(*column, series.clone());
                    }
                }
            }
            for (bound, series) in &group.buckets {
                let place = total.buckets.iter().position(|(known, _)| known >= bound);
                match place.map(|place| (place, &mut total.buckets[place])) {
                    Some((_, (known, sum))) if known.total_cmp(bound).is_eq() => add(sum, series),
                    Some((place, _)) => total.buckets.insert(place, (*bound, series.clone())),
                    None => total.buckets.push((*bound, series.clone())),
                }
            }
        }
        total
    }

    /// The first so many blocks, and the others.
    pub(super) fn split_at(mut self, place: usize) -> (Self, Self) {
        let columns = self.columns.iter_mut();
        let columns = columns.map(|(column, series)| (*column, late_part(series, place)));
        let buckets = self.buckets.iter_mut();
        let buckets = buckets.map(|(bound, series)| (*bound, late_part(series, place)));
        let late = Self {
            columns: columns.collect(),
            buckets: buckets.collect(),
        };
        (self, late)
    }

    /// True when nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.buckets.is_empty()
    }
}

fn late_part(series: &mut Series, place: usize) -> Series {
    series.split_off(place.min(series.len()))
}

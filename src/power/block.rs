//! What one arm measured in one block, whatever the kind of its metric.

use crate::plan::{Column, Kind};
use crate::snapshot::ArmSeries;

/// Events and total of one arm in one block.
pub(super) fn block(kind: Kind, arm: &ArmSeries, index: usize) -> Option<(f64, f64)> {
    let at = |column: Column| arm.column(column)?.get(index).copied().flatten();
    match kind {
        Kind::Ratio { .. } => Some((at(Column::Events)?, at(Column::Total)?)),
        Kind::Rate { .. } => Some((at(Column::Events)?, at(Column::Per)?)),
        Kind::Latency { quantile, .. } => {
            let (_, all) = arm.buckets.last()?;
            let total = all.get(index).copied().flatten()?;
            Some((total * (1.0 - quantile), total))
        }
        Kind::Mean { .. } => Some((at(Column::Sum)?, at(Column::Count)?)),
        Kind::Gauge { .. } => Some((at(Column::Query)?, 1.0)),
        Kind::Point { .. } => None,
    }
}

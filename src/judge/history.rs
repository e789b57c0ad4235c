//! The unexposed arm's past in two halves, as blocks.

use crate::plan::Column;
use crate::snapshot::History;
use crate::stats::TwoArmBlock;

/// Blocks of the two halves, as if one of them were exposed; those with usable numbers.
pub(super) fn halves(history: &History, whole: Column) -> Vec<(i64, TwoArmBlock)> {
    let [first, second] = history.halves();
    let columns = [
        first.column(Column::Events),
        first.column(whole),
        second.column(Column::Events),
        second.column(whole),
    ];
    let row = |i: usize| -> Option<TwoArmBlock> {
        let mut numbers = [0.0; 4];
        for (number, column) in numbers.iter_mut().zip(columns) {
            let value = column?.get(i).copied().flatten()?;
            *number = Some(value).filter(|x| x.is_finite() && *x >= 0.0)?;
        }
        let [
            exposed_events,
            exposed_total,
            unexposed_events,
            unexposed_total,
        ] = numbers;
        (exposed_total > 0.0 && unexposed_total > 0.0).then_some(TwoArmBlock {
            exposed_events,
            exposed_total,
            unexposed_events,
            unexposed_total,
        })
    };
    let ends = history.ends.iter().enumerate();
    ends.filter_map(|(i, &end)| Some((end, row(i)?))).collect()
}

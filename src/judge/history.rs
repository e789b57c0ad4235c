//! The unexposed arm's past in two halves, as blocks.

use crate::plan::Column;
use crate::snapshot::{GuardrailSeries, History};
use crate::stats::{Dispersion, Model, Observation, Prior, TwoArmBlock};

/// The blocks of both halves before the stage and in it, by their ends.
pub(super) fn past(series: &GuardrailSeries, whole: Column) -> Vec<(i64, TwoArmBlock)> {
    let parts = series.history.iter().chain(&series.during);
    parts.flat_map(|part| halves(part, whole)).collect()
}

/// The belief at each of these looks, of blocks of two halves by their ends.
pub(super) fn beliefs_of(past: &[(i64, TwoArmBlock)], ends: &[i64]) -> Vec<Prior> {
    if past.is_empty() {
        return vec![Prior::UNKNOWN; ends.len()];
    }
    let mut learnt = Dispersion::new(Model::TwoArms);
    let mut start = learnt.start();
    let mut next = 0;
    ends.iter()
        .map(|&look| {
            while let Some((_, block)) = past.get(next).filter(|(end, _)| *end <= look) {
                learnt.push(&Observation::two_arms(block));
                learnt.note(&mut start);
                next += 1;
            }
            learnt.learn(&start)
        })
        .collect()
}

/// Blocks of the two halves, as if one of them were exposed; those with usable numbers.
fn halves(history: &History, whole: Column) -> Vec<(i64, TwoArmBlock)> {
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

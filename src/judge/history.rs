//! What the unexposed arm's own past teaches of a metric's dispersion, as known at each look.

use crate::snapshot::History;
use crate::stats::{Dispersion, Model, Observation, Prior, TwoArmBlock};

/// The belief at each of these looks, from the blocks of history that had closed by then.
pub(super) fn beliefs(history: Option<&History>, ends: &[i64], whole: &str) -> Vec<Prior> {
    let Some(history) = history else {
        return vec![Prior::UNKNOWN; ends.len()];
    };
    let past = halves(history, whole);
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
fn halves(history: &History, whole: &str) -> Vec<(i64, TwoArmBlock)> {
    let columns = [
        history.first.column("events"),
        history.first.column(whole),
        history.second.column("events"),
        history.second.column(whole),
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

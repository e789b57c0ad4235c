//! Shares near 1 that must not fall, such as success: what is rare is the failure, so failures are
//! counted. `p_T >= a p_C + b` is `q_T <= a q_C + (1 - a - b)` for `q = 1 - p`, which the test of counts
//! takes as it is; common events it takes for rare ones, and a test of paired blocks needs two hours of
//! them. What is shown is retold in terms of what the plan counts.

use crate::stats::{Condensed, TwoArmBlock};
use crate::units::{Effect, Worse};

use super::Scale;
use super::counts::totals;
use super::evidence::Comparison;
use super::question::Question;

/// Above this share of the unexposed arm its failures are counted. Measured on whole stages: at a half
/// both tests find harm at the same time in the end, and above it the test of failures is the faster
/// one, by hours near 1.
pub(super) const MOSTLY: f64 = 0.8;

/// Whether failures are counted: by the history, else by the first blocks of the unexposed arm.
pub(super) fn counted(worse: Worse, history: &[TwoArmBlock], stage: &[TwoArmBlock]) -> bool {
    let share = |events: f64, total: f64| total > 0.0 && events > MOSTLY * total;
    let sum = |blocks: &[TwoArmBlock], of: fn(&TwoArmBlock) -> f64| -> f64 {
        blocks.iter().map(of).sum()
    };
    let is_high = if history.is_empty() {
        let first = &stage[..stage.len().min(FIRST)];
        share(
            sum(first, |b| b.unexposed_events),
            sum(first, |b| b.unexposed_total),
        )
    } else {
        share(
            sum(history, |b| b.exposed_events + b.unexposed_events),
            sum(history, |b| b.exposed_total + b.unexposed_total),
        )
    };
    is_high && worse == Worse::Lower
}

/// Without a history so many blocks tell: an hour.
const FIRST: usize = 12;

/// The same blocks with failures for events.
pub(super) fn of(blocks: &[TwoArmBlock]) -> Vec<TwoArmBlock> {
    let failed = |b: &TwoArmBlock| TwoArmBlock {
        // Counters of one arm are scraped at slightly different times: a part may overtake its whole.
        exposed_events: (b.exposed_total - b.exposed_events).max(0.0),
        unexposed_events: (b.unexposed_total - b.unexposed_events).max(0.0),
        ..*b
    };
    blocks.iter().map(failed).collect()
}

/// The null hypothesis of an effect on the share that must not fall, in failures: ratio and offset.
pub(super) fn null(effect: Effect) -> (f64, f64) {
    let (ratio, offset) = effect.null(Worse::Lower);
    (ratio, 1.0 - ratio - offset)
}

/// Puts the numbers of the share itself in the place of those of its failures; `blocks` are those of
/// the share.
pub(super) fn retold(
    mut comparison: Comparison,
    blocks: &[TwoArmBlock],
    question: &Question,
) -> Comparison {
    let dispersion = comparison.dispersion.last().copied().unwrap_or(1.0);
    let condensed = Condensed::new(&of(blocks));
    let exposed = totals(blocks.iter().map(|b| (b.exposed_events, b.exposed_total)));
    let unexposed = totals(blocks.iter().map(|b| (b.unexposed_events, b.unexposed_total)));
    let values = exposed.value.zip(unexposed.value);
    let alphas = question.of_ends();
    let swapped = (alphas.1, alphas.0);
    (comparison.estimate, (comparison.lower, comparison.upper)) = match comparison.scale {
        Scale::Ratio => (
            values.filter(|(_, c)| *c > 0.0).map(|(t, c)| t / c),
            condensed.complement_interval(values, dispersion, alphas),
        ),
        Scale::Difference | Scale::Level => {
            let (lower, upper) = condensed.difference_interval(dispersion, swapped);
            let of_failures = (upper.map(|x| -x), lower.map(|x| -x));
            (values.map(|(t, c)| t - c), of_failures)
        }
    };
    comparison.exposed = exposed;
    comparison.unexposed = Some(unexposed);
    comparison
}

//! Shares near 1 that must not fall, such as success: what is rare is the failure, so failures are
//! counted. `p_T >= a p_C + b` is `q_T <= a q_C + (1 - a - b)` for `q = 1 - p`, which the test of counts
//! takes as it is; common events it takes for rare ones, and a test of paired blocks needs two hours of
//! them. What is shown is retold in terms of what the plan counts.

use crate::stats::{Condensed, TwoArmBlock};
use crate::units::Worse;

use super::Scale;
use super::counts::{self, totals};
use super::evidence::Comparison;
use super::far_end::Measured;
use super::noise::Noise;
use super::question::{Orientation, Question};

/// Above this share of the unexposed arm its failures are counted. Simulated: at 0.7 the test of failures
/// with a history finds harm as soon as that of paired blocks in calm noise and later with drift, at 0.8
/// sooner and about as soon, at 0.9 and above an hour or two sooner in both.
pub(super) const MOSTLY: f64 = 0.8;

/// Whether failures are what is rare of a metric with this share in the unexposed arm, and what is counted.
pub(super) fn are_rare(worse: Worse, share: f64) -> bool {
    share > MOSTLY && worse == Worse::Lower
}

/// Whether failures are counted: by the history, else by the first blocks of the unexposed arm.
pub(super) fn counted(worse: Worse, history: &[TwoArmBlock], stage: &[TwoArmBlock]) -> bool {
    let sum = |blocks: &[TwoArmBlock], of: fn(&TwoArmBlock) -> (f64, f64)| {
        let (events, total) = blocks
            .iter()
            .map(of)
            .fold((0.0, 0.0), |sum, b| (sum.0 + b.0, sum.1 + b.1));
        if total > 0.0 { events / total } else { 0.0 }
    };
    let share = if history.is_empty() {
        let first = &stage[..stage.len().min(FIRST)];
        sum(first, |b| (b.unexposed_events, b.unexposed_total))
    } else {
        sum(history, |b| {
            let events = b.exposed_events + b.unexposed_events;
            (events, b.exposed_total + b.unexposed_total)
        })
    };
    are_rare(worse, share)
}

/// Without a history so many blocks tell: an hour.
const FIRST: usize = 12;

/// The same block with failures for events.
pub(super) fn of_block(block: &TwoArmBlock) -> TwoArmBlock {
    TwoArmBlock {
        // Counters of one arm are scraped at slightly different times: a part may overtake its whole.
        exposed_events: (block.exposed_total - block.exposed_events).max(0.0),
        unexposed_events: (block.unexposed_total - block.unexposed_events).max(0.0),
        ..*block
    }
}

/// Compares the arms by their failures; `noise` is of failures, too.
pub(super) fn compare(blocks: &[TwoArmBlock], question: &Question, noise: &Noise) -> Comparison {
    let failed: Vec<TwoArmBlock> = blocks.iter().map(of_block).collect();
    let asked = Question {
        towards: Orientation {
            failures: true,
            ..question.towards
        },
        ..*question
    };
    let comparison = counts::compare(&failed, &asked, noise);
    retold(comparison, &Condensed::new(&failed), blocks, question)
}

/// Puts the numbers of the share itself in the place of those of its failures; `blocks` are those of
/// the share.
fn retold(
    mut comparison: Comparison,
    condensed: &Condensed,
    blocks: &[TwoArmBlock],
    question: &Question,
) -> Comparison {
    // What decides upon a breach is never surer than what is shown.
    let tempering = comparison.seen.map(|seen| seen.noise.tempering);
    let dispersion = tempering
        .filter(|_| question.margin.is_some())
        .or(comparison.dispersion.last().copied())
        .unwrap_or(1.0);
    let exposed = totals(blocks.iter().map(|b| (b.exposed_events, b.exposed_total)));
    let unexposed = totals(
        blocks
            .iter()
            .map(|b| (b.unexposed_events, b.unexposed_total)),
    );
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
    comparison.measured = Measured::Fixed;
    comparison.unexposed = Some(unexposed);
    comparison
}

#[cfg(test)]
mod tests {
    use crate::stats::{CountNull, Direction, GRID, average};
    use crate::units::Effect;

    use super::*;

    fn log_e(effect: Effect, direction: Direction, exposed: f64) -> f64 {
        let failing = Orientation {
            worse: Worse::Lower,
            failures: true,
        };
        let (ratio, offset) = failing.harm_upwards(effect);
        let mut sums = [0.0; GRID];
        let block = TwoArmBlock {
            exposed_events: 1_000.0 - exposed,
            exposed_total: 1_000.0,
            unexposed_events: 98_010.0,
            unexposed_total: 99_000.0,
        };
        CountNull::new(ratio, offset, direction).add(&of_block(&block), &mut sums);
        average(&sums, &[0.0; GRID], 1.0).ln()
    }

    #[test]
    fn evidence_agrees_with_the_reference() {
        let margin = |m| log_e(Effect::Relative(m), Direction::Above, 40.0);
        assert!(
            (margin(0.02) - 0.367_175_962).abs() < 1e-8,
            "{}",
            margin(0.02)
        );
        assert!(
            (margin(0.05) + 4.138_019_446).abs() < 1e-8,
            "{}",
            margin(0.05)
        );
        let ruled_out = log_e(Effect::Ratio(1.1), Direction::Below, 10.0);
        assert!((ruled_out - 64.492_051_731).abs() < 1e-8, "{ruled_out}");
    }

    #[test]
    fn the_share_itself_is_shown() {
        let block = TwoArmBlock {
            exposed_events: 960.0,
            exposed_total: 1_000.0,
            unexposed_events: 8_910.0,
            unexposed_total: 9_000.0,
        };
        assert!(counted(Worse::Lower, &[], &[block]));
        assert!(!counted(Worse::Higher, &[], &[block]));
        for (margin, estimate) in [
            (Effect::Relative(0.02), 0.96 / 0.99),
            (Effect::Points(0.02), 0.96 - 0.99),
        ] {
            let question = Question {
                towards: Orientation {
                    worse: Worse::Lower,
                    failures: false,
                },
                margin: Some(margin),
                rule_out: Some(margin),
                role: crate::plan::Role::Guardrail,
                past: None,
                alphas: crate::judge::question::Alphas {
                    breach: 0.05,
                    pass: 0.05,
                },
            };
            let found = compare(&[block; 30], &question, &Noise::of_halves(&[], 300, 300));
            let shown = found.estimate.unwrap();
            let (lower, upper) = (found.lower.unwrap(), found.upper.unwrap());
            assert!((shown - estimate).abs() < 1e-12, "{shown}");
            assert!(lower < shown && shown < upper, "{lower} {upper}");
            // Beyond the margin is proven, and the interval agrees.
            let (ratio, offset) = margin.null(Worse::Lower);
            let margin = if margin.is_relative() { ratio } else { offset };
            assert!(
                found.breach[29].0 > 20.0_f64.ln() && upper < margin,
                "{upper}"
            );
        }
    }
}

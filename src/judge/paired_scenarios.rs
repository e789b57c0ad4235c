//! What the judge says of means, levels and common shares, scenario by scenario.

use crate::plan::{Column, Kind};
use crate::snapshot::GuardrailSeries;
use crate::units::{Bound, Worse};

use super::Verdict;
use super::fixture::*;

/// Means that vary from block to block, the same way in both arms.
fn means(level: f64, blocks: i64) -> GuardrailSeries {
    let wave = |k: i64, shift: i64| 1.0 + 0.1 * ((k * 7 + shift) % 11) as f64 / 11.0;
    let of = |level: f64, count: f64, shift: i64| {
        arm(&[
            (
                Column::Sum,
                (0..blocks)
                    .map(|k| Some(level * count * wave(k, shift)))
                    .collect(),
            ),
            (
                Column::Count,
                vec![Some(count); usize::try_from(blocks).unwrap()],
            ),
        ])
    };
    series(of(level, 50.0, 0), of(20.0, 450.0, 3), blocks)
}

#[test]
fn means_are_compared_by_blocks() {
    let value = guardrail(
        "order-value",
        Kind::Mean {
            worse: Worse::Lower,
        },
    );
    let lost = one(value.clone(), means(14.0, 200), 200);
    assert_eq!(lost.verdict, Verdict::Breach, "{}", lost.why);
    let kept = one(value.clone(), means(20.0, 200), 200);
    assert_eq!(kept.verdict, Verdict::Pass, "{}", kept.why);
    assert_eq!(
        one(value, means(20.0, 20), 20).verdict,
        Verdict::Inconclusive
    );
}

fn levels(exposed: f64, blocks: i64) -> GuardrailSeries {
    let of = |level: f64, shift: i64| {
        arm(&[(
            Column::Query,
            (0..blocks)
                .map(|k| Some(level + 0.01 * ((k * 5 + shift) % 7) as f64))
                .collect(),
        )])
    };
    series(of(exposed, 0), of(0.4, 2), blocks)
}

#[test]
fn levels_are_compared_by_blocks_and_held_to_limits() {
    let mut cpu = guardrail(
        "cpu",
        Kind::Gauge {
            worse: Worse::Higher,
        },
    );
    assert_eq!(
        one(cpu.clone(), levels(0.8, 100), 100).verdict,
        Verdict::Breach
    );
    assert_eq!(
        one(cpu.clone(), levels(0.4, 100), 100).verdict,
        Verdict::Pass
    );
    cpu.margin = None;
    cpu.limit = Some(Bound::plain(0.7).unwrap());
    let high = one(cpu.clone(), levels(0.8, 100), 100);
    assert_eq!(high.verdict, Verdict::Breach, "{}", high.why);
    assert_eq!(one(cpu, levels(0.5, 100), 100).verdict, Verdict::Pass);
}

#[test]
fn common_shares_are_compared_by_paired_blocks() {
    let half = |factor: f64| {
        series(
            steady(400.0 * factor, 1_000.0, 200),
            steady(3_600.0, 9_000.0, 200),
            200,
        )
    };
    assert_eq!(one(errors(), half(1.3), 200).verdict, Verdict::Breach);
    assert_eq!(one(errors(), half(1.0), 200).verdict, Verdict::Pass);
}

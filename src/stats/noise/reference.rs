//! Reference values, which another implementation of the same formulas gave, and what they are of.

use super::super::{CountNull, Direction, TwoArmBlock};
use super::*;

/// Equal to the digits that are written, of which the last is not rounded everywhere.
pub(super) fn close(got: f64, expected: f64) {
    assert!(
        (got - expected).abs() < 1.1e-8 * expected.abs().max(1.0),
        "{got} {expected}"
    );
}

/// 96 blocks of eight groups; the first four drift together.
pub(super) fn learning_groups() -> Vec<Vec<GroupBlock>> {
    (0..8_i32)
        .map(|group| {
            let drifts = |block: i32| {
                if group < 4 && (block / 12) % 2 == 0 {
                    3.0
                } else {
                    0.0
                }
            };
            (0..96_i32)
                .map(|block| {
                    let events = (7_919 * block + 104_729 * group) % 13;
                    (f64::from(events) + drifts(block), 500.0)
                })
                .collect()
        })
        .collect()
}

/// Eight instances that differ.
pub(super) fn instances() -> Instances {
    let events = [40.0, 55.0, 38.0, 71.0, 46.0, 29.0, 60.0, 33.0];
    Instances {
        sums: events.map(|events| (events, 5_000.0)).to_vec(),
    }
}

/// An exposed hundredth with twice the events.
fn block(i: i32) -> TwoArmBlock {
    TwoArmBlock {
        exposed_events: f64::from(3 + 7_919 * i % 7),
        exposed_total: 300.0,
        unexposed_events: f64::from(280 + 104_729 * i % 37),
        unexposed_total: 29_700.0,
    }
}

fn stage(ratio: f64, belief: Belief, blocks: i32) -> (StageEvidence, Vec<StageReading>) {
    let settings = NoiseSettings {
        drift: 0.085,
        drift_shows: 12.0,
        gross_blocks: 4,
        granted: 0.65,
        onsets: Onsets {
            sudden: 0.0,
            horizon: 12.0,
            ..Onsets::usual(24)
        },
        scale: 1.0,
    };
    let null = CountNull::new(ratio, 0.0, Direction::Above);
    let mut evidence = StageEvidence::new(settings, null, belief);
    let readings = (0..blocks).map(|i| evidence.push(&block(i))).collect();
    (evidence, readings)
}

/// After so many blocks: the dispersion, with what is granted in the first part, and the log evidence.
fn compare(readings: &[StageReading], expected: &[(usize, f64, f64)]) {
    let mut information = 0.0;
    let mut granted = Vec::new();
    for (k, _) in readings.iter().enumerate() {
        let block = block(i32::try_from(k).unwrap());
        let events = block.exposed_events + block.unexposed_events;
        information += events * block.share() * (1.0 - block.share());
        granted.push(if k < 4 {
            0.65 * 0.65 * information
        } else {
            0.0
        });
    }
    for (blocks, dispersion, log_e) in expected {
        let reading = readings[blocks - 1];
        close(reading.tempering + granted[blocks - 1], *dispersion);
        close(reading.log_e, *log_e);
    }
}

#[test]
fn a_stage_without_a_past_has_the_reference_evidence() {
    let (evidence, readings) = stage(1.1, Belief::guess(0.0), 60);
    compare(
        &readings,
        &[
            (1, 4.185_275_35, -0.314_727_77),
            (4, 10.077_625_06, -0.011_590_25),
            (5, 3.536_108_37, -1.245_288_50),
            (10, 2.302_710_02, 1.681_576_50),
            (24, 1.732_883_23, 8.954_881_14),
            (25, 1.642_077_23, 11.154_992_81),
            (60, 1.754_735_89, 26.213_895_14),
        ],
    );
    let left = evidence.of_stage().unwrap();
    close(left.low, 0.061_277_38);
    close(left.mid, 0.117_400_67);
    close(left.up, 0.269_570_29);
    close(left.long_run_low, 0.067_134_32);
    close(left.long_run_mid, 0.113_015_10);
    assert!((left.pace - 2.995_74).abs() < 5e-6);
    close(left.weight, 60.0);
    close(left.freedom, 10.593_589_54);
}

#[test]
fn a_stage_with_a_past_has_the_reference_evidence() {
    let learnt = Learnt::from_groups(&learning_groups(), 300.0).unwrap();
    let ratio = 1.1 * instances().widening(learnt.clumps, 50.0, 50.0);
    let (_, readings) = stage(ratio, Belief::of(Some(&learnt), None), 60);
    compare(
        &readings,
        &[
            (1, 2.624_557_25, -0.427_082_52),
            (4, 6.509_392_61, -0.016_269_18),
            (5, 1.510_312_43, -1.356_462_68),
            (10, 1.573_364_03, 2.139_905_90),
            (24, 1.782_781_61, 6.569_721_03),
            (60, 2.091_133_61, 16.300_824_19),
        ],
    );
}
